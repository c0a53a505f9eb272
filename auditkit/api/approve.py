"""Approve a manifest: a person's own signature under what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from auditkit.api.stamping import Stamping, stamped
from auditkit.digests import sha256_hex
from auditkit.errors import TimestampError, UsageError
from auditkit.manifest.approval import Approval, ApprovedRun, decode_approval, encode_approval
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.provenance.identity import utc_now
from auditkit.schemes import APPROVAL_VERSION
from auditkit.signing.signer import Signer, seal
from auditkit.stores.atomic import write_new
from auditkit.stores.attached import approval_path
from auditkit.stores.evidence import EvidenceFolder
from auditkit.trust.rules import Principal, Rules


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
    folder = EvidenceFolder.open(path)
    bundles = [decode_bundle(each.data) for each in folder.bundles()]
    if not bundles:
        raise UsageError(
            "the manifest is not signed", hint="Sign it first: auditkit sign.", path=str(path)
        )
    keyids = {signer.public_key.keyid for signer in signers}
    if keyids & {each.keyid for each in bundles}:
        raise UsageError(
            "this key signed the manifest, and its approver must be somebody else",
            hint="Approve with the key of the person who approves.",
        )
    if rules is not None:
        name, role = _known(_holder(keyids, rules), name, role)
    payload = _payload(bundles[0].payload, name, role, meaning)
    sealed, failures = _seal(payload, signers, stamping)
    written = []
    for bundle in sealed:
        written.append(approval_path(folder, sha256_hex(payload), bundle.keyid))
        write_new(written[-1], bundle.encode())
    statement = decode_approval(payload)
    return ApprovalResult(statement.predicate, bundles[0].manifest_digest, tuple(written), failures)


def _payload(manifest: bytes, name: str | None, role: str | None, meaning: str) -> bytes:
    run = decode_statement(manifest).statement.predicate.run
    if name is None or role is None:
        raise UsageError(
            "an approval needs the approver's name and role",
            hint="Give --name and --role, or a trust policy that knows the key.",
        )
    approval = Approval(
        version=APPROVAL_VERSION,
        run=ApprovedRun(id=run.id, project=run.project),
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
    return encode_approval(sha256_hex(manifest), approval)


def _holder(keyids: set[str], rules: Rules) -> Principal:
    holders = {who.name: who for who, key in rules.all_keys() if key.public_key.keyid in keyids}
    if len(holders) != 1:
        raise UsageError(
            "the trust policy knows nobody with this key"
            if not holders
            else f"the keys belong to several signers: {', '.join(holders)}",
            hint="Add the person to the policy, or name another policy with --trust.",
        )
    (who,) = holders.values()
    if who.kind != "person" or not who.signs("approval"):
        raise UsageError(f"the trust policy does not let {who.name} approve")
    return who


def _known(who: Principal, name: str | None, role: str | None) -> tuple[str, str | None]:
    if name not in {None, who.name} or role not in {None, who.role}:
        raise UsageError(
            f"the trust policy says that this key is that of {who.name} ({who.role})",
            hint="Leave out --name and --role, or approve with your own key.",
        )
    return who.name, who.role


def _seal(
    payload: bytes, signers: Sequence[Signer], stamping: Stamping | None
) -> tuple[list[Bundle], tuple[TimestampError, ...]]:
    sealed = [seal(payload, signer) for signer in signers]
    if stamping is None:
        return sealed, ()
    failures: list[TimestampError] = []
    for position, bundle in enumerate(sealed):
        sealed[position], failed = stamped(bundle, stamping)
        if failed and stamping.required and not sealed[position].timestamps:
            raise failed[0]
        failures += failed
    return sealed, tuple(failures)
