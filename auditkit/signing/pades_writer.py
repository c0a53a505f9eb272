"""Writing a signature into a PDF with pyHanko; `auditkit.signing.pades` is the door to it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from asn1crypto import algos, crl, tsp, x509
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import signers
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError as PdfSigningError
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, TimestampDSSContentSettings
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from auditkit.errors import SigningError, TimestampError, UsageError
from auditkit.signing.algorithms import Algorithm
from auditkit.signing.pades import PdfIdentity, PdfSigning, Validation
from auditkit.signing.remote import DIGESTS
from auditkit.signing.timestamp import TimestampClient

FIELD: Final = "auditkit"
"""The name of the signature's field."""

# Remarks of a library are no output of auditkit; what matters is raised.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko_certvalidator").addHandler(logging.NullHandler())


def sign(content: bytes, how: PdfSigning) -> bytes:
    """Return the signed PDF; see `auditkit.signing.pades.sign_pdf`."""
    # pyHanko runs an event loop of its own, which a thread that has one already would refuse.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_sign, content, how).result()


def _sign(content: bytes, how: PdfSigning) -> bytes:
    stamper = _Authorities(how.authorities) if how.level != "b-b" else None
    pdf_signer = signers.PdfSigner(
        _metadata(how),
        _Key(how.identity),
        timestamper=stamper,
        new_field_spec=SigFieldSpec(
            FIELD,
            readable_field_name="Signature over this report",
            # ISO 14289-1, 7.18.1: what is not tagged has to lie outside of the page.
            invis_sig_settings=InvisSigSettings(box_out_of_bounds=True),
        ),
    )
    signed = io.BytesIO()
    try:
        pdf_signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), output=signed)
    except (ValidationError, PathError) as error:
        raise _incomplete(error) from error
    except TimestampRequestError as error:
        raise TimestampError(
            f"the authority sent no usable token: {error}",
            hint="Ask its operator, or name another authority.",
        ) from error
    except (PdfError, PdfSigningError, ValueError) as error:
        if isinstance(error.__cause__, ValidationError | PathError):
            raise _incomplete(error.__cause__) from error
        raise SigningError(f"the PDF could not be signed ({error})") from error
    return signed.getvalue()


def _incomplete(error: BaseException) -> UsageError:
    return UsageError(
        f"what validates the signature for long is not complete ({error})",
        hint="Name the roots in the trust policy, and give each authority's list of revoked "
        "certificates by --crl; or sign at the level b-t.",
    )


def _metadata(how: PdfSigning) -> signers.PdfSignatureMetadata:
    lasting = how.level == "b-lta"
    return signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGESTS[how.identity.signer.public_key.algorithm],
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        embed_validation_info=lasting,
        use_pades_lta=lasting,
        validation_context=_context(how.validation) if lasting else None,
        signer_key_usage=set(),
        dss_settings=DSSContentSettings(
            # So that the last time stamp is over everything, and nothing stands after it.
            next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
        ),
    )


def _context(validation: Validation) -> ValidationContext:
    """Return by what the paths of all certificates are built; nothing is fetched."""
    return ValidationContext(
        trust_roots=[x509.Certificate.load(each) for each in validation.roots],
        other_certs=[x509.Certificate.load(each) for each in validation.intermediates],
        crls=[crl.CertificateList.load(each) for each in validation.crls],
        allow_fetching=False,
        revocation_mode="require",
    )


class _Key(signers.Signer):
    """A key of auditkit, as pyHanko asks for signatures."""

    def __init__(self, identity: PdfIdentity) -> None:
        certificates = [x509.Certificate.load(each) for each in identity.chain]
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call] # pyHanko's
        registry.register_multiple(certificates)
        self._key = identity.signer
        super().__init__(
            signing_cert=certificates[0],
            cert_registry=registry,
            signature_mechanism=_mechanism(self._key.public_key.algorithm),
        )

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002 - the key's algorithm fixes it
        dry_run: bool = False,
    ) -> bytes:
        return bytes(_longest(self._key.public_key.spki)) if dry_run else self._key.sign(data)


class _Authorities(TimeStamper):
    """Time-stamping authorities, of which the first that answers is believed."""

    def __init__(self, clients: Iterable[TimestampClient]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # pyHanko's
        self._clients = tuple(clients)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        failures: list[TimestampError] = []
        for client in self._clients:
            try:
                return _answer(client.ask(req.dump()), req, client.name)
            except TimestampError as error:
                failures.append(error)
        raise failures[0]


def _answer(response: bytes, request: tsp.TimeStampReq, name: str) -> tsp.TimeStampResp:
    """Return the answer, if it is about what was asked; nonce and status pyHanko looks at."""
    try:
        answer = tsp.TimeStampResp.load(response)
        content = answer["time_stamp_token"]["content"]["encap_content_info"]["content"]
        same = content.parsed["message_imprint"].native == request["message_imprint"].native
    except (ValueError, TypeError, KeyError, AttributeError):
        same = False
    if not same:
        raise TimestampError(
            "the authority sent no usable token",
            hint="Ask its operator, or name another authority.",
            path=name,
        )
    return answer


def _mechanism(algorithm: Algorithm) -> algos.SignedDigestAlgorithm:
    digest = DIGESTS[algorithm]
    if algorithm != "rsa-pss":
        return algos.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"})
    hashed: dict[str, Any] = {"algorithm": digest}
    mask = {"algorithm": "mgf1", "parameters": hashed}
    parameters = {"hash_algorithm": hashed, "mask_gen_algorithm": mask, "salt_length": 32}
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


def _longest(spki: bytes) -> int:
    """Return the most bytes that a signature has: of RSA the modulus, of ECDSA (r, s) in DER."""
    key: Any = load_der_public_key(spki)
    octets: int = (key.key_size + 7) // 8
    return octets if hasattr(key.public_numbers(), "n") else 2 * octets + 16
