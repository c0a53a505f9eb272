"""Text is read again as it was recorded: schema, dialect and null tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from row_tables import capture_tables, places

from auditkit.manifest.model import CsvDialect
from auditkit.signing.signer import Signer

CSV = "id,at,ok\n1,2026-01-01,true\n2,2026-01-02,false\n"
CSV_CASES = {
    "quoted": ('id,at,ok\n"1","2026-01-01",true\n2,2026-01-02,false\n', "relaid"),
    "other line ends": (CSV.replace("\n", "\r\n"), "relaid"),
    "a blank before a day": (CSV.replace("2026-01-01", " 2026-01-01"), "relaid"),
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


NULLS = "n,s\nNA,NA\n1,nan\n,x\nnull,\n"
NULL_CASES = {
    "another null token": ("n,s\nNaN,NA\n1,nan\n,x\nN/A,\n", "relaid"),
    "a text that is no null token": (NULLS.replace("\nNA", "\nnone"), "altered"),
    "a value for null": (NULLS.replace("\nNA", "\n0"), "altered"),
    "null for a value": (NULLS.replace("\n1", "\nNA"), "altered"),
    "another text that is null elsewhere": (NULLS.replace(",nan", ",NA"), "altered"),
    "an empty text for one": (NULLS.replace(",nan", ","), "altered"),
}


@pytest.mark.parametrize("name", NULL_CASES)
def test_null_tokens_are_those_recorded(tmp_path: Path, signer: Signer, name: str) -> None:
    path = tmp_path / "data/t.csv"
    path.parent.mkdir()
    path.write_text(NULLS)
    project = capture_tables(tmp_path, signer)
    text, condition = NULL_CASES[name]
    path.write_text(text)
    assert project.verify().dataset("t").condition == condition


def test_neither_dialect_nor_null_tokens_are_guessed_again(
    tmp_path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data/t.csv"
    path.parent.mkdir()
    path.write_text(NULLS)
    project = capture_tables(tmp_path, signer)

    def guess(*_: object) -> CsvDialect:
        raise AssertionError

    monkeypatch.setattr("auditkit.datasets.tables.sniff_dialect", guess)
    assert project.verify().dataset("t").condition == "intact"


JSONL = '{"n": 1, "x": 0.5, "s": "a", "l": [1]}\n{"n": null, "x": 2.0, "s": "", "l": []}\n'
JSONL_CASES = {
    "other blanks": (JSONL.replace(": ", ":").replace(", ", ","), "relaid"),
    "keys in another order": (
        '{"s": "a", "n": 1, "x": 0.5, "l": [1]}\n{"s": "", "x": 2.0, "l": [], "n": null}\n',
        "relaid",
    ),
    "a key left out for null": (JSONL.replace('"n": null, ', ""), "relaid"),
    "another way to write a number": (JSONL.replace("2.0", "2"), "relaid"),
    "an escape": (JSONL.replace('"a"', '"\\u0061"'), "relaid"),
    "an empty line": (JSONL.replace("}\n{", "}\n\n{"), "relaid"),
    "another number": (JSONL.replace("0.5", "0.25"), "altered"),
    "a number with a fraction": (JSONL.replace('"n": 1', '"n": 1.5'), "altered"),
    "text for a number": (JSONL.replace('"n": 1', '"n": "1"'), "altered"),
    "null for a text": (JSONL.replace('"s": ""', '"s": null'), "altered"),
    "null for an empty list": (JSONL.replace("[]", "null"), "altered"),
    "a key more": (JSONL.replace('"n": 1', '"n": 1, "more": 1'), "altered"),
    "records in another order": ("".join(JSONL.splitlines(keepends=True)[::-1]), "altered"),
    "a record twice": (JSONL + JSONL.splitlines(keepends=True)[0], "altered"),
}


@pytest.mark.parametrize("name", JSONL_CASES)
def test_json_lines_are_read_as_they_were_recorded(
    tmp_path: Path, signer: Signer, name: str
) -> None:
    path = tmp_path / "data/t.jsonl"
    path.parent.mkdir()
    path.write_text(JSONL)
    project = capture_tables(tmp_path, signer)
    assert project.verify().dataset("t").condition == "intact"
    text, condition = JSONL_CASES[name]
    path.write_text(text)
    assert project.verify().dataset("t").condition == condition


def test_json_types_of_all_files_are_those_of_each(tmp_path: Path, signer: Signer) -> None:
    (tmp_path / "data/t").mkdir(parents=True)
    for number, text in enumerate(['{"a": 0.5}\n', '{"a": 7}\n', '{"b": "x"}\n']):
        (tmp_path / f"data/t/{number}.jsonl").write_text(text)
    project = capture_tables(tmp_path, signer)
    assert project.verify().dataset("t").condition == "intact"
    (tmp_path / "data/t/1.jsonl").write_text('{"a": 7.0, "b": null}\n')
    assert project.verify().dataset("t").condition == "relaid"


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
