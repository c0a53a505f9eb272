"""Signatures in PDF: by every kind of key, at every level, checked by other programs."""

from __future__ import annotations

import asyncio
import io
import subprocess
from pathlib import Path

import aws
import hsm
import keypool
import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from pdfsigners import DAY, NOW, Office, openssl_verify, pem, ranges
from timestamping import OpensslAuthority, make_root, make_stamper, served

from auditkit.errors import KeyFileError, SigningError, TimestampError, UsageError
from auditkit.signing.keys import Algorithm, encode_private_key
from auditkit.signing.opening import open_signer
from auditkit.signing.pades import LEVELS, Level, PdfIdentity, PdfSigning, Validation, sign_pdf
from auditkit.signing.pades_identity import pdf_identity, read_crl
from auditkit.signing.timestamp import TimestampClient

ALGORITHMS: tuple[Algorithm, ...] = ("ecdsa-p256", "ecdsa-p384", "rsa-pss")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.open(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def blank() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    return out.getvalue()


def identity(office: Office, algorithm: Algorithm = "ecdsa-p256") -> PdfIdentity:
    certificate = office.certificate(keypool.private_key(algorithm), algorithm)
    return pdf_identity(keypool.key_signer(algorithm), certificate, NOW)


def validation(office: Office) -> Validation:
    names = ("root.crl", "issuing.crl", "tsa.crl")
    stamping = make_root().certificate
    roots = (der(office.root.certificate), der(stamping))
    return Validation(roots, (), tuple(read_crl(office.folder / name) for name in names))


def der(certificate: object) -> bytes:
    return certificate.public_bytes(Encoding.DER)  # type: ignore[attr-defined]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_and_poppler_accept_it(
    algorithm: Algorithm, level: Level, office: Office, blank: bytes, tmp_path: Path
) -> None:
    with office.stamping() as url:
        authorities = (TimestampClient(url),) if level != "b-b" else ()
        how = PdfSigning(identity(office, algorithm), level, authorities, validation(office))
        signed = sign_pdf(blank, how)
    assert signed.startswith(blank)
    assert len(ranges(signed)) == (2 if level == "b-lta" else 1)
    assert sum(ranges(signed)[-1][2:]) == len(signed)
    done = openssl_verify(signed, office.folder / "root.pem", tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "signed.pdf").write_bytes(signed)
    told = subprocess.run(
        ["pdfsig", "-nocert", tmp_path / "signed.pdf"], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in told
    assert "ETSI.CAdES.detached" in told
    changed = signed.replace(b"/MediaBox", b"/mediabox", 1)
    assert openssl_verify(changed, office.folder / "root.pem", tmp_path).returncode != 0


def test_it_certifies_that_nothing_may_change(office: Office, blank: bytes) -> None:
    with pikepdf.open(io.BytesIO(sign_pdf(blank, PdfSigning(identity(office))))) as document:
        (reference,) = document.Root.Perms.DocMDP.Reference
        assert (reference.TransformMethod, reference.TransformParams.P) == ("/DocMDP", 1)
        (field,) = document.Root.AcroForm.Fields
        assert str(field.TU) == "Signature over this report"
        x0, y0, x1, y1 = (float(each) for each in field.Rect)
        assert (x1 - x0, y1 - y0) == (0, 0)
        assert x1 < 0
        assert int(field.F) & 0b100  # printed, as PDF/A wants
        assert not int(field.F) & 0b100011  # neither invisible, hidden nor not viewed


def test_keys_on_tokens_and_in_services(
    office: Office, blank: bytes, tmp_path: Path, token: hsm.Hsm, server: aws.Aws
) -> None:
    environ = {**token.environ, **server.environ}
    made = server.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    uris = [token.uri("ecdsa-p384"), token.uri("rsa-pss")]
    uris.append(f"awskms:{made['KeyMetadata']['Arn']}")
    for number, uri in enumerate(uris):
        with pytest.MonkeyPatch.context() as environment:
            for name, value in environ.items():
                environment.setenv(name, value)
            signer = open_signer(uri, environ=environ)
            public = load_der_public_key(signer.public_key.spki)
            certificate = office.certificate(_Public(public), f"remote-{number}")  # type: ignore[arg-type]
            how = PdfSigning(pdf_identity(signer, certificate, NOW))
            signed = sign_pdf(blank, how)
        done = openssl_verify(signed, office.folder / "root.pem", tmp_path)
        assert done.returncode == 0, done.stderr


class _Public:
    """A key of which only the public half is here."""

    def __init__(self, public: object) -> None:
        self._public = public

    def public_key(self) -> object:
        return self._public


def test_a_program_with_an_event_loop_of_its_own_can_sign(office: Office, blank: bytes) -> None:
    how = PdfSigning(identity(office))

    async def main() -> bytes:
        return sign_pdf(blank, how)

    assert asyncio.run(main()).startswith(blank)


class TestIdentity:
    def test_a_bare_key_is_refused_with_what_to_do(self) -> None:
        with pytest.raises(KeyFileError, match="with a certificate, and none is given") as caught:
            pdf_identity(keypool.key_signer("ecdsa-p256"), None, NOW)
        assert "--certificate" in (caught.value.hint or "")

    @pytest.mark.parametrize("algorithm", ["ed25519", "ml-dsa-65"])
    def test_so_is_a_key_that_readers_do_not_know(
        self, algorithm: Algorithm, office: Office
    ) -> None:
        with pytest.raises(KeyFileError, match=f"a key for {algorithm}"):
            pdf_identity(keypool.key_signer(algorithm), office.folder / "root.pem", NOW)

    def test_the_certificate_must_be_for_the_key_and_good_now(self, office: Office) -> None:
        signer, key = keypool.key_signer("ecdsa-p256"), keypool.private_key("ecdsa-p256")
        other = office.certificate(keypool.private_key("ecdsa-p256", 1), "other")
        with pytest.raises(KeyFileError, match="for another key"):
            pdf_identity(signer, other, NOW)
        expired = {"not_before": NOW - 3 * DAY, "not_after": NOW - DAY}
        with pytest.raises(KeyFileError, match="not now"):
            pdf_identity(signer, office.certificate(key, "expired", **expired), NOW)

    def test_a_certificate_for_something_else_is_refused(self, office: Office) -> None:
        path = office.folder / "issuing.key"
        path.write_bytes(encode_private_key(office.issuing.key, None))
        path.chmod(0o600)
        authority = office.folder / "issuing.pem"
        authority.write_bytes(pem(office.issuing.certificate))
        with pytest.raises(KeyFileError, match=r"authority|key usage"):
            pdf_identity(open_signer(str(path), environ={}), authority, NOW)
        (office.folder / "none.pem").write_text("no certificate")
        with pytest.raises(KeyFileError, match=r"not X\.509 certificates"):
            pdf_identity(keypool.key_signer("ecdsa-p256"), office.folder / "none.pem", NOW)


class TestFailures:
    def test_a_level_with_time_stamps_needs_an_authority(self, office: Office) -> None:
        with pytest.raises(UsageError, match="B-T signature needs a time-stamping authority"):
            PdfSigning(identity(office), "b-t")

    def test_the_first_authority_that_answers_is_taken(self, office: Office, blank: bytes) -> None:
        gone = TimestampClient("http://127.0.0.1:9/tsa", attempts=1)
        with pytest.raises(TimestampError, match="no answer"):
            sign_pdf(blank, PdfSigning(identity(office), "b-t", (gone,)))
        with office.stamping() as url:
            how = PdfSigning(identity(office), "b-t", (gone, TimestampClient(url)))
            assert sign_pdf(blank, how).startswith(blank)

    def test_an_answer_about_something_else_is_refused(
        self, office: Office, blank: bytes, tmp_path: Path
    ) -> None:
        authority = OpensslAuthority.make(tmp_path / "tsa", make_stamper(make_root()))
        answers: list[bytes] = []

        def first(query: bytes) -> bytes:
            answers.append(authority.reply(query))
            return answers[0]

        for reply in (first, lambda _: b"", lambda _: b"\x30\x05\x30\x03\x02\x01\x02"):
            with served(reply) as url, pytest.raises(TimestampError, match="no usable token"):
                sign_pdf(blank, PdfSigning(identity(office), "b-t", (TimestampClient(url),)))

    def test_what_lasts_needs_roots_and_revocation_lists(
        self, office: Office, blank: bytes
    ) -> None:
        full = validation(office)
        with office.stamping() as url:
            for part in (Validation((), (), full.crls), Validation(full.roots, (), full.crls[:2])):
                how = PdfSigning(identity(office), "b-lta", (TimestampClient(url),), part)
                with pytest.raises(UsageError, match="validates the signature for long") as caught:
                    sign_pdf(blank, how)
                assert "--crl" in (caught.value.hint or "")

    def test_what_is_no_pdf_is_not_signed(self, office: Office) -> None:
        with pytest.raises(SigningError, match="could not be signed"):
            sign_pdf(b"no PDF", PdfSigning(identity(office)))
