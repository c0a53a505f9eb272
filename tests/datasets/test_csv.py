from __future__ import annotations

import bz2
import gzip
import io
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets.arrow_schema import fields_of
from auditkit.datasets.base import Reference
from auditkit.datasets.csv_dialect import sniff_dialect
from auditkit.datasets.kinds import NameKind
from auditkit.datasets.part_reading import BatchReader, PartTask
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.datasets.table_csv import MAX_ROW_BYTES, CsvLayout
from auditkit.datasets.unify import CSV_ORDER, holds_all
from auditkit.errors import TableFormatError
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import SilentProgress
from auditkit.manifest.model import CsvDialect

VALUES = [
    "", "NA", "nan", "0", "1", "7", "-3", "1.5", "1e3", "inf", "true", "FALSE",
    "2020-01-01", "0001-01-01", "12:00", "12:00:01", "2020-01-01 10:00", "1500-01-01 10:00",
    "2020-01-01 10:00:00.123", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5+01:00",
    "99999999999999999999", "x", "0x10", " 1", "two words",
]  # fmt: skip
DIALECT = CsvDialect(delimiter=",", null_values=tuple(pa_csv.ConvertOptions().null_values))


def as_record(found):
    """What verification knows of an earlier scan, as far as reading again needs it."""
    return SimpleNamespace(table=found.table, schema=found.schema)


def types_of(found):
    return [(field.name, field.type) for field in found.schema.fields]


def whole_file_types(content: bytes) -> list[str]:
    table = pa_csv.read_csv(
        io.BytesIO(content),
        pa_csv.ReadOptions(block_size=len(content) + 1, use_threads=False),
        pa_csv.ParseOptions(newlines_in_values=True),
    )
    return [field.type for field in fields_of(table.schema)]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.lists(st.sampled_from(VALUES), min_size=1, max_size=4), min_size=2, max_size=2),
    st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)), max_size=30),
    st.sampled_from([48, 64, 200]),
)
def test_types_are_those_of_the_whole_file(tmp_path_factory, firsts, rows, block):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    # Runs of one value, so that early blocks do not tell what comes later.
    lead = [(a, b) for a, b in zip(*firsts, strict=False) for _ in range(12)]
    content = b"a,b\n" + "".join(f'"{a}","{b}"\n' for a, b in lead + rows).encode()
    path.write_bytes(content)
    (part,) = plan(Reference("a.csv"), base=path.parent).parts
    task = PartTask(part, "full", NameKind("csv", ".csv"), CsvLayout(DIALECT, block=block))
    (result,) = BatchReader(SilentProgress(), collect=False)((task,))
    assert [field.type for field in result.table.fields] == whole_file_types(content)
    assert result.table.rows == len(lead) + len(rows)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(st.sampled_from(VALUES), min_size=1, max_size=5), min_size=1, max_size=4))
def test_types_of_a_folder_are_those_of_its_files_as_one(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("csv")
    for i, values in enumerate(files):
        body = "".join(f'"{value}",k\n' for value in values)
        (root / f"{i}.csv").write_text("a,b\n" + body)
    found = scan(
        plan(Reference("."), base=root), executor=ThreadExecutor(1), progress=SilentProgress()
    )
    whole = "a,b\n" + "".join(f'"{value}",k\n' for values in files for value in values)
    assert [field.type for field in found.schema.fields] == whole_file_types(whole.encode())
    assert found.rows == sum(map(len, files))
    again = scan(
        plan(Reference("."), base=root),
        executor=ThreadExecutor(1),
        progress=SilentProgress(),
        recorded=as_record(found),
        collect=True,
    )
    assert (again.problems, again.schema, again.table) == ((), found.schema, found.table)


@pytest.mark.parametrize("narrow", CSV_ORDER)
@pytest.mark.parametrize("wide", CSV_ORDER)
def test_what_holds_all_really_does(narrow, wide):
    if not holds_all(wide, narrow):
        return
    type_at = {token: _arrow_type(token) for token in (narrow, wide)}
    held = [value for value in VALUES if _converts(value, type_at[narrow])]
    assert all(_converts(value, type_at[wide]) for value in held)


def _arrow_type(token):
    units = {
        "timestamp(s)": ("s", None),
        "timestamp(ns)": ("ns", None),
        "timestamp(s,UTC)": ("s", "UTC"),
        "timestamp(ns,UTC)": ("ns", "UTC"),
    }
    if token in units:
        return pa.timestamp(units[token][0], units[token][1])
    return {
        "null": pa.null(),
        "bool": pa.bool_(),
        "date32": pa.date32(),
        "time32(s)": pa.time32("s"),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "string": pa.string(),
    }[token]


def _converts(value, type_):
    try:
        pa_csv.read_csv(
            io.BytesIO(f'"{value}",\n'.encode()),
            pa_csv.ReadOptions(column_names=["0", "1"]),
            convert_options=pa_csv.ConvertOptions(column_types={"0": type_}),
        )
    except pa.ArrowInvalid:
        return False
    return True


@pytest.mark.parametrize(
    ("content", "name", "delimiter", "header"),
    [
        ("a,b\n1,2\n", "x.csv", ",", True),
        ("a;b;c,d\n1;2;3\n", "x.csv", ";", True),
        ("a|b\n1|2\n", "x.csv", "|", True),
        ("a\tb\n1\t2\n", "x.csv", "\t", True),
        ("a,b\tc\n1,2\t3\n", "x.tsv.gz", "\t", True),
        ('"a;b;c;d",e\n1,2\n', "x.csv", ",", True),
        ("a\n1\n", "x.csv", ",", True),
        ("1,2.5,-3e4\n4,5,6\n", "x.csv", ",", False),
        ("country,2019,2020\nDE,1,2\n", "x.csv", ",", True),
        ("1,\n", "x.csv", ",", True),
    ],
)
def test_dialect(content, name, delimiter, header):
    dialect = sniff_dialect(content.encode(), name)
    assert (dialect.delimiter, dialect.header) == (delimiter, header)


def test_plain_file(tmp_path, scan_ref):
    (tmp_path / "a.csv").write_text(
        'id,text,when\n1,"two\nlines, and ""quotes""",2024-01-01\n2,NA,\n'
    )
    found = scan_ref("a.csv")
    assert found.rows == 2
    assert types_of(found) == [("id", "int64"), ("text", "string"), ("when", "date32")]
    assert found.table.csv == DIALECT
    assert found.table.compression == ()
    assert found.table.parts == 1


def test_without_header(tmp_path, scan_ref):
    (tmp_path / "a.csv").write_text("1,2\n3,4.5\n")
    found = scan_ref("a.csv")
    assert found.rows == 2
    assert types_of(found) == [("f0", "int64"), ("f1", "float64")]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b", 0),
        (b"a,b\n", 0),
        (b"\xef\xbb\xbfa,b\n1,2", 1),
        (b"\n\r\na,b\r\n1,2\r\n\r\n3,4\r\n", 2),
        (b"a,b\r1,2\r3,4", 2),
    ],
)
def test_edges(tmp_path, scan_ref, content, rows):
    (tmp_path / "a.csv").write_bytes(content)
    found = scan_ref("a.csv")
    assert found.rows == rows
    assert [field.name for field in found.schema.fields] == ["a", "b"]


def test_equal_and_hostile_column_names(tmp_path, scan_ref):
    (tmp_path / "a.csv").write_bytes(b'x,x,"a\x1b[31m\nb",\n1,y,2.5,\n')
    assert types_of(scan_ref("a.csv")) == [
        ("x", "int64"),
        ("x", "string"),
        ("a\x1b[31m\nb", "float64"),
        ("", "null"),
    ]


@pytest.mark.parametrize(
    ("suffix", "compress", "codec"),
    [
        ("gz", gzip.compress, "gzip"),
        ("bz2", bz2.compress, "bz2"),
        ("zst", lambda data: pa.compress(data, codec="zstd", asbytes=True), "zstd"),
        ("gz", lambda data: gzip.compress(data[:10]) + gzip.compress(data[10:]), "gzip"),
    ],
)
def test_compressed(tmp_path, scan_ref, suffix, compress, codec):
    content = b"a,b\n" + b"1,x\n" * 1000 + b"2.5,y\n"
    (tmp_path / f"a.csv.{suffix}").write_bytes(compress(content))
    found = scan_ref(f"a.csv.{suffix}")
    assert (found.rows, found.table.compression) == (1001, (codec,))
    assert types_of(found) == [("a", "float64"), ("b", "string")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,2\n3\n", "row 3 has 1 columns instead of 2"),
        (b"a,b\n" + b"1,2\n" * 500_000 + b"1,2,3\n", "row 500002 has 3 columns instead of 2"),
        (b"a,b\n1,\xff\xfe\n", "not UTF-8"),
        (b"a,b\n" + b"1,x\n" * 500_000 + b"1,\xff\n", "no string"),
        (b"\xff,b\n1,2\n", "not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"a," * 600_000 + b"b\n", "a first row of more than"),
    ],
)
def test_bad_files(tmp_path, scan_ref, content, reason):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(TableFormatError, match=reason) as caught:
        scan_ref("a.csv")
    assert caught.value.path == str(path)
    assert caught.value.hint
    collected = scan_ref("a.csv", collect=True)
    assert len(collected.problems) == 1
    assert collected.entries[0].sha256
    assert (collected.rows, collected.schema) == (None, None)


def test_values_are_not_in_messages(tmp_path, scan_ref):
    (tmp_path / "a.csv").write_text("a,b\n1,2\nsecret,1,1\n")
    with pytest.raises(TableFormatError) as caught:
        scan_ref("a.csv")
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_long_rows_and_bombs_stay_bounded(tmp_path, scan_ref, suffix):
    long = b"a,b\n1," + b"x" * (3 * 1024 * 1024) + b"\n2,y\n"
    endless = b'a,b\n1,"' + b"x\n" * MAX_ROW_BYTES
    encode = gzip.compress if suffix else bytes
    (tmp_path / f"long.csv{suffix}").write_bytes(encode(long))
    (tmp_path / f"endless.csv{suffix}").write_bytes(encode(endless))
    assert scan_ref(f"long.csv{suffix}").rows == 2
    with pytest.raises(TableFormatError, match="a row has more than"):
        scan_ref(f"endless.csv{suffix}")


@pytest.mark.parametrize("cut", [9, 200])
def test_truncated_compression(tmp_path, scan_ref, cut):
    data = gzip.compress(b"a,b\n" + bytes(range(48, 58)) * 500 + b",1\n")
    (tmp_path / "a.csv.gz").write_bytes(data[:-cut] if cut < len(data) else data[:10])
    with pytest.raises(TableFormatError):
        scan_ref("a.csv.gz")


def test_recorded_types_dialect_and_nulls_are_used(tmp_path, scan_ref):
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;NA\n2.5;x\n")
    record = as_record(scan_ref("a.csv"))
    path.write_text("a;b\n1;NA\n2;7\n")
    again = scan_ref("a.csv", recorded=record, collect=True)
    assert again.problems == ()
    assert again.schema == record.schema
    assert types_of(scan_ref("a.csv")) == [("a", "int64"), ("b", "int64")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a;b\n1;x\nsecret;y\n", "column 'a' in row 3 is no int64"),
        ("a;b;c\n1;x;2\n", "has 3 columns instead of 2"),
    ],
)
def test_what_does_not_fit_the_record_is_a_problem(tmp_path, scan_ref, content, reason):
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;x\n")
    record = as_record(scan_ref("a.csv"))
    path.write_text(content)
    again = scan_ref("a.csv", recorded=record, collect=True)
    (problem,) = again.problems
    assert reason in problem.error.message
    assert again.root["sha256"]
    assert again.rows is None


def test_renamed_column_is_seen_in_the_schema(tmp_path, scan_ref):
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;x\n")
    record = as_record(scan_ref("a.csv"))
    path.write_text("a;c\n1;x\n")
    again = scan_ref("a.csv", recorded=record, collect=True)
    assert types_of(again) == [("a", "int64"), ("c", "string")]


def test_folder_with_other_columns(tmp_path, scan_ref):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "d/2.csv").write_text("a,c\n1,2\n")
    (tmp_path / "d/3.csv").write_text("a\n1\n")
    with pytest.raises(TableFormatError, match=r"1\.csv and 2\.csv are not one table"):
        scan_ref("d")
    collected = scan_ref("d", collect=True)
    assert collected.root
    assert [problem.path for problem in collected.problems] == ["1.csv"]
