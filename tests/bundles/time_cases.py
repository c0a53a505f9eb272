"""Hostile times: tokens that prove nothing, keys that have ended, clocks that lie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from bundles.making import (
    BEGAN,
    CI,
    EARLY,
    LATE,
    MIDDLE,
    ONE,
    ROOT,
    Case,
    Policy,
    evidence,
    manifest,
    sealed,
    stamped,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from timestamping import make_root, make_stamper, make_token

REQUIRED = ONE.stamps(required=True)
NOT_STAMPED = (("timestamp", "failed"),)
GOOD = sealed(manifest(), CI)


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _tokens()
    yield from _keys()
    yield from _clocks()


def _case(name: str, why: str, bundle: object, policy: Policy, *findings: tuple[str, str]) -> Case:
    return Case(name, why, {**evidence(bundle), **policy.contents()}, findings)  # type: ignore[arg-type]


def _required(name: str, why: str, token: bytes) -> Case:
    bundle = msgspec.structs.replace(GOOD, timestamps=(token,))
    passed = name.endswith("passed")
    return _case(
        name, why, bundle, REQUIRED, *([("timestamp", "passed")] if passed else NOT_STAMPED)
    )


def _token(at: datetime, *, message: bytes = GOOD.signature, **options: object) -> bytes:
    stamper = make_stamper(ROOT, "Vector Time Stamping", **options)  # type: ignore[arg-type]
    return make_token(stamper, message, at)


def _tokens() -> Iterator[Case]:
    stamper = make_stamper(ROOT, "Vector Time Stamping")
    yield _required("token-passed", "A required token of a trusted authority.", _token(MIDDLE))
    yield _case(
        "token-required-and-absent-failed",
        "A token is required, and there is none.",
        GOOD,
        REQUIRED,
        *NOT_STAMPED,
    )
    beside = {**evidence(GOOD), **REQUIRED.contents(), "evidence/manifest.1.tsr": _token(MIDDLE)}
    yield Case(
        "token-beside-the-bundle-passed",
        "A token that was added later, as a file.",
        beside,
        (("timestamp", "passed"),),
    )
    yield _required(
        "token-over-something-else-failed",
        "A token over another signature.",
        _token(MIDDLE, message=b"another signature"),
    )
    yield _required(
        "token-over-sha-1-failed",
        "A token whose imprint is SHA-1.",
        make_token(stamper, GOOD.signature, MIDDLE, hash_name="sha1"),
    )
    yield _required(
        "token-with-a-certificate-for-another-purpose-failed",
        "The authority's certificate is for code signing.",
        _token(MIDDLE, usages=(ExtendedKeyUsageOID.CODE_SIGNING,)),
    )
    yield _required(
        "token-with-a-purpose-that-is-not-critical-failed",
        "The extended key usage must be critical (RFC 3161, section 2.3).",
        _token(MIDDLE, critical=False),
    )
    yield _required(
        "token-of-an-expired-authority-failed",
        "The authority's certificate had expired at the token's time.",
        _token(MIDDLE, end=EARLY),
    )
    yield _required(
        "token-of-an-authority-expired-since-passed",
        "The authority's certificate has expired since; a token outlives it.",
        _token(MIDDLE, end=LATE),
    )
    other = make_stamper(make_root("Other Root"), "Vector Time Stamping")
    yield _required(
        "token-of-an-unknown-authority-failed",
        "An authority that the policy does not have.",
        make_token(other, GOOD.signature, MIDDLE),
    )
    yield _required("token-of-junk-failed", "Bytes that are no token.", b"junk")


def _keys() -> Iterator[Case]:
    endings = {
        "compromised": (f'revoked-at = {MIDDLE.isoformat()}\nreason = "compromise"', "failed"),
        "retired": (f'revoked-at = {MIDDLE.isoformat()}\nreason = "retired"', "indeterminate"),
        "superseded": (
            f'revoked-at = {MIDDLE.isoformat()}\nreason = "superseded"',
            "indeterminate",
        ),
        "expired": (f"not-after = {MIDDLE.isoformat()}", "indeterminate"),
    }
    for kind, (window, without) in endings.items():
        policy = Policy().signer("ci", CI, rest=window).stamps()
        yield _case(
            f"key-{kind}-without-a-token-{without}",
            f"The key was {kind} in June, and nothing shows when it signed.",
            GOOD,
            policy,
            ("signer", without),
        )
        yield _case(
            f"key-{kind}-after-the-token-passed",
            f"The key was {kind} in June, and a token of March is over the signature.",
            stamped(GOOD, EARLY),
            policy,
            ("signer", "passed"),
        )
        yield _case(
            f"key-{kind}-before-the-token-{without}",
            f"The key was {kind} in June, and the only token is of September.",
            stamped(GOOD, LATE),
            policy,
            ("signer", without),
        )
    policy = Policy().signer("ci", CI, rest=f"not-before = {MIDDLE.isoformat()}").stamps()
    yield _case(
        "token-before-the-keys-window-failed",
        "A token proves that the signature is older than the key's validity.",
        stamped(GOOD, EARLY),
        policy,
        ("signer", "failed"),
    )
    policy = Policy().signer("ci", CI, rest=endings["compromised"][0]).stamps()
    yield _case(
        "earliest-of-two-tokens-passed",
        "The key was compromised between two tokens; the earlier one counts.",
        stamped(stamped(GOOD, LATE), EARLY),
        policy,
        ("signer", "passed"),
    )


def _clocks() -> Iterator[Case]:
    yield _case(
        "token-before-the-run-began-failed",
        "The signature is proven to be older than the run it is about.",
        stamped(GOOD, BEGAN - timedelta(days=1)),
        ONE.stamps(),
        *NOT_STAMPED,
    )
    ahead = sealed(manifest(started="9999-12-31T23:59:59.000Z"), CI)
    yield _case(
        "clock-far-ahead-indeterminate",
        "The run says that it has yet to begin; no clock here is proven.",
        ahead,
        ONE,
        ("timestamp", "indeterminate"),
    )
    yield _case(
        "clock-far-ahead-of-a-token-failed",
        "The run says that it has yet to begin, and a token proves that it was signed.",
        stamped(ahead, MIDDLE),
        ONE.stamps(),
        *NOT_STAMPED,
    )
    yield _case(
        "clock-before-the-epoch-passed",
        "The manifest's own clock is declared and proves nothing.",
        sealed(manifest(started="1969-12-31T23:59:59.000Z"), CI),
        Policy().signer("ci", CI, rest=f"not-before = {EARLY.isoformat()}"),
        ("signer", "passed"),
    )
    yield _case(
        "clock-of-no-calendar-indeterminate",
        "A time that has the form of one and is none.",
        sealed(manifest(started="2026-02-31T00:00:00.000Z"), CI),
        ONE,
    )
