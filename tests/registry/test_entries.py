"""Records of entries, and receipts that carry them."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry.logs import bundle, fill, record

from auditkit.digests import sha256_hex
from auditkit.errors import LogError
from auditkit.registry.admission import bundle_record, check_record, token_record
from auditkit.registry.entries import decode_record
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.receipt import decode_receipt
from auditkit.registry.registry import Registry

DATA = bundle(3)
ENTRY = bundle_record(DATA)


def test_a_record_says_what_its_bundle_says() -> None:
    document = json.loads(ENTRY.encode())
    payload = base64.b64decode(json.loads(DATA)["dsseEnvelope"]["payload"])
    assert document == {
        "blob": sha256_hex(DATA),
        "project": "churn",
        "run": "00000000-0003-7000-8000-000000000000",
        "statement": sha256_hex(payload),
        "time": "2026-01-01T00:00:03Z",
        "type": "manifest",
        "version": 1,
    }
    assert list(document) == sorted(document)
    assert decode_record(ENTRY.encode()) == ENTRY
    assert check_record(ENTRY.encode(), DATA) == ENTRY


@pytest.mark.parametrize(
    "change",
    [
        {"blob": "0" * 64},
        {"project": "other"},
        {"project": None},
        {"run": "00000000-0004-7000-8000-000000000000"},
        {"statement": "0" * 64},
        {"time": "2026-01-01T00:00:04Z"},
        {"type": "approval"},
    ],
)
def test_a_record_that_says_something_else_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(LogError, match=f"does not say what its blob says: .*{next(iter(change))}"):
        check_record(msgspec.structs.replace(ENTRY, **change).encode(), DATA)


def test_addenda_are_known_by_their_blobs() -> None:
    further = bundle_record(DATA, addendum=True)
    assert (further.id, further.statement) == (sha256_hex(DATA), ENTRY.statement)
    assert check_record(further.encode(), DATA) == further
    token = token_record(b"token", ENTRY.statement)
    assert token.id == sha256_hex(b"token")
    assert check_record(token.encode(), b"token") == token
    assert ENTRY.id == ENTRY.statement
    with pytest.raises(LogError, match="blob"):
        check_record(token.encode(), b"another")
    with pytest.raises(LogError, match="65536"):
        token_record(b"x" * 65_537, ENTRY.statement)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"version":1', '"version":1.0'),
        lambda text: text.replace('"version":1', '"version":2'),
        lambda text: text.replace('"version":1', '"version":true'),
        lambda text: text.replace(",", ", "),
        lambda text: text.replace("{", '{"more":1,'),
        lambda text: text.replace('"manifest"', '"manifesto"'),
        lambda text: text.replace('"type"', '"typ\\u0065"'),
        lambda text: text.replace('"project":"churn",', '"project":null,'),
        lambda text: text.replace('"churn"', '"../churn"'),
        lambda text: text + "\n",
        lambda text: text[:-1],
        lambda text: json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":")),
        lambda _: "[" * 100_000,
        lambda _: "",
    ],
)
def test_a_record_has_one_form(change) -> None:
    text = change(ENTRY.encode().decode())
    assert text != ENTRY.encode().decode()
    with pytest.raises(LogError):
        decode_record(text.encode())


@pytest.mark.parametrize("data", [b"", b"{}", bundle(project="chu/n"), b"[" * 100_000])
def test_what_is_no_statement_has_no_record(data: bytes) -> None:
    with pytest.raises(LogError):
        bundle_record(data)


def test_a_receipt_proves_its_entry_offline(registry: Registry, key: LogSigner) -> None:
    fill(registry, key, 5)
    entry = record(registry, 9)
    Integrator(registry, key).integrate()
    stored = registry.receipt(entry.id)
    assert stored is not None
    data = stored.encode()
    assert data.startswith(b"c2sp.org/tlog-proof@v1\nextra ")
    again = decode_receipt(data)
    assert again == stored
    assert (again.verified(), again.index, again.checkpoint.size) == (entry, 5, 6)
    assert registry.log().receipt(5) == again


def test_a_receipt_for_another_entry_or_place_is_refused(
    registry: Registry, key: LogSigner
) -> None:
    first, second, *_ = fill(registry, key, 5)
    log = registry.log()
    good, other = log.receipt(first.index), log.receipt(second.index)
    for change in (
        {"entry": other.entry},
        {"index": 1},
        {"index": 5},
        {"proof": other.proof},
        {"proof": good.proof[:-1]},
        {"proof": (*good.proof, bytes(32))},
    ):
        with pytest.raises(LogError):
            type(good)(**{**_fields(good), **change}).verified()


def _fields(receipt) -> dict[str, object]:
    return {name: getattr(receipt, name) for name in ("entry", "index", "proof", "signed")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"extra ", b"extra  "),
        (b"extra ", b"ex "),
        (b"index 0", b"index 00"),
        (b"index 0", b"index -1"),
        (b"index 0", b"index x"),
        (b"\n\n", b"\n"),
        (b"\n\n", b"\nAAAA\n\n"),
        (b"\n\n", b"\n!\n\n"),
        (b"c2sp", b"\xff"),
    ],
)
def test_what_is_no_receipt(registry: Registry, key: LogSigner, old: bytes, new: bytes) -> None:
    fill(registry, key, 2)
    data = registry.log().receipt(0).encode()
    with pytest.raises(LogError):
        decode_receipt(data.replace(old, new, 1))


def test_a_receipt_is_not_larger_than_any_can_be() -> None:
    with pytest.raises(LogError, match="more than"):
        decode_receipt(b"c2sp.org/tlog-proof@v1\n" * 100_000)


@given(st.binary(max_size=100))
def test_no_bytes_do_harm(data: bytes) -> None:
    for decode in (decode_record, decode_receipt, bundle_record):
        with pytest.raises(LogError):
            decode(data)
