"""Step 1: are these bundles, and do they all hold one payload?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditkit.errors import AuditkitError, EnvelopeError
from auditkit.findings import Finding, Status
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.stores.evidence import NamedBundle


@dataclass(frozen=True, slots=True)
class DecodedBundle:
    """A bundle and the name of its file."""

    name: str
    bundle: Bundle


def check_bundles(named: Sequence[NamedBundle]) -> tuple[list[DecodedBundle], list[Finding]]:
    """Return the bundles that hold the first one's payload, with the findings of step 1."""
    decoded: list[DecodedBundle] = []
    findings: list[Finding] = []
    for each in named:
        try:
            bundle = decode_bundle(each.data)
        except EnvelopeError as error:
            findings.append(envelope_finding(each.name, "failed", error.message))
            continue
        if decoded and bundle.payload != decoded[0].bundle.payload:
            findings.append(_another_payload(each.name, bundle, decoded[0]))
            continue
        decoded.append(DecodedBundle(each.name, bundle))
        detail = f"Sigstore bundle v0.3, {len(bundle.payload)} bytes"
        findings.append(envelope_finding(each.name, "passed", detail))
    return decoded, findings


def in_words(error: AuditkitError) -> str:
    """Return what is wrong with which file, without where the evidence happens to lie."""
    return f"{Path(error.path).name}: {error.message}" if error.path else error.message


def envelope_finding(name: str, status: Status, detail: str) -> Finding:
    """Return a finding of step 1 about the file called `name`."""
    return Finding(step=1, check="envelope", subject=name, status=status, detail=detail)


def _another_payload(name: str, bundle: Bundle, first: DecodedBundle) -> Finding:
    return Finding(
        step=1,
        check="envelope",
        subject=name,
        status="failed",
        detail=f"signs another payload than {first.name}",
        expected=f"sha256:{first.bundle.manifest_digest}",
        found=f"sha256:{bundle.manifest_digest}",
    )
