"""Text is read again as it was recorded: schema, dialect and null tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from row_tables import capture_tables, places

from auditkit.signing.signer import Signer

CSV = "id,at,ok\n1,2026-01-01,true\n2,2026-01-02,false\n"
CSV_CASES = {
    "quoted": ('id,at,ok\n"1","2026-01-01",true\n2,2026-01-02,false\n', "relaid"),
    "other line ends": (CSV.replace("\n", "\r\n"), "relaid"),
    "other null token": (CSV, "intact"),
    "another delimiter": (CSV.replace(",", ";"), "altered"),
    "a header renamed": (CSV.replace("ok", "OK"), "altered"),
    "a column added": ("id,at,ok,x\n1,2026-01-01,true,\n2,2026-01-02,false,\n", "altered"),
    "another value": (CSV.replace("true", "false"), "altered"),
    "no number": (CSV.replace("2,", "x,"), "altered"),
    "columns swapped": ("at,id,ok\n2026-01-01,1,true\n2026-01-02,2,false\n", "altered"),
}


@pytest.mark.parametrize("name", CSV_CASES)
def test_csv_is_read_as_it_was_recorded(tmp_path: Path, signer: Signer, name: str) -> None:
    path = tmp_path / "data/t.csv"
    path.parent.mkdir()
    path.write_text(CSV)
    project = capture_tables(tmp_path, signer)
    text, condition = CSV_CASES[name]
    path.write_bytes(text.encode())
    assert project.verify().dataset("t").condition == condition


def test_a_type_that_would_be_inferred_otherwise_is_no_change(
    tmp_path: Path, signer: Signer
) -> None:
    for number, text in enumerate(["0.5\n", "7\n"]):
        (tmp_path / "data/t").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"data/t/{number}.csv").write_text(f"a\n{text}")
    project = capture_tables(tmp_path, signer)
    assert project.verify().dataset("t").condition == "intact"
    (tmp_path / "data/t/1.csv").write_text("a\n7.0\n")
    assert project.verify().dataset("t").condition == "relaid"


LONG = "7," + "y" * 3_000_000 + "\n"
"""A row that does not fit the first size of block that is tried."""


@pytest.mark.parametrize("content", ["sequence", "bag"])
@pytest.mark.parametrize("files", [{0}, {1}, {1, 2}])
def test_long_rows_are_read_again_wherever_they_are(
    tmp_path: Path, signer: Signer, content: str, files: set[int]
) -> None:
    folder = tmp_path / "data/t"
    folder.mkdir(parents=True)
    for number in range(3):
        rows = "".join(f"{row},x\n" for row in range(1_000))
        text = f"a,b\n{rows}{LONG if number in files else ''}"
        (folder / f"{number}.csv").write_text(text)
    project = capture_tables(tmp_path, signer, content=content, row_digests=content == "bag")
    outcome = project.verify()
    assert outcome.dataset("t").condition == "intact"
    assert outcome.verdict.exit_code == 0
    path = folder / "2.csv"
    path.write_text(path.read_text().replace("999,x", "999,z"))
    last = 3_000 + len(files) - (2 if 2 in files else 1)
    found = places(project.verify())
    assert {place.file for place in found} == {"2.csv"}
    if content == "bag":
        assert [place.rows for place in found] == [(last, last)]
