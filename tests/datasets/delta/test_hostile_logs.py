"""Logs are anybody's data: nothing in one leads out of the table, or ends in a traceback."""

from __future__ import annotations

import json
from contextlib import suppress

import pyarrow as pa
import pytest
from delta_tables import TABLE, actions, commit, commits, planned, read
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import AuditkitError, DataNotFoundError, TableFormatError, UnsafePathError

OUTSIDE = ["../secret", "/etc/passwd", "file:/etc/passwd", "s3://bucket/key", "a/%2e%2e/%2e%2e/b"]


@pytest.fixture
def folder(tmp_path):
    write_deltalake(tmp_path / "t", TABLE)
    return tmp_path / "t"


@pytest.mark.parametrize("path", [*OUTSIDE, "a%0Ab", "a%FF", "a//b", ""])
def test_paths_that_are_no_part_of_the_table(folder, path):
    commit(folder, {"add": {"path": path, "size": 1, "partitionValues": {}}})
    with pytest.raises(TableFormatError):
        planned(folder)


def test_shallow_clone_is_told_from_a_table(folder):
    commit(folder, {"add": {"path": "s3://bucket/x.parquet", "size": 1, "partitionValues": {}}})
    with pytest.raises(TableFormatError, match="elsewhere") as caught:
        planned(folder)
    assert "deep clone" in caught.value.hint


def test_link_out_of_the_table(folder, tmp_path):
    (path,) = folder.glob("*.parquet")
    path.rename(tmp_path / "elsewhere.parquet")
    path.symlink_to(tmp_path / "elsewhere.parquet")
    with pytest.raises(UnsafePathError, match="leads out"):
        planned(folder)


def test_link_inside_the_table(folder):
    before = read(folder)
    (path,) = folder.glob("*.parquet")
    path.rename(folder / "elsewhere")
    path.symlink_to("elsewhere")
    assert read(folder).root == before.root


def test_log_that_names_itself_as_data(folder):
    name = "_delta_log/00000000000000000000.json"
    commit(folder, {"add": {"path": name, "size": 1, "partitionValues": {}}})
    with pytest.raises(TableFormatError, match="names itself"):
        planned(folder)


def test_one_file_under_two_spellings(folder):
    (add,) = (each["add"] for each in actions(commits(folder)[0]) if "add" in each)
    commit(folder, {"add": {**add, "path": "%70" + add["path"][1:]}})
    with pytest.raises(TableFormatError, match="cannot be recorded"):
        planned(folder)


@pytest.mark.parametrize(
    "feature", ["catalogManaged", "icebergWriterCompatV9", "columnMapping2", "x" * 300]
)
def test_features_that_are_not_known(folder, feature):
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": [feature]}
    commit(folder, {"protocol": {**protocol, "writerFeatures": [feature]}})
    with pytest.raises(TableFormatError, match="asks its readers for") as caught:
        planned(folder)
    assert len(str(caught.value)) < 500


def test_newer_reader_version(folder):
    commit(folder, {"protocol": {"minReaderVersion": 4, "minWriterVersion": 7}})
    with pytest.raises(TableFormatError, match="reader version 4"):
        planned(folder)


@pytest.mark.parametrize("type_", ["variant", "void", {"type": "tuple"}, 7, {"type": "struct"}])
def test_types_without_a_counterpart(folder, type_):
    set_column(folder, type_)
    with pytest.raises(TableFormatError):
        planned(folder)


def test_types_nested_without_end(folder):
    type_: object = "long"
    for _ in range(40):
        type_ = {"type": "array", "elementType": type_, "containsNull": True}
    set_column(folder, type_)
    with pytest.raises(TableFormatError, match="nested"):
        planned(folder)


def test_schema_nested_deeper_than_any_stack(folder):
    set_column(folder, "X")
    text = commits(folder)[1].read_text().replace('\\"X\\"', "[" * 100_000)
    commits(folder)[1].write_text(text)
    with pytest.raises(TableFormatError):
        planned(folder)


def set_column(folder, type_):
    lines = actions(commits(folder)[0])
    (metadata,) = (each["metaData"] for each in lines if "metaData" in each)
    fields = [{"name": "c", "type": type_, "nullable": True, "metadata": {}}]
    schema = json.dumps({"type": "struct", "fields": fields})
    commit(folder, {"metaData": {**metadata, "schemaString": schema}})


@pytest.mark.parametrize("line", ["{", "[]", '{"add":{}}', '{"add":5}', "\ud800", "[" * 100_000])
def test_lines_that_are_no_actions(folder, line):
    path = commits(folder)[0]
    path.write_bytes(path.read_bytes() + line.encode("utf-8", "surrogatepass") + b"\n")
    with pytest.raises(TableFormatError, match=r"line \d+ is no action"):
        planned(folder)


def test_log_without_schema_or_protocol(folder):
    path = commits(folder)[0]
    path.write_text('{"commitInfo":{}}\n')
    with pytest.raises(TableFormatError, match="no protocol or no schema"):
        planned(folder)


def test_gap_in_the_log(folder):
    commit(folder)
    commit(folder)
    commits(folder)[1].unlink()
    with pytest.raises(DataNotFoundError, match="no version 2"):
        planned(folder)


def test_names_that_state_absurd_versions(folder):
    (folder / "_delta_log/99999999999999999999.json").write_text("{}\n")
    with pytest.raises(DataNotFoundError, match="no version 99999999999999999999"):
        planned(folder)
    assert planned(folder, "0").version == "0"


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A table whose version is in a commit and in a checkpoint, with both files' good bytes."""
    folder = tmp_path_factory.mktemp("logs") / "t"
    write_deltalake(folder, TABLE)
    DeltaTable(folder).create_checkpoint()
    (checkpoint,) = (folder / "_delta_log").glob("*.checkpoint.parquet")
    return folder, [(path, path.read_bytes()) for path in (commits(folder)[0], checkpoint)]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_logs_and_checkpoints_are_errors_of_ours(logs, data):
    folder, files = logs
    path, good = data.draw(st.sampled_from(files))
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    for each, _ in files:
        each.unlink(missing_ok=True)
    path.write_bytes(bad)
    with suppress(AuditkitError):
        read(folder, content=None)


def test_checkpoint_of_other_columns(folder):
    DeltaTable(folder).create_checkpoint()
    (checkpoint,) = (folder / "_delta_log").glob("*.checkpoint.parquet")
    pa.parquet.write_table(pa.table({"add": [1], "metaData": ["x"]}), checkpoint)
    with pytest.raises(TableFormatError):
        planned(folder)


def test_partition_values_that_are_none_of_the_type(tmp_path):
    write_deltalake(tmp_path / "t", TABLE.select(["id", "day"]), partition_by=["day"])
    path = commits(tmp_path / "t")[0]
    path.write_text(path.read_text().replace('{"day":"20', '{"day":"no'))
    with pytest.raises(TableFormatError, match="of a partition column"):
        planned(tmp_path / "t")
