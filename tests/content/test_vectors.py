"""The vectors on disk are what the generator writes, and both implementations agree with them."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from content import vectors

from auditkit.datasets.content.bag import bag_result
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.datasets.content.runs import write_runs
from auditkit.datasets.content.types import logical_columns

NAMES = sorted(vectors.CASES)


def stored(name):
    table = pa.ipc.open_file(vectors.FOLDER / f"{name}.arrow").read_all()
    return table, json.loads((vectors.FOLDER / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_digests(name, tmp_path):
    table, expected = stored(name)
    with SequenceDigest(table.schema) as digest:
        for index, column in enumerate(table.columns):
            digest.add_column(index, 0, column.chunks)
        assert digest.finish(table.num_rows).digest == expected["sequence"]
    runs = write_runs(table.to_batches(), tmp_path, "run")
    assert bag_result(table.schema, runs).digest == expected["bag"]
    assert [list(pair) for pair in map(tuple_of, logical_columns(table.schema))] == expected[
        "columns"
    ]


def tuple_of(column):
    return column.name, column.type


@pytest.mark.parametrize("name", NAMES)
def test_regenerating_gives_no_difference(name):
    table, expected = stored(name)
    assert vectors.described(vectors.CASES[name]()) == expected
    assert table.schema.types == vectors.CASES[name]().schema.types


def test_there_are_no_other_vectors():
    assert {path.stem for path in Path(vectors.FOLDER).iterdir()} == set(NAMES)


def test_vectors_say_what_is_equal():
    digests = {name: stored(name)[1] for name in NAMES}
    strings = [digests[name] for name in NAMES if name.startswith("strings")]
    assert len(strings) == 5
    assert (
        len({found["sequence"] for found in strings})
        == len({found["bag"] for found in strings})
        == 1
    )
    one, other = digests["duplicate-rows"], digests["duplicate-rows-reordered"]
    assert one["sequence"] != other["sequence"]
    assert one["bag"] == other["bag"]
