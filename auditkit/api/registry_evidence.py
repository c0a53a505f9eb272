"""The evidence in a registry, laid out as in a project: one folder for each run, one at a time.

Which entries there are is the log's word, to which they add up; what they hold is for verification
to judge. A blob that is missing or swapped is left out, and missed by whoever looks for it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from auditkit.api.targets import FoundManifest, Target
from auditkit.digests import SHA256_HEX, sha256_hex
from auditkit.errors import (
    AuditkitError,
    EnvelopeError,
    LogError,
    StoreError,
    StoreUnavailableError,
)
from auditkit.manifest import strictjson
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.registry.log import Log
from auditkit.registry.registry import Registry
from auditkit.schemes import BUNDLE_SUFFIX, MANIFEST_BUNDLE, MAX_BUNDLE_BYTES
from auditkit.stores.attached import StatementKind, statement_path
from auditkit.stores.evidence import MAX_BUNDLES, EvidenceFolder
from auditkit.stores.writing import sibling_name
from auditkit.verification.manifest_check import all_sidecars

Wanted = Callable[[FoundManifest, EvidenceFolder], bool]
Takes = Callable[[object, object], bool]

_KINDS: tuple[StatementKind, ...] = ("approval", "erasure", "verification")
_STATEMENTS = (
    "SELECT type, statement, blob FROM entries WHERE run = ? AND type = ?"
    " ORDER BY position DESC LIMIT ?"
)
_RUN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class RegistryEvidence:
    """All manifests of a registry, at the checkpoint of `log`."""

    def __init__(self, registry: Registry, log: Log) -> None:
        self._registry = registry
        self._log = log

    def targets(self, takes: Takes, wanted: Wanted) -> Iterator[Target]:
        """Yield the manifests that are asked for, in the order of the log.

        `takes` judges the project and the time in the log, `wanted` the manifest with all
        statements about it.
        The files of one are gone once the next is asked for.

        Raises:
            LogError: the entries are not those of the checkpoint.
            StoreError: the registry refused or cannot be reached.
        """
        with closing(self._entries()) as entries:
            manifests = entries.execute(
                "SELECT position, statement, run, blob, project, time FROM entries"
                " WHERE type = 'manifest'"
                " ORDER BY position"
            )
            for position, statement, run, blob, project, time in manifests:
                if takes(project, time):
                    with self._placed(entries, statement, run, blob, wanted) as folder:
                        if folder is not None:
                            yield Target(folder, shown=Path(f"entry {position}"))

    def _entries(self) -> sqlite3.Connection:
        """Return all entries in a temporary file of this process, once they add up."""
        database = sqlite3.connect("", isolation_level=None)
        database.execute(
            "CREATE TABLE entries (position INTEGER PRIMARY KEY, type TEXT, statement TEXT,"
            " run TEXT, blob TEXT, project TEXT, time TEXT)"
        )
        database.execute("BEGIN")
        records = ((each.index, each.record) for each in self._log.entries())
        database.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (index, each.type, each.statement, each.run, each.blob, each.project, each.time)
                for index, each in records
            ),
        )
        database.execute("CREATE INDEX by_statement ON entries (statement)")
        database.execute("CREATE INDEX by_run ON entries (run)")
        database.execute("COMMIT")
        return database

    @contextmanager
    def _placed(
        self, entries: sqlite3.Connection, statement: str, run: str, blob: str, wanted: Wanted
    ) -> Iterator[Path | None]:
        """Yield the folder with all that the registry has of one manifest; None if not wanted."""
        with TemporaryDirectory(prefix="auditkit-") as scratch:
            folder = Path(scratch) / (run if _RUN_ID.fullmatch(run or "") else statement[:16])
            folder.mkdir()
            bundle = self._blob(blob)
            if bundle is None:
                yield folder  # a folder named like a run, without a manifest: that is a finding
                return
            (folder / MANIFEST_BUNDLE).write_bytes(bundle)
            self._place_further(entries, folder, statement)
            self._place_statements(entries, folder, statement, run)
            evidence = EvidenceFolder.open(folder)
            decoded = _bundle(bundle)
            if decoded is None:
                yield folder  # step 1 says what is wrong
                return
            if not wanted(FoundManifest(folder, decoded.payload, statement), evidence):
                yield None
                return
            self._place_sidecars(folder, decoded.payload)
            yield folder

    def _place_further(self, entries: sqlite3.Connection, folder: Path, statement: str) -> None:
        """Place further signatures and time-stamp tokens over the manifest."""
        tokens = []
        for data in self._addenda(entries, statement):
            bundle = _bundle(data)
            if bundle is None:
                tokens.append(data)
            else:
                name = sibling_name(MANIFEST_BUNDLE, _digits(bundle, data))
                (folder / name).write_bytes(data)
        # A token is over one signature, and its record does not say which: the others skip it.
        for path in sorted(folder.glob(f"*{BUNDLE_SUFFIX}")):
            _write_tokens(path, tokens)

    def _place_statements(
        self, entries: sqlite3.Connection, folder: Path, manifest: str, run: str
    ) -> None:
        """Place what was said about the manifest, with time-stamp tokens over it."""
        rows = [
            row
            for kind in _KINDS
            for row in entries.execute(_STATEMENTS, (run, kind, MAX_BUNDLES)).fetchall()
        ]
        evidence = EvidenceFolder.open(folder)
        for kind, statement, blob in rows:
            data = self._blob(blob)
            bundle = _bundle(data) if data is not None else None
            if data is None or bundle is None or _subject(bundle.payload) != manifest:
                continue
            further = tuple(self._addenda(entries, statement))
            tokens = [each for each in further if _bundle(each) is None]
            time = _verified_at(bundle.payload) if kind == "verification" else ""
            for each in (data, *further):
                signed = _bundle(each)
                if signed is not None and signed.payload == bundle.payload:
                    digits = _digits(signed, each)
                    path = statement_path(evidence, kind, signed.payload, digits, time)
                    path.write_bytes(each)
                    _write_tokens(path, tokens)

    def _place_sidecars(self, folder: Path, payload: bytes) -> None:
        """Place what the manifest names as its sidecars, over nothing that is there already.

        Otherwise a stranger's manifest could put somebody else's bundle in place of its own.
        """
        try:
            statement = decode_statement(payload).statement
        except AuditkitError:
            return  # step 4 says what is wrong
        for reference in all_sidecars(statement):
            path = folder / reference.name
            content = None if path.exists() else self._blob(reference.sha256, limit=reference.size)
            if content is not None:
                path.write_bytes(content)

    def _addenda(self, entries: sqlite3.Connection, statement: str) -> Iterator[bytes]:
        query = "SELECT blob FROM entries WHERE statement = ? AND type = 'addendum'"
        for (blob,) in entries.execute(query, (statement,)).fetchall():
            data = self._blob(blob)
            if data is not None:
                yield data

    def _blob(self, digest: str, *, limit: int = MAX_BUNDLE_BYTES) -> bytes | None:
        try:
            return self._registry.blob(digest, limit=limit)
        except StoreUnavailableError:
            raise
        except (LogError, StoreError):
            return None


def _bundle(data: bytes) -> Bundle | None:
    try:
        return decode_bundle(data)
    except EnvelopeError:
        return None


def _digits(bundle: Bundle, data: bytes) -> str:
    """Return what to name a bundle by: its keyid, unless a stranger made that up."""
    return bundle.keyid if re.fullmatch(SHA256_HEX, bundle.keyid) else sha256_hex(data)


def _subject(payload: bytes) -> object:
    """Return the digest that a statement is about."""
    try:
        return strictjson.loads(payload)["subject"][0]["digest"]["sha256"]
    except (ValueError, LookupError, TypeError):
        return None


def _verified_at(payload: bytes) -> str:
    try:
        text = str(strictjson.loads(payload)["predicate"]["verifiedAt"])
    except (ValueError, LookupError, TypeError):
        return ""
    return text if re.fullmatch(r"[0-9T:.Z-]{20,35}", text) else ""


def _write_tokens(bundle: Path, tokens: list[bytes]) -> None:
    stem = bundle.name.removesuffix(BUNDLE_SUFFIX)
    for number, token in enumerate(tokens, start=1):
        (bundle.parent / f"{stem}.{number}.tsr").write_bytes(token)
