from __future__ import annotations

import gzip
import io
import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.json as pa_json
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets import table_jsonl
from auditkit.datasets.arrow_schema import fields_of
from auditkit.datasets.base import Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.errors import TableFormatError
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import SilentProgress

SCALARS = st.sampled_from(
    [None, 0, 7, -1, 2.5, 10**25, True, "x", "2020-01-01", "2020-01-01T10:00:00", 'é\n"{[']
)
RECORDS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.one_of(
        SCALARS,
        st.lists(st.sampled_from([None, 1, 2.5]), max_size=3),
        st.dictionaries(st.sampled_from(["p", "q"]), SCALARS, max_size=2),
    ),
)


def as_record(found):
    return SimpleNamespace(table=found.table, schema=found.schema)


def types_of(found):
    return [(field.name, field.type) for field in found.schema.fields]


@settings(deadline=None, max_examples=300)
@given(st.lists(RECORDS, min_size=1, max_size=20), st.sampled_from([16, 64, 300]))
def test_types_are_those_of_the_whole_file(tmp_path_factory, records, block):
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    content = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(content)
    found = plan(Reference("a.jsonl"), base=path.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_jsonl, "BLOCK_BYTES", block)
        try:
            expected = pa_json.read_json(
                io.BytesIO(content), read_options=pa_json.ReadOptions(block_size=len(content) + 1)
            )
        except pa.ArrowInvalid:
            with pytest.raises(TableFormatError):
                scan(found, executor=ThreadExecutor(1), progress=SilentProgress())
            return
        result = scan(found, executor=ThreadExecutor(1), progress=SilentProgress())
    assert result.schema.fields == fields_of(expected.schema)
    assert result.rows == len(records)


def test_blank_lines_mark_and_missing_end(tmp_path, scan_ref):
    (tmp_path / "a.ndjson").write_bytes(b'\xef\xbb\xbf\n{"a":1}\r\n\n  \n{"b":null}')
    found = scan_ref("a.ndjson")
    assert found.rows == 2
    assert types_of(found) == [("a", "int64"), ("b", "null")]


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_no_records(tmp_path, scan_ref, content):
    (tmp_path / "a.jsonl").write_bytes(content)
    found = scan_ref("a.jsonl")
    assert (found.rows, found.schema.fields) == (0, ())


def test_compressed(tmp_path, scan_ref):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"a":1}\n' * 5000))
    found = scan_ref("a.jsonl.gz")
    assert (found.rows, found.table.compression) == (5000, ("gzip",))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"a":1}\n\n{"a":\n', "line 3: "),
        (b'{"a":1}\n{"a":"secret"}\n', r"line 2: Column\(/a\) changed from number to string"),
        (b'{"a":1}{"a":2}\n', "not alone on its line"),
        (b'{"a":\n1}\n', "line 1|not alone"),
        (b"[1]\n", "line 1: .*array"),
        (b"5\n", "line 1: "),
        (b'{"a":1,"a":2}\n', "specified twice"),
        (b'{"a":"\xff"}\n', "line 1 is not UTF-8"),
        (b'{"a":1}\n' * 3 + b'{"a":"\xff"}\n', "line 4 is not UTF-8"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1 is nested"),
        (b'{"a":1}\n{"a":' + b'{"a":' * 100_000 + b"\n", "line 2 is nested"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}\n", "nested more than 24"),
        (b'{"a":"' + b"x" * (33 * 1024 * 1024) + b'"}\n', "a line has more than"),
    ],
)
def test_bad_files(tmp_path, scan_ref, content, reason):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(TableFormatError, match=reason) as caught:
        scan_ref("a.jsonl")
    assert caught.value.path == str(path)
    assert "secret" not in str(caught.value)
    collected = scan_ref("a.jsonl", collect=True)
    assert len(collected.problems) == 1
    assert collected.root["sha256"]


def test_many_brackets_on_one_line_are_fine_when_flat(tmp_path, scan_ref):
    record = {"a": [{"b": [i], "c": ']]}}[[{{\\"'} for i in range(2000)]}
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n")
    assert scan_ref("a.jsonl").rows == 1


def test_types_that_do_not_join_over_blocks(tmp_path, scan_ref, monkeypatch):
    monkeypatch.setattr(table_jsonl, "BLOCK_BYTES", 16)
    (tmp_path / "a.jsonl").write_text('{"a":1}\n' * 10 + '{"a":"x"}\n')
    with pytest.raises(TableFormatError, match="'a' is int64 in some records and string"):
        scan_ref("a.jsonl")


def test_recorded_types_are_used(tmp_path, scan_ref):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a":1,"b":"2020-01-01"}\n{"a":2.5,"b":"x"}\n')
    record = as_record(scan_ref("a.jsonl"))
    path.write_text('{"a":1,"b":"2020-01-01"}\n')
    assert scan_ref("a.jsonl", recorded=record).schema == record.schema
    path.write_text('{"a":1,"b":"x","c":true}\n')
    assert types_of(scan_ref("a.jsonl", recorded=record)) == [
        ("a", "float64"),
        ("b", "string"),
        ("c", "bool"),
    ]


def test_what_does_not_fit_the_record_is_a_problem(tmp_path, scan_ref):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a":1}\n')
    record = as_record(scan_ref("a.jsonl"))
    path.write_text('{"a":2.5}\n')
    again = scan_ref("a.jsonl", recorded=record, collect=True)
    (problem,) = again.problems
    assert "of another type" in problem.error.message
    assert "2.5" not in problem.error.message


def test_folder_joins_like_one_file(tmp_path, scan_ref):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/1.jsonl").write_text('{"a":1,"b":null}\n')
    (tmp_path / "d/2.jsonl").write_text('{"a":2.5,"c":[1]}\n')
    assert types_of(scan_ref("d")) == [("a", "float64"), ("b", "null"), ("c", "list")]
    (tmp_path / "d/3.jsonl").write_text('{"a":"x"}\n')
    with pytest.raises(TableFormatError, match="'a' is float64"):
        scan_ref("d")
