"""Statements about a manifest, signed by somebody whom the verifier's rules know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditkit.api.stamping import Stamping, stamped
from auditkit.errors import TimestampError, UsageError
from auditkit.manifest.about import RunRef
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Statement
from auditkit.signing.signer import Signer, seal
from auditkit.stores.atomic import write_new
from auditkit.stores.attached import StatementKind, statement_path
from auditkit.stores.evidence import EvidenceFolder
from auditkit.trust.rules import Principal, Rules

_DOES: Final[dict[StatementKind, str]] = {
    "approval": "approve",
    "verification": "record verifications",
    "erasure": "attest erasures",
}


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """A manifest to say something about: its files, what is in it, and who signed it."""

    folder: EvidenceFolder
    bundles: tuple[Bundle, ...]
    statement: Statement

    @classmethod
    def open(cls, path: Path) -> SignedManifest:
        """Return the manifest at `path`, whose signature is not checked.

        Raises:
            UsageError: it is not signed.
            EnvelopeError, ManifestError: it is not a manifest.
        """
        folder = EvidenceFolder.open(path)
        bundles = tuple(decode_bundle(each.data) for each in folder.bundles())
        if not bundles:
            raise UsageError(
                "the manifest is not signed", hint="Sign it first: auditkit sign.", path=str(path)
            )
        return cls(folder, bundles, decode_statement(bundles[0].payload).statement)

    @property
    def digest(self) -> str:
        """The manifest digest, hex."""
        return self.bundles[0].manifest_digest

    @property
    def run(self) -> RunRef:
        """The manifest's run."""
        run = self.statement.predicate.run
        return RunRef(id=run.id, project=run.project)


def holder(signers: Sequence[Signer], rules: Rules, kind: StatementKind) -> Principal:
    """Return to whom the rules say that the keys belong, who may sign this kind of statement.

    Raises:
        UsageError: they belong to nobody or to several, or the rules do not let the holder.
    """
    keyids = {signer.public_key.keyid for signer in signers}
    holders = {who.name: who for who, key in rules.all_keys() if key.public_key.keyid in keyids}
    if len(holders) != 1:
        raise UsageError(
            "the trust policy knows nobody with this key"
            if not holders
            else f"the keys belong to several signers: {', '.join(holders)}",
            hint="Add the signer to the policy, or name another policy with --trust.",
        )
    (who,) = holders.values()
    if not who.signs(kind):
        raise UsageError(
            f"the trust policy does not let {who.name} {_DOES[kind]}",
            hint=f'Add "{kind}" to the statements of that signer, or sign with another key.',
        )
    return who


def named_by(who: Principal, name: str | None, role: str | None) -> tuple[str, str | None]:
    """Return the holder's name and role; raises UsageError if others were given.

    A role that the rules say nothing about is as given.
    """
    if name not in {None, who.name} or (who.role is not None and role not in {None, who.role}):
        raise UsageError(
            f"the trust policy says that this key is that of {who.name} ({who.role})",
            hint="Leave out --name and --role, or sign with your own key.",
        )
    return who.name, who.role or role


def write_statement(
    folder: EvidenceFolder,
    kind: StatementKind,
    payload: bytes,
    signers: Sequence[Signer],
    stamping: Stamping | None,
) -> tuple[tuple[Path, ...], tuple[TimestampError, ...]]:
    """Seal the statement with each key and write it beside the manifest.

    Returns:
        The bundles written, and errors of authorities that gave no token where another one did.

    Raises:
        TimestampError: no authority gave a required time stamp; nothing is written.
        StorageError: a bundle could not be written.
    """
    bundles, failures = sealed(payload, signers, stamping)
    return write_sealed(folder, kind, payload, bundles), failures


def write_sealed(
    folder: EvidenceFolder,
    kind: StatementKind,
    payload: bytes,
    bundles: Sequence[Bundle],
    *,
    time: str = "",
) -> tuple[Path, ...]:
    """Write bundles over one statement beside the manifest, and return their paths.

    Raises:
        StorageError: one could not be written.
    """
    written = []
    for bundle in bundles:
        written.append(statement_path(folder, kind, payload, bundle.keyid, time))
        write_new(written[-1], bundle.encode())
    return tuple(written)


def sealed(
    payload: bytes, signers: Sequence[Signer], stamping: Stamping | None
) -> tuple[tuple[Bundle, ...], tuple[TimestampError, ...]]:
    """Return a bundle by each key, and errors of authorities that gave no token.

    Raises:
        TimestampError: no authority gave a required time stamp.
    """
    bundles: list[Bundle] = []
    failures: list[TimestampError] = []
    for signer in signers:
        bundle = seal(payload, signer)
        if stamping is not None:
            bundle, failed = stamped(bundle, stamping)
            if failed and stamping.required and not bundle.timestamps:
                raise failed[0]
            failures += failed
        bundles.append(bundle)
    return tuple(bundles), tuple(failures)
