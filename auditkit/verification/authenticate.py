"""Steps 1-3: is this a bundle, does its signature verify, is its signer trusted?

Nothing of the payload is looked at here; it is opaque bytes until the signer is trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditkit.errors import EnvelopeError, SignatureError, UnreadableError
from auditkit.findings import Finding, Status
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.trust.keys import KeyTrust


@dataclass(frozen=True, slots=True)
class Authentication:
    """The payload, who signed it, and whether it may be believed.

    `payload` is what the first bundle holds, authenticated or not; None where there is none.
    `bundles` are the files as they were read here, so that what is shown is what was checked.
    """

    findings: tuple[Finding, ...]
    payload: bytes | None
    keyid: str | None
    keyids: frozenset[str]
    authenticated: bool
    bundles: tuple[NamedBundle, ...] = ()


def authenticate(folder: EvidenceFolder, trust: KeyTrust | None) -> Authentication:
    """Return the findings of steps 1-3 over all bundles in the folder.

    A bundle by a key that is not at hand is skipped; at least one must verify under the trusted
    key, and none may be malformed or hold another payload.
    """
    try:
        named = folder.bundles()
        if not named:
            return _unsigned(folder, trust)
    except (EnvelopeError, UnreadableError) as error:
        status: Status = "failed" if isinstance(error, EnvelopeError) else "indeterminate"
        finding = _envelope(folder.path.name, status, str(error))
        return Authentication((finding,), None, None, frozenset(), authenticated=False)
    decoded, findings = _decode_all(named)
    if decoded:
        findings += _signatures(decoded, trust)
    findings += _not_required(decoded)
    decisive = [finding for finding in findings if finding.status != "skipped"]
    return Authentication(
        findings=tuple(findings),
        payload=decoded[0][1].payload if decoded else None,
        keyid=decoded[0][1].keyid if decoded else None,
        keyids=frozenset(bundle.keyid for _, bundle in decoded),
        authenticated=trust is not None
        and all(finding.status == "passed" for finding in decisive)
        and any(finding.check == "signer" for finding in decisive),
        bundles=named,
    )


def _unsigned(folder: EvidenceFolder, trust: KeyTrust | None) -> Authentication:
    payload = folder.unsigned()
    what = "the manifest is not signed" if payload is not None else "there is no bundle"
    finding = Finding(
        step=1,
        check="envelope",
        subject=folder.path.name,
        status="failed" if trust is not None or payload is None else "indeterminate",
        detail=f"{what}, so nothing shows who made it",
    )
    return Authentication((finding,), payload, None, frozenset(), authenticated=False)


def _decode_all(
    named: Sequence[NamedBundle],
) -> tuple[list[tuple[str, Bundle]], list[Finding]]:
    decoded: list[tuple[str, Bundle]] = []
    findings: list[Finding] = []
    for each in named:
        try:
            bundle = decode_bundle(each.data)
        except EnvelopeError as error:
            findings.append(_envelope(each.name, "failed", error.message))
            continue
        if decoded and bundle.payload != decoded[0][1].payload:
            findings.append(
                _envelope(
                    each.name,
                    "failed",
                    f"signs another payload than {decoded[0][0]}",
                    expected=f"sha256:{decoded[0][1].manifest_digest}",
                    found=f"sha256:{bundle.manifest_digest}",
                )
            )
            continue
        decoded.append((each.name, bundle))
        findings.append(
            _envelope(each.name, "passed", f"Sigstore bundle v0.3, {len(bundle.payload)} bytes")
        )
    return decoded, findings


def _envelope(
    name: str, status: Status, detail: str, *, expected: str | None = None, found: str | None = None
) -> Finding:
    return Finding(
        step=1,
        check="envelope",
        subject=name,
        status=status,
        detail=detail,
        expected=expected,
        found=found,
    )


def _signatures(decoded: Sequence[tuple[str, Bundle]], trust: KeyTrust | None) -> list[Finding]:
    if trust is None:
        return [
            Finding(
                step=step,
                check=check,
                subject=decoded[0][0],
                status="indeterminate",
                detail="no key was given, so the signature could not be checked",
            )
            for step, check in ((2, "signature"), (3, "signer"))
        ]
    findings: list[Finding] = []
    for name, bundle in decoded:
        findings += _signature(name, bundle, trust)
    if not any(finding.check == "signer" for finding in findings):
        findings.append(_no_trusted_signature(decoded, trust))
    return findings


def _signature(name: str, bundle: Bundle, trust: KeyTrust) -> list[Finding]:
    key = trust.public_key
    names_key = bundle.keyid == key.keyid
    try:
        key.verify(bundle.signature, bundle.signed_bytes)
    except SignatureError as error:
        if not names_key:
            detail = f"made by key {bundle.keyid[:16]}…, which is not at hand"
            return [
                Finding(step=2, check="signature", subject=name, status="skipped", detail=detail)
            ]
        return [
            Finding(step=2, check="signature", subject=name, status="failed", detail=error.message)
        ]
    good = Finding(
        step=2,
        check="signature",
        subject=name,
        status="passed",
        detail=f"{key.algorithm} signature over {len(bundle.signed_bytes)} bytes",
    )
    if names_key:
        detail = f"signed by the trusted key {key.keyid[:16]}…"
        signer = Finding(step=3, check="signer", subject=name, status="passed", detail=detail)
    else:
        signer = Finding(
            step=3,
            check="signer",
            subject=name,
            status="failed",
            detail="the bundle names another key than the one that signed it",
            expected=key.keyid,
            found=bundle.keyid,
        )
    return [good, signer]


def _no_trusted_signature(decoded: Sequence[tuple[str, Bundle]], trust: KeyTrust) -> Finding:
    return Finding(
        step=3,
        check="signer",
        subject=decoded[0][0],
        status="failed",
        detail="not signed by the trusted key",
        expected=trust.public_key.keyid,
        found=", ".join(sorted({bundle.keyid for _, bundle in decoded})),
    )


def _not_required(decoded: Sequence[tuple[str, Bundle]]) -> list[Finding]:
    tokens = sum(len(bundle.timestamps) for _, bundle in decoded)
    stamped = f"{tokens} tokens are present and were not checked" if tokens else "none is present"
    return [
        Finding(
            step=3,
            check="timestamp",
            subject="bundle",
            status="skipped",
            detail=f"no timestamp is required; {stamped}",
        ),
        Finding(
            step=3,
            check="approval",
            subject="bundle",
            status="skipped",
            detail="no approval is required",
        ),
    ]
