"""Attest that recorded data was lawfully deleted. Nothing is deleted here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from auditkit.api.attesting import SignedManifest, holder, named_by, write_statement
from auditkit.api.stamping import Stamping
from auditkit.errors import TimestampError, UsageError
from auditkit.manifest.erasure import ErasedDataset, ErasedSidecar, Erasure, encode_erasure
from auditkit.manifest.model import Dataset
from auditkit.provenance.identity import utc_now
from auditkit.schemes import ERASURE_VERSION
from auditkit.signing.signer import Signer
from auditkit.trust.rules import Rules


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """An erasure that was attested.

    `sidecars` are files beside the manifest that were derived from the data and may be deleted too.
    """

    erasure: Erasure
    manifest: str
    written: tuple[Path, ...]
    sidecars: tuple[Path, ...]
    failures: tuple[TimestampError, ...] = ()


def attest_erasure(
    path: Path,
    dataset: str,
    signers: Sequence[Signer],
    *,
    reason: str,
    name: str | None = None,
    role: str | None = None,
    rules: Rules | None = None,
    stamping: Stamping | None = None,
) -> ErasureResult:
    """Write beside the evidence at `path` that the bytes of one of its data sets are gone, and why.

    With `rules` name and role are those that they give the key's holder, and whoever may not sign
    erasures is refused here; without them both must be given.

    Raises:
        UsageError: nothing there is signed, it has no such data set, name, role or reason are
            missing or not one line, or the rules do not let the key's holder.
        ManifestError: the payload is not a valid manifest.
        TimestampError: no authority gave a required time stamp; nothing is written.
        StorageError: the statement could not be written.
    """
    found = SignedManifest.open(path)
    record = _record(found, dataset)
    if rules is not None:
        who = holder(signers, rules, "erasure")
        name, role = named_by(who, name, role)
    if name is None or role is None:
        raise UsageError(
            "an erasure needs the name and role of whoever answers for it",
            hint="Give --name and --role, or a trust policy that knows the key.",
        )
    erasure = Erasure(
        version=ERASURE_VERSION,
        run=found.run,
        dataset=_erased(record),
        name=name,
        role=role,
        reason=reason,
        attested_at=utc_now(),
    )
    _check(erasure)
    payload = encode_erasure(found.digest, erasure)
    written, failures = write_statement(found.folder, "erasure", payload, signers, stamping)
    present = set(found.folder.names())
    sidecars = tuple(
        found.folder.sidecar_folder / each.name
        for each in erasure.dataset.sidecars
        if each.name in present
    )
    return ErasureResult(erasure, found.digest, written, sidecars, failures)


def _record(found: SignedManifest, dataset: str) -> Dataset:
    records = {record.name: record for record in found.statement.predicate.datasets}
    if dataset not in records:
        raise UsageError(
            f"no data set or output is named {dataset!r}",
            hint=f"Recorded names: {', '.join(records) or 'none'}.",
        )
    return records[dataset]


def _erased(record: Dataset) -> ErasedDataset:
    return ErasedDataset(
        name=record.name, root=record.inventory.root, sidecars=tuple(_derived(record))
    )


def _derived(record: Dataset) -> Iterator[ErasedSidecar]:
    """Yield the sidecars from which values could be guessed; the list of files has none."""
    content = record.content
    for sidecar in (content.blocks, content.row_digests) if content else ():
        if sidecar is not None:
            yield ErasedSidecar(name=sidecar.name, sha256=sidecar.sha256)


def _check(erasure: Erasure) -> None:
    try:
        msgspec.convert(msgspec.to_builtins(erasure), Erasure)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"not an erasure ({error})", hint="Name, role and reason are one line of text each."
        ) from error
