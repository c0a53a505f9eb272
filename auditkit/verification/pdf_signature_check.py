"""Is a report in PDF signed, by somebody who may sign reports, and unchanged since?

The findings of step 1 to 3 about the PDF itself. Its signature says who issued the report, and
nothing about the run: the evidence attached to it is verified on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from auditkit.errors import EvidenceError, TokenError
from auditkit.findings import Finding, Status
from auditkit.signing.keys import PublicKey
from auditkit.stores.pdf import PdfContent, PdfSignature
from auditkit.trust.certificates import certified_key, is_named, judge_certificate, readable
from auditkit.trust.rules import Principal, Rules, TrustSource
from auditkit.trust.tokens import check_token
from auditkit.trust.validity import Judgement, KnownTime, best, judge, utc, worst

Covered = Callable[[PdfSignature], bytes]
"""Returns the bytes of the file that a signature covers."""


def check_pdf_signature(
    content: PdfContent,
    covered: Covered,
    trust: TrustSource | None,
    projects: Iterable[str],
    now: datetime,
) -> tuple[Finding, ...]:
    """Return what is to be said of the PDF's signature; `projects` are those it reports on."""
    signatures = [each for each in content.signatures if each.kind == "signature"]
    active = _active(content)
    if not signatures:
        return (active, _unsigned(content, trust))
    first, findings = signatures[0], [active, *_intact(signatures)]
    findings.append(_additions(first, content.signatures[-1]))
    if trust is None:
        detail = "no key was given, so nothing shows who signed the report"
        return (*findings, _finding(3, "report.signer", "indeterminate", detail))
    if first.intact:
        known, times = _known(content, first, covered, trust.rules, now)
        findings += times
        findings.append(_signer(first, trust.rules, known, projects))
    return tuple(findings)


def _active(content: PdfContent) -> Finding:
    if content.active:
        detail = f"it holds what a reader might carry out: {', '.join(content.active)[:200]}"
        return _finding(1, "report.file", "failed", detail)
    return _finding(1, "report.file", "passed", f"a PDF of {content.pages} pages, nothing active")


def _unsigned(content: PdfContent, trust: TrustSource | None) -> Finding:
    """A report need not be signed; but whoever takes a signature away must not gain by it."""
    named = trust is not None and any(
        each.statements is not None and each.signs("report") for each in trust.rules.principals
    )
    detail = "it is not signed, so nothing shows who made its pages; the evidence attached to it"
    detail += " was verified on its own"
    if content.signatures:
        detail = "it is not signed, only stamped with a time"
    if named:
        return _finding(
            2, "report.signature", "failed", f"{detail}; the policy says who signs them"
        )
    return _finding(2, "report.signature", "indeterminate", detail)


def _intact(signatures: Sequence[PdfSignature]) -> Iterable[Finding]:
    if len(signatures) > 1:
        detail = f"it has {len(signatures)} signatures, and a report has one"
        yield _finding(2, "report.signature", "failed", detail)
    first = signatures[0]
    if not first.intact:
        why = first.problem or "the bytes that it covers were changed"
        yield _finding(2, "report.signature", "failed", f"the signature does not hold: {why}")
    elif not first.certifies:
        detail = "the signature allows changes; that of a report allows none"
        yield _finding(2, "report.signature", "failed", detail)
    else:
        yield _finding(2, "report.signature", "passed", "the signature holds, and allows no change")


def _additions(first: PdfSignature, last: PdfSignature) -> Finding:
    if first.covers == "part" or first.changes == "other":
        detail = "something was added to the file, or changed in it, after it was signed"
        return _finding(2, "report.additions", "failed", detail)
    if last.covers != "file":
        detail = "bytes were added to the file after its last signature or time stamp"
        return _finding(2, "report.additions", "failed", detail)
    detail = "nothing was added after the signature"
    if first.changes == "lasting":
        detail += " but document time stamps, and what validates them"
    return _finding(2, "report.additions", "passed", detail)


def _known(
    content: PdfContent, first: PdfSignature, covered: Covered, rules: Rules, now: datetime
) -> tuple[KnownTime, list[Finding]]:
    """Return since when the signature is known to exist, and what is to be said of its stamps."""
    times: list[KnownTime] = []
    findings: list[Finding] = []
    for token, signed in _stamps(content, first, covered):
        try:
            times.append(_time(token, signed, rules))
        except TokenError as error:
            detail = f"not counted: {error.message}"
            findings.append(_finding(3, "report.timestamp", "skipped", detail))
    earliest = min(times, key=lambda time: time.at, default=None)
    if earliest is not None:
        detail = f"the signature existed by {utc(earliest.at)}, says {earliest.authority}"
        findings.insert(0, _finding(3, "report.timestamp", "passed", detail))
    elif rules.require.timestamp:
        detail = "the policy requires a time stamp, and there is no valid one over the signature"
        findings.append(_finding(3, "report.timestamp", "failed", detail))
    return earliest or KnownTime(now), findings


def _stamps(
    content: PdfContent, first: PdfSignature, covered: Covered
) -> Iterator[tuple[bytes, bytes]]:
    """Yield tokens over the signature, each with the bytes that it is over."""
    for token in first.tokens:
        yield token, first.value
    for each in content.signatures:
        later = sum(each.covered[-1]) > sum(first.covered[-1]) if each.covered else False
        if each.kind == "timestamp" and each.covers != "part" and each.tokens and later:
            yield each.tokens[0], covered(each)


def _time(token: bytes, signed: bytes, rules: Rules) -> KnownTime:
    if not rules.authorities:
        raise TokenError("no time-stamping authority is trusted")
    return check_token(_response(token), signed, rules.authorities)


def _response(token: bytes) -> bytes:
    """Return a token as the answer of an authority, which is what tokens are read from.

    TimeStampResp (RFC 3161, 2.4.2): a sequence of the status "granted" and the token, in DER.
    """
    body = bytes.fromhex("3003020100") + token
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes((0x30, 0x80 | len(length))) + length + body


def _signer(
    first: PdfSignature, rules: Rules, known: KnownTime, projects: Iterable[str]
) -> Finding:
    leaf, *chain = first.certificates
    try:
        key = certified_key(leaf)
    except EvidenceError as error:
        return _finding(3, "report.signer", "failed", error.message)
    named = f"{key.algorithm} key {key.keyid[:16]}…"
    judged = [
        (who, _judge(who, leaf, chain, key, rules, known, projects))
        for who in rules.principals
        if _is_theirs(who, leaf, key)
    ]
    if not judged:
        detail = f"signed by somebody who is not trusted ({named})"
        return _finding(3, "report.signer", "failed", detail)
    outcome = best(judgement for _, judgement in judged)
    who = next(who for who, judgement in judged if judgement == outcome)
    if outcome.status == "passed":
        return _finding(3, "report.signer", "passed", f"signed by {who.name}, {named}")
    return _finding(3, "report.signer", outcome.status, f"{who.name}: {outcome.detail} ({named})")


def _is_theirs(who: Principal, leaf: bytes, key: PublicKey) -> bool:
    held = any(each.public_key.keyid == key.keyid for each in who.keys)
    return held or (who.issuer is not None and is_named(leaf, who.issuer))


def _judge(
    who: Principal,
    leaf: bytes,
    chain: Sequence[bytes],
    key: PublicKey,
    rules: Rules,
    known: KnownTime,
    projects: Iterable[str],
) -> Judgement:
    if not who.signs("report"):
        return Judgement("failed", "may not sign reports")
    for project in projects:
        if not who.covers(project):
            return Judgement("failed", f"may not sign for the project {project}")
    if who.needed > 1:
        return Judgement("failed", f"signed with 1 of its {who.needed} keys")
    judged = [judge(who.validity, known)]
    held = [each for each in who.keys if each.public_key.keyid == key.keyid]
    judged += [judge(each.validity, known) for each in held]
    if not held and who.issuer is not None:
        issuer = replace(who.issuer, intermediates=(*who.issuer.intermediates, *readable(chain)))
        judged.append(judge_certificate(leaf, issuer, known, purpose="document"))
        if (objection := rules.strength.objection(key)) is not None:
            judged.append(Judgement("failed", objection))
    return worst(judged)


def _finding(step: int, check: str, status: Status, detail: str) -> Finding:
    return Finding(step=step, check=check, subject="report", status=status, detail=detail)
