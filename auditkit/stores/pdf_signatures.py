"""The signatures of a PDF: what each covers, and what was added after it (ISO 32000-1, 12.8).

Whether a signature is over the bytes that it covers is checked here; whom it is by, and whether
that somebody is trusted, is left to others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, Literal

from asn1crypto import cms
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import (
    CMSExtractionError,
    CMSStructuralError,
    MultivaluedAttributeError,
    NonexistentAttributeError,
    check_ess_certid,
    find_cms_attribute_iter,
    find_unique_cms_attribute,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from auditkit.stores.pdf import PdfSignature
from auditkit.stores.pdf_changes import changes_after

MAX_SIGNATURES: Final = 50
MAX_TOKENS: Final = 20
_HASHES: Final = {"sha256", "sha384", "sha512"}
_MALFORMED: Final = (
    PdfError,
    CMSExtractionError,
    CMSStructuralError,
    SignatureValidationError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
)


def signatures_of(reader: PdfFileReader) -> tuple[PdfSignature, ...]:
    """Return the signatures and document time stamps, in the order in which they were added."""
    found = reader.embedded_signatures
    if len(found) > MAX_SIGNATURES:
        raise PdfError(f"it has more than {MAX_SIGNATURES} signatures")
    return tuple(_signature(reader, each) for each in found)


def _signature(reader: PdfFileReader, each: EmbeddedPdfSignature) -> PdfSignature:
    stamp = each.sig_object_type == "/DocTimeStamp"
    kind: Literal["signature", "timestamp"] = "timestamp" if stamp else "signature"
    plain = PdfSignature(
        kind=kind,
        field=str(each.field_name)[:200],
        intact=False,
        covers="part",
        changes="other",
        certifies=False,
        covered=(),
    )
    try:
        return _checked(reader, each, kind)
    except _MALFORMED as error:
        return PdfSignature(
            **{name: getattr(plain, name) for name in plain.__struct_fields__ if name != "problem"},
            problem=str(error)[:200] or type(error).__name__,
        )


def _checked(
    reader: PdfFileReader, each: EmbeddedPdfSignature, kind: Literal["signature", "timestamp"]
) -> PdfSignature:
    each.compute_integrity_info(skip_diff=True)  # type: ignore[no-untyped-call] # pyHanko's
    info = each.signer_info
    numbers = [int(number) for number in each.byte_range]
    common: dict[str, Any] = {
        "kind": kind,
        "field": str(each.field_name)[:200],
        "covers": _covers(reader, each, numbers),
        "changes": changes_after(reader, each.signed_revision),
        "certifies": each.docmdp_level == MDPPerm.NO_CHANGES,
        "covered": tuple(zip(numbers[::2], numbers[1::2], strict=True)),
    }
    if kind == "timestamp":
        token = cms.ContentInfo({"content_type": "signed_data", "content": each.signed_data})
        return PdfSignature(**common, intact=True, tokens=(token.dump(),))
    certificates = (each.signer_cert, *each.other_embedded_certs)
    return PdfSignature(
        **common,
        intact=_intact(each, info),
        certificates=tuple(certificate.dump() for certificate in certificates[:20]),
        value=info["signature"].native,
        tokens=tuple(_tokens(info)),
    )


def _covers(
    reader: PdfFileReader, each: EmbeddedPdfSignature, numbers: list[int]
) -> Literal["file", "revision", "part"]:
    """Return how far the covered bytes reach; all but the signature itself up to there."""
    gap = 2 * len(each.pkcs7_content) + 2
    if len(numbers) != 4 or numbers[0] != 0 or numbers[2] != numbers[1] + gap:
        return "part"
    end = reader.stream.seek(0, os.SEEK_END)
    if numbers[2] + numbers[3] == end:
        return "file"
    whole = each.evaluate_signature_coverage() >= SignatureCoverageLevel.ENTIRE_REVISION
    return "revision" if whole else "part"


def _intact(each: EmbeddedPdfSignature, info: cms.SignerInfo) -> bool:
    """Return whether the signature is over the covered bytes, and names its certificate."""
    hashed = info["digest_algorithm"]["algorithm"].native
    if hashed not in _HASHES:
        raise SignatureValidationError(f"uses the hash function {hashed}")
    attributes = info["signed_attrs"]
    try:
        named = find_unique_cms_attribute(attributes, "signing_certificate_v2")["certs"][0]
    except (NonexistentAttributeError, MultivaluedAttributeError) as error:
        raise SignatureValidationError("does not say which certificate it is by") from error
    if not check_ess_certid(each.signer_cert, named):
        raise SignatureValidationError("is by another certificate than it names")
    digest = each.compute_digest(hashed)
    same, valid = validate_sig_integrity(info, each.signer_cert, "data", digest)
    return same and valid


def _tokens(info: cms.SignerInfo) -> Iterator[bytes]:
    found = find_cms_attribute_iter(info["unsigned_attrs"], "signature_time_stamp_token")
    for token in islice(found, MAX_TOKENS):
        yield token.dump()
