"""How many small bundles one core verifies in a second: signature, policy, typed decoding."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from auditkit.stores.evidence import EvidenceFolder
from auditkit.trust.load import PolicyTrust, load_policy
from auditkit.verification.authenticate import authenticate
from auditkit.verification.manifest_check import check_manifest

VECTORS = Path(__file__).parent.parent / "tests" / "vectors" / "bundles"
CASES = (
    "good-ed25519",
    "good-ecdsa-p256",
    "good-ecdsa-p384",
    "good-ml-dsa-65",
    "hybrid-both-signatures",
    "certificate",
    "token",
    "certificate-expired-after-the-token",
)
SECONDS = 2.0


def measure() -> dict[str, float]:
    """Return bundles a second by kind, each evidence folder read anew, in one thread."""
    return {f"bundles_per_second_{name}": _rate(VECTORS / f"{name}-passed") for name in CASES}


def _rate(folder: Path) -> float:
    trust = load_policy(folder / "trust.toml", source="flag")
    verified = _verified(folder / "evidence", trust)
    next(verified)
    started = time.perf_counter()
    count = 0
    while time.perf_counter() - started < SECONDS:
        next(verified)
        count += 1
    return count / (time.perf_counter() - started)


def _verified(folder: Path, trust: PolicyTrust) -> Iterator[None]:
    now = datetime.now(UTC)
    while True:
        found = authenticate(EvidenceFolder.open(folder), trust, now)
        statement, _ = check_manifest(found.payload or b"", found.keyids)
        if not found.authenticated or statement is None:
            raise RuntimeError(f"{folder} does not verify")
        yield
