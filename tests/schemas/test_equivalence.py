"""The typed decoder and the JSON Schema accept the same documents."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import statement_sample

from auditkit.errors import ManifestError
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.validation import validate_document

SAMPLE: dict[str, Any] = json.loads(msgspec.json.encode(statement_sample()))

SAMPLE_ID: str = SAMPLE["predicate"]["run"]["id"]

VALUES = [
    *(None, True, False, 0, 1, -1, 255, 256, 2**53 - 1, 2**53, 10**30, 0.0, 1.0, 0.5, -0.5, 1e300),
    *(
        "",
        "x",
        "file",
        "folder",
        "files",
        "table",
        "dvc",
        "csv",
        "parquet",
        "absent",
        "observed",
        "1.0",
    ),
    *("train", "a\n", "ends in a newline\n", "ä", "-x", "a/b", "x" * 65, "x" * 129, "x" * 65_537),
    *("0" * 40, "0" * 41, "0" * 64, "0" * 64 + "\n", "A" * 64, "2026-03-02T09:30:00Z"),
    *("2026-03-02T09:30:00Z\n", "2026-03-02T09:30:00+00:00", "run:x", "output", "output\n"),
    *([], [None], ["x"], [0], {}, {"x": 1}, {"x": "y"}, {"sha256": "0" * 64}),
    *({"dirHash": "0" * 64}, {"sha256": "0" * 64, "dirHash": "0" * 64}, {"md5": "0" * 64}),
]
NAMES = ["unknown", "sha256", "dirHash", "rows", "reason", "csv", "fields", "$number", ""]


def locations(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a document."""
    if path:
        yield path
    items: Any = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, item in items:
        yield from locations(item, (*path, key))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


LOCATIONS = list(locations(SAMPLE))
OBJECTS = [path for path in [(), *LOCATIONS] if isinstance(at(SAMPLE, path), dict)]


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of `document` with another value at `path`."""
    document = copy.deepcopy(document)
    at(document, path[:-1])[path[-1]] = value
    return document


def dropped(document: Any, path: tuple[Any, ...]) -> Any:
    document = copy.deepcopy(document)
    del at(document, path[:-1])[path[-1]]
    return document


def accepts(check: Any, payload: bytes) -> bool:
    try:
        check(payload)
    except ManifestError:
        return False
    return True


def assert_agreement(document: Any) -> bool:
    payload = json.dumps(document).encode()
    accepted = accepts(decode_statement, payload)
    assert accepted == accepts(validate_document, payload)
    return accepted


def test_the_sample_is_accepted_and_holds_every_field() -> None:
    assert assert_agreement(SAMPLE)
    assert len(LOCATIONS) > 200


def test_each_field_missing() -> None:
    verdicts = [assert_agreement(dropped(SAMPLE, path)) for path in LOCATIONS]
    assert {True, False} == set(verdicts)


@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: "/".join(map(str, path)) or "statement")
def test_unknown_field_anywhere(path: tuple[Any, ...]) -> None:
    accepted = assert_agreement(replaced(SAMPLE, (*path, "unknown"), 1))
    of_a_commit = "history" in path and path[-1] in {"parameters", "metrics", "metadata"}
    of_the_run = path[:2] in {("predicate", "parameters"), ("predicate", "metrics")}
    assert accepted == (of_the_run or of_a_commit)


def test_each_text_with_a_trailing_newline() -> None:
    for path in LOCATIONS:
        value = at(SAMPLE, path)
        if isinstance(value, str):
            assert_agreement(replaced(SAMPLE, path, value + "\n"))
    assert not assert_agreement(replaced(SAMPLE, ("predicate", "run", "id"), SAMPLE_ID + "\n"))
    assert not assert_agreement(replaced(SAMPLE, ("predicate", "run", "project"), "flights\n"))


@st.composite
def mutations(draw: st.DrawFn) -> Any:
    document = copy.deepcopy(SAMPLE)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(locations(document)) or [()]))
        if not path:
            break
        kind = draw(st.sampled_from(["replace", "drop", "rename", "add", "copy"]))
        parent, key = at(document, path[:-1]), path[-1]
        if kind == "replace":
            parent[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        elif kind == "drop":
            del parent[key]
        elif kind == "copy":
            parent[key] = copy.deepcopy(at(SAMPLE, draw(st.sampled_from(LOCATIONS))))
        elif isinstance(parent, dict):
            value = parent.pop(key) if kind == "rename" else draw(st.sampled_from(VALUES))
            parent[draw(st.sampled_from(NAMES))] = copy.deepcopy(value)
    return document


@given(mutations())
@settings(max_examples=250, deadline=None)
def test_mutated_documents(document: Any) -> None:
    assert_agreement(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("inventory/root", {"sha256": "0" * 64}),
        ("inventory/kind", "file"),
        ("format", "files"),
        ("table", None),
        ("table/kind", "csv"),
        ("table/csv", {"delimiter": ","}),
    ],
)
def test_contradicting_fields(path: str, value: Any) -> None:
    where = ("predicate", "datasets", 0, *path.split("/"))
    assert not assert_agreement(replaced(SAMPLE, where, value))


def test_absent_code_has_no_commit() -> None:
    assert not assert_agreement(replaced(SAMPLE, ("predicate", "code", "status"), "absent"))


def test_newer_minor_version_is_read_but_never_written() -> None:
    newer = replaced(SAMPLE, ("predicate", "version"), "1.9")
    newer["predicate"]["unknown"] = 1
    payload = json.dumps(newer).encode()
    assert decode_statement(payload).unknown == ("/predicate/unknown",)
    with pytest.raises(ManifestError, match="unknown"):
        validate_document(payload)


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"a":1,"a":2}', b"\xff", b"1e999"])
def test_what_is_no_document_at_all(payload: bytes) -> None:
    assert not accepts(decode_statement, payload)
    assert not accepts(validate_document, payload)
