"""Approve a manifest: a person's own signature under what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from auditkit.api.attesting import SignedManifest, holder, named_by, write_statement
from auditkit.api.stamping import Stamping
from auditkit.errors import TimestampError, UsageError
from auditkit.manifest.approval import Approval, decode_approval, encode_approval
from auditkit.provenance.identity import utc_now
from auditkit.schemes import APPROVAL_VERSION
from auditkit.signing.signer import Signer
from auditkit.trust.rules import Rules


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """An approval that was written: by whom, over what, and where."""

    approval: Approval
    manifest: str
    written: tuple[Path, ...]
    failures: tuple[TimestampError, ...] = ()


def approve(
    path: Path,
    signers: Sequence[Signer],
    *,
    meaning: str,
    name: str | None = None,
    role: str | None = None,
    rules: Rules | None = None,
    stamping: Stamping | None = None,
) -> ApprovalResult:
    """Approve the manifest of the evidence at `path` and write the approval beside it.

    With `rules` name and role are those that they give the key's holder, and what a verifier
    would refuse is refused here; without them both must be given. Several signers are several
    keys of one person.

    Raises:
        UsageError: nothing there is signed, the key signed the manifest itself, name and role
            are missing or are not those of the rules, or the rules know no such person.
        ManifestError: the payload is not a valid manifest.
        TimestampError: no authority gave a required time stamp; nothing is written.
        StorageError: the approval could not be written.
    """
    found = SignedManifest.open(path)
    if {signer.public_key.keyid for signer in signers} & {each.keyid for each in found.bundles}:
        raise UsageError(
            "this key signed the manifest, and its approver must be somebody else",
            hint="Approve with the key of the person who approves.",
        )
    if rules is not None:
        who = holder(signers, rules, "approval")
        if who.kind != "person":
            raise UsageError(f"the trust policy does not let {who.name} approve")
        name, role = named_by(who, name, role)
    payload = _payload(found, name, role, meaning)
    written, failures = write_statement(found.folder, "approval", payload, signers, stamping)
    return ApprovalResult(decode_approval(payload).predicate, found.digest, written, failures)


def _payload(found: SignedManifest, name: str | None, role: str | None, meaning: str) -> bytes:
    if name is None or role is None:
        raise UsageError(
            "an approval needs the approver's name and role",
            hint="Give --name and --role, or a trust policy that knows the key.",
        )
    approval = Approval(
        version=APPROVAL_VERSION,
        run=found.run,
        name=name,
        role=role,
        meaning=meaning,
        approved_at=utc_now(),
    )
    try:
        msgspec.convert(msgspec.to_builtins(approval), Approval)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"not an approval ({error})", hint="Name, role and meaning are one line of text each."
        ) from error
    return encode_approval(found.digest, approval)
