"""Steps 1-3: is this a bundle, does its signature verify, may its signers sign this?

Of the payload no more is looked at than what decides the last question; the rest is opaque bytes
until then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditkit.errors import EnvelopeError, UnreadableError
from auditkit.findings import Finding, Status, TimestampVerdict
from auditkit.manifest.codec import preview
from auditkit.stores.attached import NamedToken, tokens
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.trust.rules import Rules, TrustSource
from auditkit.verification.bundles import DecodedBundle, check_bundles, envelope_finding, in_words
from auditkit.verification.signatures import check_signatures
from auditkit.verification.signers import Standing, check_signers, counted, nobody, standings
from auditkit.verification.timestamps import check_required, known_times, nothing_to_say


@dataclass(frozen=True, slots=True)
class Authentication:
    """The payload, who signed it, and whether it may be believed.

    `payload` is what the first bundle holds, authenticated or not; None where there is none.
    `standings` are of all trusted principals that signed. `bundles` and `tokens` are the files as
    they were read here, so that what is shown is what was checked.
    """

    findings: tuple[Finding, ...]
    payload: bytes | None
    keyid: str | None
    keyids: frozenset[str]
    authenticated: bool
    standings: tuple[Standing, ...] = ()
    bundles: tuple[NamedBundle, ...] = ()
    tokens: tuple[NamedToken, ...] = ()
    timestamps: tuple[TimestampVerdict, ...] = ()

    @property
    def signers(self) -> tuple[Standing, ...]:
        """Those that count."""
        return counted(self.standings)


def authenticate(
    folder: EvidenceFolder, trust: TrustSource | None, now: datetime
) -> Authentication:
    """Return the findings of steps 1-3 over all bundles in the folder, but for approvals.

    A bundle by a key that is not at hand is skipped; as many principals as the rules require
    must have signed, and no bundle may be malformed or hold another payload. `now` is the
    verifier's clock.
    """
    try:
        named = folder.bundles()
        if not named:
            return _unsigned(folder, trust)
        files = {each.name: tokens(folder, each) for each in named}
    except (EnvelopeError, UnreadableError) as error:
        status: Status = "failed" if isinstance(error, EnvelopeError) else "indeterminate"
        finding = envelope_finding(folder.path.name, status, in_words(error))
        return Authentication((finding,), None, None, frozenset(), authenticated=False)
    decoded, findings = check_bundles(named)
    signed = _Signed()
    if decoded and trust is None:
        findings += _no_key(decoded[0].name)
    elif decoded and trust is not None:
        signed = _signed(decoded, files, trust.rules, now)
        findings += signed.findings
    signers = counted(signed.standings)
    return Authentication(
        findings=tuple(findings),
        payload=decoded[0].bundle.payload if decoded else None,
        keyid=_keyid(decoded, signers),
        keyids=frozenset(each.bundle.keyid for each in decoded),
        authenticated=bool(signers)
        and all(finding.status in ("passed", "skipped") for finding in findings),
        standings=signed.standings,
        bundles=named,
        tokens=tuple(token for each in files.values() for token in each),
        timestamps=signed.timestamps,
    )


@dataclass(frozen=True, slots=True)
class _Signed:
    """What the signatures under trusted keys come to."""

    standings: tuple[Standing, ...] = ()
    findings: tuple[Finding, ...] = ()
    timestamps: tuple[TimestampVerdict, ...] = ()


def _signed(
    decoded: Sequence[DecodedBundle],
    files: Mapping[str, Sequence[NamedToken]],
    rules: Rules,
    now: datetime,
) -> _Signed:
    signatures, findings = check_signatures(decoded, rules)
    times = known_times(signatures, files, rules, now)
    seen = preview(decoded[0].bundle.payload)
    found = standings(signatures, times.known, seen, rules.strength)
    findings += check_signers(found, rules)
    if not found and not any(finding.check == "signer" for finding in findings):
        findings.append(nobody((each.bundle.keyid for each in decoded), rules))
    stamps = [*times.findings, *check_required(counted(found), rules)]
    findings += stamps or [nothing_to_say()]
    return _Signed(found, tuple(findings), times.verdicts)


def _unsigned(folder: EvidenceFolder, trust: TrustSource | None) -> Authentication:
    payload = folder.unsigned()
    what = "the manifest is not signed" if payload is not None else "there is no bundle"
    status: Status = "failed" if trust is not None or payload is None else "indeterminate"
    finding = envelope_finding(folder.path.name, status, f"{what}, so nothing shows who made it")
    return Authentication((finding,), payload, None, frozenset(), authenticated=False)


def _no_key(name: str) -> list[Finding]:
    return [
        Finding(
            step=step,
            check=check,
            subject=name,
            status="indeterminate",
            detail="no key was given, so the signature could not be checked",
        )
        for step, check in ((2, "signature"), (3, "signer"))
    ]


def _keyid(decoded: Sequence[DecodedBundle], signers: Sequence[Standing]) -> str | None:
    """Name the first key that counts, or what the first bundle claims."""
    for standing in signers:
        return standing.signatures[0].public_key.keyid
    return decoded[0].bundle.keyid if decoded else None
