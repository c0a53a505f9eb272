"""Added rows of a bag are named, removed ones counted, where row digests were recorded."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from projects import Project
from row_tables import TABLE, capture_tables, changed, places, row_findings, write_parts

from auditkit.findings import Location
from auditkit.signing.signer import Signer
from auditkit.verification import changed_rows, content_check

ROWS = TABLE.slice(0, 5_000)
FILE_ROWS = 2_000
GROUP_ROWS = 500


def write(table: pa.Table, project: Path) -> None:
    write_parts(table, project / "data/train", rows=FILE_ROWS, row_group_size=GROUP_ROWS)


@pytest.fixture
def bag(tmp_path: Path, signer: Signer) -> Project:
    write(ROWS, tmp_path)
    return capture_tables(tmp_path, signer, content="bag", row_digests=True)


def summary(project: Project) -> str:
    return row_findings(project.verify())[0].detail


def test_rows_in_another_order_are_no_change(bag: Project) -> None:
    assert bag.verify().dataset("train").condition == "intact"
    write(ROWS.sort_by("value"), bag.root)
    assert bag.verify().dataset("train").condition == "relaid"


@pytest.mark.parametrize("few", [0, 1 << 17], ids=["processes", "threads"])
def test_a_changed_value_is_a_row_added_and_one_removed(
    bag: Project, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("auditkit.datasets.content_work.FEW_ROWS", few)
    write(changed(ROWS, "label", 2_700, "x"), bag.root)
    outcome = bag.verify()
    assert outcome.verdict.exit_code == 10
    first, *located = row_findings(outcome)
    assert first.detail == "1 row added, 1 row removed; 4,999 of 5,000 rows as recorded"
    assert [each.detail for each in located] == ["not recorded"]
    assert places(outcome) == [Location(file="part-01.parquet", row_group=1, rows=(2_700, 2_700))]


def test_added_rows_that_follow_each_other_are_one_place(bag: Project) -> None:
    more = TABLE.slice(9_000, 3)
    write(pa.concat_tables([ROWS.slice(0, 100), more, ROWS.slice(100)]), bag.root)
    outcome = bag.verify()
    assert "3 rows added; 5,000 of 5,000 rows as recorded" in row_findings(outcome)[0].detail
    assert places(outcome) == [Location(file="part-00.parquet", row_group=0, rows=(100, 102))]


def test_rows_added_more_than_once_are_told_from_copies_of_recorded_ones(bag: Project) -> None:
    strange = changed(ROWS.slice(0, 1), "label", 0, "x")
    write(pa.concat_tables([ROWS, strange, ROWS.slice(7, 1), strange]), bag.root)
    outcome = bag.verify()
    assert [(each.detail, each.location.rows) for each in row_findings(outcome)[1:]] == [
        ("not recorded", (5_000, 5_000)),
        ("more often than recorded", (5_001, 5_001)),
        ("not recorded", (5_002, 5_002)),
    ]


def test_removed_rows_are_counted(bag: Project) -> None:
    write(ROWS.slice(10), bag.root)
    outcome = bag.verify()
    assert places(outcome) == []
    assert row_findings(outcome)[0].detail == ("10 rows removed; 4,990 of 5,000 rows as recorded")


def test_only_files_that_changed_are_read_again(
    bag: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bag.root / "data/train/part-02.parquet"
    pq.write_table(changed(pq.read_table(path), "label", 3, "x"), path)
    find, asked = content_check.find_added, []

    def watch(*arguments, **options):
        asked.append(options["files"])
        return find(*arguments, **options)

    monkeypatch.setattr(content_check, "find_added", watch)
    assert [place.rows for place in places(bag.verify())] == [(4_003, 4_003)]
    assert asked == [{"part-02.parquet"}]


def test_a_file_that_came_is_where_its_rows_are(bag: Project) -> None:
    pq.write_table(TABLE.slice(7_000, 40), bag.root / "data/train/part-07.parquet")
    outcome = bag.verify()
    assert places(outcome) == [Location(file="part-07.parquet", row_group=0, rows=(5_000, 5_039))]


@pytest.mark.parametrize("files", [1, 3])
def test_rows_of_text_are_named_too(tmp_path: Path, signer: Signer, files: int) -> None:
    folder = tmp_path / "data/t"
    folder.mkdir(parents=True)
    for number in range(files):
        pa_csv.write_csv(ROWS.slice(number * 100, 100), folder / f"{number}.csv")
    project = capture_tables(tmp_path, signer, content="bag", row_digests=True)
    path = folder / f"{files - 1}.csv"
    path.write_text(path.read_text() + "7,7,x\n")
    rows = files * 100
    assert places(project.verify()) == [Location(file=path.name, rows=(rows, rows))]


def test_rows_under_folders_with_values_are_named_too(tmp_path: Path, signer: Signer) -> None:
    for month in (1, 2):
        write_parts(TABLE.slice(0, 100), tmp_path / f"data/train/month={month}")
    project = capture_tables(tmp_path, signer, content="bag", row_digests=True)
    write_parts(changed(TABLE.slice(0, 100), "id", 8, -1), tmp_path / "data/train/month=2")
    outcome = project.verify()
    assert places(outcome) == [
        Location(file="month=2/part-00.parquet", row_group=0, rows=(108, 108))
    ]


def test_many_places_are_counted(bag: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_rows, "MOST_PLACES", 3)
    table = ROWS.set_column(
        2, "label", pa.array(["x" if n % 2 else v.as_py() for n, v in enumerate(ROWS["label"])])
    )
    write(table, bag.root)
    details = [each.detail for each in row_findings(bag.verify())]
    assert details[0].startswith("2,500 rows added, 2,500 rows removed")
    assert details[-1] == "2,497 more places with changed rows"
    assert len(details) == 5


def test_too_many_added_rows_are_only_counted(
    bag: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditkit.datasets.content.row_difference.MOST_ADDED", 10)
    write(TABLE.slice(5_000, 5_000), bag.root)
    outcome = bag.verify()
    assert row_findings(outcome)[0].detail.endswith("the added ones are too many to be named")
    assert places(outcome) == []


def test_a_table_that_changes_before_it_is_searched_is_an_open_question(
    bag: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(changed(ROWS, "label", 2_700, "x"), bag.root)
    find = content_check.find_added

    def remove_and_find(plan, *arguments, **options):
        (bag.root / "data/train/part-01.parquet").unlink()
        return find(plan, *arguments, **options)

    monkeypatch.setattr(content_check, "find_added", remove_and_find)
    assert "which ones could not be found out" in summary(bag)


def test_a_sidecar_of_other_rows_locates_nothing(bag: Project) -> None:
    (bag.folder / "train.rows.parquet").write_bytes(b"x")
    write(changed(ROWS, "label", 2_700, "x"), bag.root)
    outcome = bag.verify()
    assert "failed" in outcome.statuses("sidecar")
    assert row_findings(outcome)[0].detail == (
        "the rows are others; without row digests nothing says which"
    )
    assert places(outcome) == []


def test_row_digests_are_not_handed_on_with_a_report(bag: Project) -> None:
    outcome = bag.verify()
    names = {each.name for run in outcome.runs for each in run.attachments}
    assert "train.inventory.parquet" in names
    assert "train.rows.parquet" not in names
    assert (bag.folder / "train.rows.parquet").is_file()


def test_evidence_without_row_digests_passes_and_says_so(bag: Project) -> None:
    (bag.folder / "train.rows.parquet").unlink()
    outcome = bag.verify()
    assert outcome.verdict.status == "passed"
    (left_out,) = (
        each for each in outcome.verdict.targets[0].findings if each.subject == "train.rows.parquet"
    )
    assert (left_out.check, left_out.status) == ("sidecar", "skipped")
    write(changed(ROWS, "label", 2_700, "x"), bag.root)
    assert "without row digests nothing says which" in row_findings(bag.verify())[0].detail
