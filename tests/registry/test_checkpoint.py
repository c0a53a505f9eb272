"""Notes, checkpoints, and who signed them: published examples, other code, and hostile text."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keypool import key_signer, private_key
from tlog_scales import signing as peer
from tlog_scales import tlog as peer_log

from auditkit.errors import KeyFileError, LogError
from auditkit.registry.authenticity import TrustedLog, authenticate
from auditkit.registry.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    decode_checkpoint,
    parse_checkpoint,
)
from auditkit.registry.logkey import LogSigner
from auditkit.registry.note import Note, decode_note
from auditkit.registry.notekeys import parse_verifier_key, sign_line, verifier_key
from auditkit.signing.keys import Algorithm

ORIGIN = "churn/6c0f0c1e-6f3d-4b0e-9a77-0e1f3a2b4c5d"
CHECKPOINT = Checkpoint(ORIGIN, 7, bytes(range(32)))
TIME = 1_790_000_000

# The example of golang.org/x/mod/sumdb/note, which the format comes from.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)

# The example of C2SP tlog-cosignature.
COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


def signer(algorithm: Algorithm = "ed25519", *cosigners: Algorithm) -> LogSigner:
    return LogSigner(
        key_signer(algorithm), tuple(key_signer(each, 1) for each in cosigners), clock=lambda: TIME
    )


def trusted(key: LogSigner, *, needed: int = 0) -> TrustedLog:
    own, *others = key.keys(ORIGIN)
    return TrustedLog(ORIGIN, (own,), tuple(others), needed)


def test_a_published_note_and_key() -> None:
    key = parse_verifier_key(NEUMANN)
    note = decode_note(NEUMANN_NOTE.encode())
    (line,) = note.signatures
    assert str(key) == NEUMANN
    assert key.owns(line)
    key.public_key.verify(line.signature, note.text.encode())
    assert note.encode() == NEUMANN_NOTE.encode()


def test_a_published_checkpoint() -> None:
    signed = decode_checkpoint(COSIGNED.encode())
    assert (signed.checkpoint.size, signed.checkpoint.root[:2]) == (20852163, b"\x0a\xc5")
    assert signed.encode() == COSIGNED.encode()
    assert [each.name for each in signed.note.signatures][1] == "witness.example.com/w1"
    assert int.from_bytes(signed.note.signatures[1].signature[:8]) == 1679315147


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
@pytest.mark.parametrize("cosigner", ["ed25519", "ml-dsa-44"])
def test_what_is_signed_verifies(algorithm: Algorithm, cosigner: Algorithm) -> None:
    key = signer(algorithm, cosigner)
    again = decode_checkpoint(key.sign(CHECKPOINT).encode())
    assert again.checkpoint == CHECKPOINT
    log, cosignatures = authenticate(again, [trusted(key, needed=1)])
    assert log.origin == ORIGIN
    assert [(each.name, each.time) for each in cosignatures] == [(ORIGIN, TIME)]
    for each in key.keys(ORIGIN):
        assert parse_verifier_key(str(each)) == each


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
@pytest.mark.parametrize(
    "other",
    [
        Checkpoint("churn/another", 7, CHECKPOINT.root),
        Checkpoint(ORIGIN, 8, CHECKPOINT.root),
        Checkpoint(ORIGIN, 7, bytes(32)),
        Checkpoint(ORIGIN, 7, CHECKPOINT.root, ("more",)),
    ],
)
def test_signatures_are_over_all_of_it(algorithm: Algorithm, other: Checkpoint) -> None:
    key = signer(algorithm, "ed25519", "ml-dsa-44")
    lines = key.sign(CHECKPOINT).note.signatures
    moved = SignedCheckpoint(other, Note(other.text, lines))
    for each, line in zip(key.keys(ORIGIN), lines, strict=True):
        if each.public_key.algorithm == "ml-dsa-44" and other.extensions:
            continue  # that signature does not cover extension lines (C2SP tlog-cosignature)
        with pytest.raises(LogError, match="does not verify"):
            each.verify(moved.checkpoint, line)


def test_whose_word_counts() -> None:
    signed = signer().sign(CHECKPOINT)
    mine, stranger = trusted(signer()), LogSigner(key_signer("ed25519", 2))
    assert authenticate(signed, [mine]) == (mine, ())
    with pytest.raises(LogError, match="not signed by a trusted key"):
        authenticate(stranger.sign(CHECKPOINT), [mine])
    with pytest.raises(LogError, match="'churn/6c0f"):
        authenticate(signed, [])
    renamed = Checkpoint("other/log", 7, CHECKPOINT.root)
    with pytest.raises(LogError, match="not trusted"):
        authenticate(signer().sign(renamed), [mine])


def test_a_bad_signature_of_a_known_key_is_not_ignored() -> None:
    good = signer().sign(CHECKPOINT)
    bad = signer().sign(Checkpoint(ORIGIN, 8, CHECKPOINT.root)).note.signatures
    both = SignedCheckpoint(CHECKPOINT, Note(good.note.text, (*good.note.signatures, *bad)))
    with pytest.raises(LogError, match="does not verify"):
        authenticate(both, [trusted(signer())])


def test_cosigners_are_counted_once_each() -> None:
    key = signer("ed25519", "ml-dsa-44")
    signed = key.sign(CHECKPOINT)
    twice = (*signed.note.signatures, key.sign(CHECKPOINT).note.signatures[1])
    doubled = SignedCheckpoint(CHECKPOINT, Note(CHECKPOINT.text, twice))
    with pytest.raises(LogError, match="1 of 2"):
        authenticate(doubled, [trusted(key, needed=2)])
    with pytest.raises(LogError, match="0 of 1"):
        authenticate(signer().sign(CHECKPOINT), [trusted(key, needed=1)])


@pytest.mark.parametrize(("algorithm", "kind"), [("ed25519", 4), ("ml-dsa-44", 6)])
def test_cosignatures_are_those_of_another_implementation(algorithm: Algorithm, kind: int) -> None:
    name = "witness.example.com/w1"
    own = verifier_key(key_signer(algorithm).public_key, name, cosigner=True)
    line = sign_line(key_signer(algorithm), name, CHECKPOINT, time=TIME)
    theirs = peer.Vkey.from_string(str(own))
    assert (theirs.sig_type, theirs.serialize()) == (kind, str(own))
    checkpoint = peer_log.Checkpoint(ORIGIN, 7, CHECKPOINT.root, [])
    theirs.get_verifier().verify(line.signature, checkpoint)


def test_a_cosignature_of_another_implementation_is_ours() -> None:
    name, key = "witness.example.com/w1", private_key("ml-dsa-44")
    theirs = peer.MLDSA44CosignatureSigner(name, key)
    checkpoint = peer_log.Checkpoint(ORIGIN, 7, CHECKPOINT.root, [])
    line = decode_note(f"{CHECKPOINT.text}\n{theirs.sign(checkpoint).serialize()}\n".encode())
    own = parse_verifier_key(theirs.vkey.serialize())
    assert own.verify(CHECKPOINT, line.signatures[0]) is not None


@pytest.mark.parametrize("algorithm", ["ecdsa-p384", "rsa-pss", "ml-dsa-65", "ml-dsa-44"])
def test_other_keys_are_not_those_of_a_log(algorithm: Algorithm) -> None:
    with pytest.raises(KeyFileError, match="not a key of a log"):
        LogSigner(key_signer(algorithm)).sign(CHECKPOINT)
    if algorithm != "ml-dsa-44":
        with pytest.raises(KeyFileError, match="not a key of a cosigner"):
            sign_line(key_signer(algorithm), "w", CHECKPOINT, time=TIME)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "x" * 256])
def test_what_cannot_name_a_key(name: str) -> None:
    with pytest.raises(KeyFileError, match="cannot name a key"):
        verifier_key(key_signer("ed25519").public_key, name)


def _with(material: bytes, name: str = "n", key_id: str = "00000000") -> str:
    return f"{name}+{key_id}+{base64.b64encode(material).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+c74f20a3+",
        "name+c74f20a3+A!",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("PeterNeumann", "Peter"),
        _with(b"\x05" + bytes(32)),
        _with(b"\x01" + bytes(31)),
        _with(b"\x01" + bytes(32)),
        _with(b"\x02" + bytes(32)),
        _with(b"\x06" + bytes(32)),
        _with(b"\x01" + b"\x01" + bytes(31)),
    ],
)
def test_what_is_no_verifier_key(text: str) -> None:
    with pytest.raises(KeyFileError):
        parse_verifier_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "o\n1\n",
        "o\n-1\nAAAA\n",
        "o\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "o\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "o\n1\n" + base64.b64encode(bytes(32)).decode()[:-2] + "B=\n",
        "o\n0\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "\n1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "o\n99999999999999999999\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "o\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\nx\n",
        "o\n1\n" + base64.b64encode(bytes(32)).decode(),
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(LogError, match="not a checkpoint"):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"\n\n\xe2\x80\x94 n AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 n AAAAAAA=",
        b"text\n\n- n AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94  n AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 n+m AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 n AAAA\n",
        b"text\n\n\xe2\x80\x94 n A!AAAAA=\n",
        b"te\x00xt\n\n\xe2\x80\x94 n AAAAAAA=\n",
        b"te\xffxt\n\n\xe2\x80\x94 n AAAAAAA=\n",
        b"text\n\n" + b"\xe2\x80\x94 n AAAAAAA=\n" * 33,
        b"x" * (257 * 1024),
    ],
)
def test_what_is_no_note(data: bytes) -> None:
    with pytest.raises(LogError):
        decode_note(data)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_do_harm(data: bytes) -> None:
    with contextlib.suppress(LogError):
        assert decode_checkpoint(data).encode() == data
