"""The state of a table at a version: its log, replayed from the bytes that are hashed.

Source: Delta Transaction Log Protocol, "Action Reconciliation".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from auditkit.datasets.base import Part
from auditkit.datasets.delta.actions import (
    Action,
    LogicalFile,
    MetaData,
    Protocol,
    parse_commit,
    parse_rows,
)
from auditkit.datasets.delta.log import Segment
from auditkit.datasets.names import is_recordable_path, printable
from auditkit.datasets.part_hashes import PartHashes
from auditkit.datasets.part_table import bad_table, parsing
from auditkit.datasets.reading import open_part
from auditkit.datasets.table_parquet import read_parquet
from auditkit.datasets.tree import Tree
from auditkit.errors import TableFormatError
from auditkit.execution.executor import ThreadExecutor
from auditkit.schemes import DELTA_LOG

MAX_COMMIT_BYTES: Final = 1024 * 1024 * 1024
_SIDECARS: Final = f"{DELTA_LOG}/_sidecars"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table at a version. `files` are its data files by decoded path.

    `log` are the files that say so, `digests` the SHA-256 of what was read of them.
    """

    version: int
    protocol: Protocol
    metadata: MetaData
    files: dict[str, LogicalFile]
    log: tuple[Part, ...]
    digests: dict[str, str]


def replay(tree: Tree, segment: Segment) -> Snapshot:
    """Return the state that the files of `segment` define.

    Raises:
        TableFormatError: they are no log, or speak of files outside of the table.
        FileChangedError, UnreadableError: from reading them.
    """
    state = _State()
    reader = LogReader()
    log = list(segment.commits)
    if segment.checkpoint is not None:
        log += segment.checkpoint.parts
        state.apply(_checkpoint(tree, segment, reader, log))
    for commit, data in zip(segment.commits, reader.read_each(segment.commits), strict=True):
        with parsing(commit):
            state.apply(parse_commit(data))
    if state.protocol is None or state.metadata is None:
        raise TableFormatError("its log has no protocol or no schema", path=tree.location)
    return Snapshot(
        segment.version,
        state.protocol,
        state.metadata,
        _by_path(state.files, tree),
        tuple(sorted(log, key=lambda part: part.path.encode())),
        reader.digests,
    )


def data_paths(snapshot: Snapshot) -> set[str]:
    """Return the paths of all data files and files of deletion vectors that a version needs."""
    vectors = (add.deletion_vector for add in snapshot.files.values())
    stored = {vector.path for vector in vectors if vector is not None}
    return {*snapshot.files, *(path for path in stored if path is not None)}


class LogReader:
    """Reads files whole, and keeps the digests of what it read."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}

    def read(self, part: Part) -> bytes:
        """Return the bytes of a file."""
        if part.size > MAX_COMMIT_BYTES:
            raise bad_table(part, f"has {part.size} bytes, too many for a file of a log")
        hashes = PartHashes((), None)
        with open_part(part, hashes) as reader:
            data = reader.read(part.size)
            reader.finish()
        self.digests[part.path] = hashes.digests().sha256.hex()
        return data

    def read_each(self, parts: Sequence[Part]) -> Iterator[bytes]:
        """Yield the bytes of files in order; several are waited for at once in a bucket."""
        if not any(part.source.waits for part in parts):
            return map(self.read, parts)
        return ThreadExecutor().map(self.read, parts, waits=True, size=lambda part: part.size)

    def read_rows(self, part: Part) -> Iterator[Action]:
        """Yield the actions in a checkpoint's Parquet file."""
        hashes = PartHashes((), None)
        with open_part(part, hashes) as reader, parsing(part):
            for chunk in read_parquet(reader, "bag"):
                for table in chunk.tables():  # type: ignore[attr-defined] # chunks of `bag` do
                    kept = [name for name in table.column_names if name in _COLUMNS]
                    rows = table.select(kept).to_pylist(maps_as_pydicts="strict")
                    yield from parse_rows(rows)
            reader.finish()
        self.digests[part.path] = hashes.digests().sha256.hex()


_COLUMNS: Final = {"add", "metaData", "protocol", "sidecar"}


class _State:
    def __init__(self) -> None:
        self.protocol: Protocol | None = None
        self.metadata: MetaData | None = None
        self.files: dict[str, LogicalFile] = {}

    def apply(self, actions: Iterable[Action]) -> None:
        """Take in one version: what it removes goes before what it adds, whatever their order."""
        added = []
        for action in actions:
            if action.add is not None:
                added.append(action.add)
            elif action.remove is not None:
                before = self.files.get(action.remove.path)
                if before is not None and before.vector_id == action.remove.vector_id:
                    del self.files[action.remove.path]
            self.protocol = action.protocol or self.protocol
            self.metadata = action.meta_data or self.metadata
        self.files |= {add.path: add for add in added}


def _checkpoint(
    tree: Tree, segment: Segment, reader: LogReader, log: list[Part]
) -> Iterator[Action]:
    """Yield the actions of a checkpoint, and of the files beside it, which are added to `log`."""
    sidecars: list[str] = []
    for part in segment.checkpoint.parts if segment.checkpoint else ():
        if part.path.endswith(".json"):
            with parsing(part):
                actions: Iterable[Action] = list(parse_commit(reader.read(part)))
        else:
            actions = reader.read_rows(part)
        for action in actions:
            if action.sidecar is not None:
                sidecars.append(f"{_SIDECARS}/{unquote(action.sidecar.path).rpartition('/')[2]}")
            yield action
    for path, found in zip(sidecars, tree.find(sidecars), strict=True):
        if found is None:
            raise TableFormatError("the checkpoint speaks of it, and it is not there", path=path)
        log.append(found)
        yield from reader.read_rows(found)


def _by_path(files: dict[str, LogicalFile], tree: Tree) -> dict[str, LogicalFile]:
    found = {}
    for encoded, add in files.items():
        path = unquote(encoded, errors="surrogateescape")
        if "://" in path or path.startswith(("/", "file:")):
            raise TableFormatError(
                f"its data are elsewhere: {printable(path)[:200]}",
                hint="Shallow clones cannot be recorded. Make a deep clone, or record its source.",
                path=tree.location,
            )
        if not is_recordable_path(path) or path in found:
            raise TableFormatError(
                f"its log names a file that cannot be recorded: {printable(path)[:200]}",
                path=tree.location,
            )
        found[path] = add
    return found
