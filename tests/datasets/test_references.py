from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.datasets.base import Reference
from auditkit.datasets.references import (
    DatasetOption,
    default_name,
    parse_option,
    parse_reference,
    unversioned,
)
from auditkit.errors import UsageError
from auditkit.schemes import NAME_PATTERN


@pytest.mark.parametrize(
    ("text", "location", "format"),
    [
        ("data/train", "data/train", None),
        ("files:data/train", "data/train", "files"),
        ("table:C:\\x", "C:\\x", "table"),
        ("C:\\x", "C:\\x", None),
        ("iceberg:x", "iceberg:x", None),
        ("delta:x", "x", "delta"),
        ("data@v2", "data@v2", None),
        ("files:files:x", "files:x", "files"),
    ],
)
def test_reference(text, location, format):
    assert parse_reference(text) == Reference(location, format)


@pytest.mark.parametrize(
    ("text", "location", "format", "version"),
    [
        ("data/raw.dvc@v1.0.0", "data/raw.dvc", "dvc", "v1.0.0"),
        ("data/raw.dvc@release/1.0", "data/raw.dvc", "dvc", "release/1.0"),
        ("a@b/raw.dvc@v1", "a@b/raw.dvc", "dvc", "v1"),
        ("data/raw.dvc", "data/raw.dvc", None, None),
        ("dvc:data/raw@v1", "data/raw", "dvc", "v1"),
        ("dvc:data/raw", "data/raw", "dvc", None),
        ("files:raw.dvc@v1", "raw.dvc@v1", "files", None),
        (".dvc@v1", ".dvc@v1", None, None),
        ("x/.dvc@v1", "x/.dvc@v1", None, None),
    ],
)
def test_versions_follow_what_has_some(text, location, format, version):
    assert parse_reference(text) == Reference(location, format, version)


def test_an_empty_version_is_none():
    for text in ("data/raw.dvc@", "dvc:data/raw@"):
        with pytest.raises(UsageError, match="names no version"):
            parse_reference(text)


@pytest.mark.parametrize(
    ("text", "location", "version"),
    [
        ("delta:t@7", "t", "7"),
        ("delta:a@b/t@2026-01-31T12:00:00Z", "a@b/t", "2026-01-31T12:00:00Z"),
        ("delta:t", "t", None),
    ],
)
def test_reference_with_a_version(text, location, version):
    assert parse_reference(text) == Reference(location, "delta", version)


def test_version_that_is_none():
    with pytest.raises(UsageError, match="names no version"):
        parse_reference("delta:t@")
    with pytest.raises(UsageError, match="@7, cannot be chosen here"):
        unversioned(parse_reference("delta:t@7"))
    assert unversioned(parse_reference("t@7")).location == "t@7"


def test_bucket_is_a_place_for_any_format():
    assert parse_reference("s3://bucket/a@b") == Reference("s3://bucket/a@b")
    assert parse_reference("table:s3://bucket/") == Reference("s3://bucket/", "table")
    assert parse_reference("delta:s3://b/t@7") == Reference("s3://b/t", "delta", "7")
    assert default_name(parse_reference("s3://bucket/data/train.parquet")) == "train"


@pytest.mark.parametrize("text", ["dvc:s3://b/key", "delta:gs://b/t", "hdfs://x", "file:///etc"])
def test_url_is_refused_with_the_way_out(text):
    with pytest.raises(UsageError, match="://") as caught:
        parse_reference(text)
    assert "download or mount" in caught.value.hint


@pytest.mark.parametrize("text", ["", "files:", "a\0b"])
def test_no_path(text):
    with pytest.raises(UsageError, match="names no path"):
        parse_reference(text)


@pytest.mark.parametrize(
    ("text", "name", "role", "location", "format"),
    [
        ("data/x.csv", None, "input", "data/x.csv", None),
        ("train=data/x.csv", "train", "input", "data/x.csv", None),
        ("train:validation=x", "train", "validation", "x", None),
        ("train=table:x=1/y", "train", "input", "x=1/y", "table"),
        ("./a=b", None, "input", "./a=b", None),
        ("data/a=b", None, "input", "data/a=b", None),
        ("table:year=2024", None, "input", "year=2024", "table"),
        ("files=x", "files", "input", "x", None),
        ("C:\\a=b", None, "input", "C:\\a=b", None),
        ("C:/a=b", None, "input", "C:/a=b", None),
        ("1st=x", None, "input", "1st=x", None),
        ("a.b-c=x=y", "a.b-c", "input", "x=y", None),
    ],
)
def test_option(text, name, role, location, format):
    expected = DatasetOption(name, role, Reference(location, format))
    assert parse_option(text, default_role="input") == expected


@pytest.mark.parametrize(
    "text", ["train:Bad=x", "train:=x", f"train:{'r' * 65}=x", "n" * 129 + "=x"]
)
def test_bad_name_or_role(text):
    with pytest.raises(UsageError) as caught:
        parse_option(text, default_role="input")
    assert caught.value.hint


def test_output_has_no_other_role():
    assert parse_option("m:output=x", default_role="output").role == "output"
    with pytest.raises(UsageError, match="cannot have the role 'train'"):
        parse_option("m:train=x", default_role="output")


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("data/train.parquet", "train"),
        ("data/train.csv.gz", "train"),
        ("data/train/", "train"),
        ("C:\\data\\my table.jsonl", "my_table"),
        ("2024.csv", "_2024"),
        (".", "data"),
        ("..", "data"),
        ("model.pkl", "model.pkl"),
        (".csv", "csv"),
        ("données", "donn_es"),
    ],
)
def test_default_name(location, name):
    assert default_name(Reference(location)) == name


@given(st.text(min_size=1))
def test_default_name_is_always_a_name(location):
    name = default_name(Reference(location))
    assert re.fullmatch(NAME_PATTERN, name)
    assert len(name) <= 128
