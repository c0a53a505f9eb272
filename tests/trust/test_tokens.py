"""Which time-stamp tokens prove a time, and which prove nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from timestamping import Issued, OpensslAuthority, make_root, make_stamper, make_token

from auditkit.errors import TokenError
from auditkit.schemes import MAX_TOKEN_BYTES
from auditkit.signing.tokens import load_client
from auditkit.trust.rules import Authority
from auditkit.trust.tokens import check_token

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
SIGNATURE = b"s" * 64
ROOT = make_root()
TRUSTED = (Authority("stamper", (ROOT.certificate,)),)


def refused(token: bytes, match: str, authorities: tuple[Authority, ...] = TRUSTED) -> None:
    with pytest.raises(TokenError, match=match):
        check_token(token, SIGNATURE, authorities)


def test_a_good_token_proves_its_time() -> None:
    known = check_token(make_token(make_stamper(ROOT), SIGNATURE, AT), SIGNATURE, TRUSTED)
    assert (known.at, known.authority) == (AT, "stamper")


def test_the_accuracy_is_held_against_the_token() -> None:
    token = make_token(make_stamper(ROOT), SIGNATURE, AT, accuracy_seconds=90)
    assert check_token(token, SIGNATURE, TRUSTED).at == AT + timedelta(seconds=90)


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_strong_imprints_are_accepted(name: str) -> None:
    token = make_token(make_stamper(ROOT), SIGNATURE, AT, hash_name=name)
    assert check_token(token, SIGNATURE, TRUSTED).at == AT


def test_sha_1_imprints_are_refused() -> None:
    token = make_token(make_stamper(ROOT), SIGNATURE, AT, hash_name="sha1")
    refused(token, "hash function 1.3.14.3.2.26")


def test_a_token_over_something_else_is_refused() -> None:
    refused(make_token(make_stamper(ROOT), b"other", AT), "over something else")


WRONG = {
    "another purpose": {"usages": (ExtendedKeyUsageOID.CODE_SIGNING,)},
    "a second purpose": {
        "usages": (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)
    },
    "a purpose that is not critical": {"critical": False},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_certificate_for_something_else_is_refused(name: str) -> None:
    stamper = make_stamper(ROOT, **WRONG[name])  # type: ignore[arg-type]
    refused(make_token(stamper, SIGNATURE, AT), "purpose")


def test_a_certificate_is_judged_at_the_tokens_time() -> None:
    expired_before = make_stamper(ROOT, end=AT - timedelta(days=1))
    refused(make_token(expired_before, SIGNATURE, AT), "expired")
    expired_since = make_stamper(ROOT, end=AT + timedelta(days=1))
    assert check_token(make_token(expired_since, SIGNATURE, AT), SIGNATURE, TRUSTED).at == AT
    not_yet = make_stamper(ROOT, start=AT + timedelta(days=1))
    refused(make_token(not_yet, SIGNATURE, AT), "not yet valid")


def test_only_authorities_of_the_policy_count() -> None:
    token = make_token(make_stamper(ROOT), SIGNATURE, AT)
    other = Authority("other", (make_root("Other Root").certificate,))
    refused(token, "no trusted authority", (other,))
    assert check_token(token, SIGNATURE, (other, *TRUSTED)).authority == "stamper"


@pytest.mark.parametrize("token", [b"", b"x", b"0" * (MAX_TOKEN_BYTES + 1), bytes(100)])
def test_what_is_no_token(token: bytes) -> None:
    refused(token, "not a time-stamp token|more than")


def test_every_byte_that_is_changed_leaves_an_old_time_or_none() -> None:
    token = make_token(make_stamper(ROOT), SIGNATURE, AT)
    for position in range(len(token)):
        changed = bytearray(token)
        changed[position] ^= 0x41
        try:
            known = check_token(bytes(changed), SIGNATURE, TRUSTED)
        except TokenError:
            continue
        assert known.at == AT, "what is not under the signature cannot change the time"


def _asked(folder: Path, stamper: Issued, chain: bytes | None = None) -> bytes:
    client = load_client()
    builder = client.TimestampRequestBuilder().data(SIGNATURE)
    request = builder.hash_algorithm(client.HashAlgorithm.SHA256).build()
    reply: bytes = OpensslAuthority.make(folder, stamper, chain=chain).reply(request.as_bytes())
    return reply


def test_a_token_of_openssl_is_accepted(tmp_path: Path) -> None:
    known = check_token(_asked(tmp_path / "tsa", make_stamper(ROOT)), SIGNATURE, TRUSTED)
    assert abs(known.at - datetime.now(UTC)) < timedelta(minutes=5)


def test_openssl_with_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    stamper = make_stamper(ROOT, end=AT)
    refused(_asked(tmp_path / "tsa", stamper), "expired")


def test_certificates_in_the_wrong_order_are_refused_and_said_to_be(tmp_path: Path) -> None:
    stamper = make_stamper(ROOT)
    token = _asked(tmp_path / "tsa", stamper, chain=stamper.pem + ROOT.pem)
    refused(token, "InvalidSetOrdering")
