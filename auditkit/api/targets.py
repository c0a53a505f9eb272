"""TARGET: a path that exists wins, then a manifest digest, a run id, `PROJECT/latest`.

What is read here to find a run is not authenticated; it only decides which evidence to look at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditkit.digests import sha256_hex
from auditkit.errors import AuditkitError, NothingToVerifyError, TargetNotFoundError, UsageError
from auditkit.manifest import strictjson
from auditkit.manifest.bundle import decode_bundle
from auditkit.schemes import BUNDLE_SUFFIX, OUTPUT_ROLE, UNSIGNED_MANIFEST
from auditkit.stores.evidence import EvidenceFolder, find_evidence
from auditkit.stores.evidence_pack import is_pack
from auditkit.stores.listing import Listings

_DIGEST_PREFIX = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})")
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{1,27}")
_LATEST = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)/latest")


@dataclass(frozen=True, slots=True)
class Target:
    """Evidence to look at, and why it was chosen (`matched` is empty for a plain path).

    `shown` is what verdicts call it where it is not what `path` says.
    """

    path: Path
    matched: str = ""
    shown: Path | None = None


@dataclass(frozen=True, slots=True)
class FoundManifest:
    """A manifest's payload as found on disk, not authenticated.

    `shown` is what to call it where that is not `path`.
    """

    path: Path
    payload: bytes
    digest: str
    shown: Path | None = None

    def field(self, *names: str) -> Any:
        """Return a field of the predicate, or None where the payload has no such thing."""
        try:
            value = strictjson.loads(self.payload)["predicate"]
            for name in names:
                value = value[name]
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        return value


def resolve_targets(texts: Sequence[str], evidence_dir: Path) -> list[Target]:
    """Return the evidence that `texts` name; without any, everything under `evidence_dir`.

    Raises:
        TargetNotFoundError: a text names nothing.
        NothingToVerifyError: no evidence at all.
    """
    if texts:
        return [target for text in texts for target in _resolve(text, evidence_dir)]
    found = [Target(path) for path in find_evidence(evidence_dir)] if evidence_dir.is_dir() else []
    if not found:
        raise NothingToVerifyError(
            "there is no evidence here",
            path=str(evidence_dir),
            hint="Record a run with auditkit capture, or name a bundle or evidence folder.",
        )
    return found


def find_manifest(text: str, evidence_dir: Path) -> FoundManifest:
    """Return the one manifest that `text` names; raises TargetNotFoundError, EnvelopeError."""
    targets = _resolve(text, evidence_dir)
    if len(targets) != 1:
        raise TargetNotFoundError(
            f"{text!r} names {len(targets)} runs", hint="Name one evidence folder or run id."
        )
    return read_manifest(targets[0].path)


def find_path(text: str, evidence_dir: Path) -> Path:
    """Return the path that `text` is, else that of the one run that it names.

    Raises:
        TargetNotFoundError: neither a path nor a run.
    """
    path = Path(text)
    return path if path.exists() else find_manifest(text, evidence_dir).path


def read_manifest(path: Path, listings: Listings | None = None) -> FoundManifest:
    """Return the payload of the bundle, evidence folder or unsigned manifest at `path`.

    With `listings` folders are listed once for all manifests that share them.

    Raises:
        EnvelopeError: the bundle is not well-formed.
        TargetNotFoundError: no manifest there.
    """
    folder = EvidenceFolder.open(path, listings)
    bundles = folder.bundles()
    payload = decode_bundle(bundles[0].data).payload if bundles else folder.unsigned()
    if payload is None:
        raise TargetNotFoundError("holds no manifest", path=str(path))
    return FoundManifest(path, payload, sha256_hex(payload))


def _resolve(text: str, evidence_dir: Path) -> list[Target]:
    path = Path(text)
    if path.exists():
        return _resolve_path(path, evidence_dir)
    for pattern, search in (
        (_RUN_ID, _by_run_id),
        (_DIGEST_PREFIX, _by_digest),
        (_LATEST, _latest),
    ):
        match = pattern.fullmatch(text)
        if match and (found := search(match, evidence_dir)):
            return [found]
    raise TargetNotFoundError(
        f"no such path, run or manifest: {text!r}",
        hint=f"Looked for a path and among the evidence in {evidence_dir}.",
    )


def _resolve_path(path: Path, evidence_dir: Path) -> list[Target]:
    if path.is_dir():
        inside = find_evidence(path)
        if not inside:
            raise TargetNotFoundError(
                "holds no evidence", path=str(path), hint="Name an evidence folder or a bundle."
            )
        return [Target(each) for each in inside]
    if is_pack(path):
        raise UsageError(
            "a pack is for reading", path=str(path), hint="Unzip it and name a folder in it."
        )
    if path.name.endswith(BUNDLE_SUFFIX) or path.name == UNSIGNED_MANIFEST:
        return [Target(path)]
    return [_by_output(path, evidence_dir)]


def _manifests(evidence_dir: Path) -> Iterator[FoundManifest]:
    """Yield what can be read; evidence that cannot is for verification to report."""
    if not evidence_dir.is_dir():
        return
    listings = Listings()
    for path in find_evidence(evidence_dir):
        try:
            yield read_manifest(path, listings)
        except AuditkitError:
            continue


def _single(
    matches: Callable[[FoundManifest], bool], evidence_dir: Path, text: str
) -> Target | None:
    found = [manifest for manifest in _manifests(evidence_dir) if matches(manifest)]
    if len(found) > 1:
        raise TargetNotFoundError(
            f"{text!r} is ambiguous: {len(found)} runs match", hint="Give more digits."
        )
    return Target(found[0].path, text) if found else None


def _by_digest(match: re.Match[str], evidence_dir: Path) -> Target | None:
    return _single(lambda found: found.digest.startswith(match[1]), evidence_dir, match[0])


def _by_run_id(match: re.Match[str], evidence_dir: Path) -> Target | None:
    return _single(
        lambda found: str(found.field("run", "id")).startswith(match[0]), evidence_dir, match[0]
    )


def _latest(match: re.Match[str], evidence_dir: Path) -> Target | None:
    runs = [
        (str(found.field("run", "id")), found.path)
        for found in _manifests(evidence_dir)
        if found.field("run", "project") == match[1]
    ]
    return Target(max(runs)[1], match[0]) if runs else None


def _by_output(path: Path, evidence_dir: Path) -> Target:
    """Find the latest run with this file as an output: by its digest, else by its location.

    A file that was altered after its run no longer has the recorded digest; the run that
    recorded its location is then the one whose verification shows it.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TargetNotFoundError(f"cannot be read ({error.strerror})", path=str(path)) from error
    by_digest: list[tuple[str, Target]] = []
    by_location: list[tuple[str, Target]] = []
    for found in _manifests(evidence_dir):
        for record in _outputs(found):
            run = str(found.field("run", "id"))
            if _root(record) == digest:
                by_digest.append((run, Target(found.path, f"{path} is output {record['name']!r}")))
            elif _is_at(record, path, evidence_dir):
                by_location.append(
                    (run, Target(found.path, f"{path} is where output {record['name']!r} was"))
                )
    chosen = by_digest or by_location
    if not chosen:
        raise TargetNotFoundError(
            f"no run in {evidence_dir} has this file as an output (sha256:{digest})",
            path=str(path),
            hint="Name the evidence folder; if it recorded this file, the file was altered since.",
        )
    return max(chosen, key=lambda item: item[0])[1]


def _outputs(found: FoundManifest) -> list[dict[str, Any]]:
    records = found.field("datasets")
    return [
        record
        for record in (records if isinstance(records, list) else ())
        if isinstance(record, dict)
        and record.get("role") == OUTPUT_ROLE
        and isinstance(record.get("name"), str)
    ]


def _root(record: dict[str, Any]) -> str | None:
    inventory = record.get("inventory")
    root = inventory.get("root") if isinstance(inventory, dict) else None
    digest = root.get("sha256") if isinstance(root, dict) else None
    return digest if isinstance(digest, str) else None


def _is_at(record: dict[str, Any], path: Path, evidence_dir: Path) -> bool:
    location = record.get("location")
    if not isinstance(location, str) or "\0" in location:
        return False
    return (evidence_dir.parent / location).resolve() == path.resolve()
