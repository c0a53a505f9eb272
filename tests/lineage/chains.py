"""Runs in few words, for tests of how they hang together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from auditkit.evidence import LineageGraph
from auditkit.lineage import DataKey, DataUse, ParentLink, RunRecord


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def key(text: str) -> DataKey:
    """Return a file's key, or for `name/` a folder's, or for `~name` that of rows."""
    if text.startswith("~"):
        return DataKey("sequence", "sha256", digest(text))
    if text.endswith("/"):
        return DataKey("folder", "dirHash", digest(text))
    return DataKey("file", "sha256", digest(text))


def use(text: str, role: str) -> DataUse:
    """Return a use of `name`, of `name/`, or of either with rows: `name~rows`."""
    name, _, rows = text.partition("~")
    content = key(f"~{rows}") if rows else None
    plain = name.rstrip("/")
    return DataUse(plain, role, key(name), content, f"data/{name}", 1, 10, 5 if rows else None)


def run(
    name: str,
    reads: Iterable[str] = (),
    writes: Iterable[str] = (),
    *,
    at: int = 0,
    parents: Iterable[str] = (),
) -> RunRecord:
    """Return a run that was recorded `at` seconds; `parents` are names of runs."""
    return RunRecord(
        manifest=digest(f"manifest {name}"),
        run=run_id(name),
        project="flights",
        name=name,
        status="completed",
        recorded_at=f"2026-03-02T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z",
        inputs=tuple(use(each, "input") for each in reads),
        outputs=tuple(use(each, "output") for each in writes),
        parents=tuple(ParentLink(run_id(each), digest(f"manifest {each}")) for each in parents),
    )


def run_id(name: str) -> str:
    text = digest(f"run {name}")
    return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-8{text[17:20]}-{text[20:32]}"


def names(graph: LineageGraph) -> set[str]:
    """Return the names of the runs in a graph; of missing ones their ids."""
    return {each.name or each.run for each in graph.runs}


def issues(graph: LineageGraph) -> set[str]:
    return {each.kind for each in graph.issues}
