"""Which runs fit: conditions on values, and everything else people narrow a list by."""

from __future__ import annotations

import math
from typing import Any

import pytest
from index.sources import MadeUp, payload
from lineage.chains import digest, run

from auditkit.errors import UsageError
from auditkit.index.conditions import parse_condition
from auditkit.index.index import open_index
from auditkit.index.search import RunListing, RunQuery, search

VALUES = {"lr": 0.1, "epochs": 3, "name": "sgd", "amsgrad": True, "decay": None, "loss": math.nan}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("lr>0.05", True),
        ("lr>0.1", False),
        ("lr>=0.1", True),
        ("lr < 1e-1", False),
        ("epochs=3", True),
        ("epochs==3.0", True),
        ("epochs!=3", False),
        ("epochs<=2", False),
        ("name=sgd", True),
        ("name!=sgd", False),
        ("name=0", False),
        ("amsgrad=true", True),
        ("amsgrad=True", True),
        ("amsgrad=1", False),
        ("amsgrad!=1", True),
        ("decay=null", True),
        ("loss>0", False),
        ("loss<=0", False),
        ("absent=1", False),
        ("absent!=1", False),
        ("name=", False),
    ],
)
def test_conditions(text: str, holds: bool) -> None:
    assert parse_condition(text).holds(VALUES) is holds


@pytest.mark.parametrize("text", ["", "lr", "=1", ">", "lr>fast", "lr<", "lr=>1", "a<b<c"])
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(UsageError):
        parse_condition(text)


@pytest.fixture
def source() -> MadeUp:
    source = MadeUp()
    for number, (project, status, more) in enumerate(
        [
            ("flights", "completed", {"parameters": {"optimiser": {"lr": 0.1}}}),
            ("flights", "failed", {"metrics": {"loss": {"$number": "Infinity"}, "seen": [1, 2]}}),
            ("churn", "completed", {"code": {"commit": "ab" * 20, "dirty": True}}),
        ]
    ):
        record = run(f"r{number}", ["raw", f"in-{number}~rows"], [f"out-{number}"], at=number)
        document: dict[str, Any] = dict(more)
        document["run"] = {
            "id": record.run,
            "project": project,
            "name": record.name,
            "status": status,
        }
        source.add(str(number), payload(record, **document))
    return source


def found(source: MadeUp, **query: Any) -> list[RunListing]:
    with open_index(source, None) as index:
        return list(search(index.database, RunQuery(**query)))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["r2", "r1", "r0"]),
        ({"project": "flights"}, ["r1", "r0"]),
        ({"status": "failed"}, ["r1"]),
        ({"name": "r2"}, ["r2"]),
        ({"dataset": "in-1"}, ["r1"]),
        ({"dataset": "in"}, []),
        ({"digest": digest("raw")}, ["r2", "r1", "r0"]),
        ({"digest": f"sha256:{digest('out-1')[:9]}"}, ["r1"]),
        ({"digest": f"dirHash:{digest('out-1')[:9]}"}, []),
        ({"digest": f"sequence:{digest('~rows')[:8]}"}, ["r2", "r1", "r0"]),
        ({"digest": "no digest"}, []),
        ({"commit": "abab"}, ["r2"]),
        ({"commit": "ba"}, []),
        ({"parameters": (parse_condition("optimiser.lr>0"),)}, ["r0"]),
        ({"metrics": (parse_condition("loss>1e300"),)}, ["r1"]),
        ({"metrics": (parse_condition("seen=[1,2]"),)}, ["r1"]),
        ({"since": "2026-03-02T00:00:01Z"}, ["r2", "r1"]),
        ({"until": "2026-03-02T00:00:01Z"}, ["r1", "r0"]),
        ({"since": "2026-03-02T00:00:01Z", "project": "flights"}, ["r1"]),
    ],
)
def test_filters(source: MadeUp, query: dict[str, Any], names: list[str]) -> None:
    assert [each.name for each in found(source, **query)] == names


def test_a_listing_says_what_the_manifest_says(source: MadeUp) -> None:
    (listing,) = found(source, name="r1")
    assert listing.metrics == {"loss": "Infinity", "seen": "[1,2]"}
    assert (listing.place, listing.signed, listing.status) == ("1", True, "failed")
    assert [(each.name, each.role, each.digest) for each in listing.datasets] == [
        ("raw", "input", f"sha256:{digest('raw')}"),
        ("in-1", "input", f"sha256:{digest('in-1')}"),
        ("out-1", "output", f"sha256:{digest('out-1')}"),
    ]
