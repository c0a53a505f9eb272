"""What the bundle vectors ask of any verifier, below the policy: signatures, tokens, certificates."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from auditkit.errors import EnvelopeError, EvidenceError, KeyFileError
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.signing.keys import PublicKey, load_public_key
from auditkit.trust.certificates import certified_key
from auditkit.trust.rules import Authority
from auditkit.trust.tokens import check_token

VECTORS = Path(__file__).parent.parent / "vectors" / "bundles"
CASES = sorted(path.name for path in VECTORS.iterdir())


@dataclass(frozen=True)
class File:
    """A bundle of a vector."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(VECTORS))

    @cached_property
    def bundle(self) -> Bundle | None:
        """The bundle, None where step 1 refuses it."""
        try:
            return decode_bundle(self.path.read_bytes())
        except EnvelopeError:
            return None


@dataclass(frozen=True)
class Signed:
    """Is the signature in this bundle by this key?"""

    file: File
    key_name: str
    key: PublicKey

    @property
    def id(self) -> str:
        return f"{self.file.name} {self.key_name}"

    @property
    def ours(self) -> bool:
        """What auditkit says, whatever the policy says about the key."""
        if self.file.bundle is None:
            return False
        try:
            self.key.verify(self.file.bundle.signature, self.file.bundle.signed_bytes)
        except EvidenceError:
            return False
        return True


@dataclass(frozen=True)
class Stamped:
    """Does this token show, by this root, that the bundle's signature existed?"""

    file: File
    number: int
    token: bytes
    root: bytes

    @property
    def id(self) -> str:
        return f"{self.file.name} token {self.number}"

    @property
    def signature(self) -> bytes:
        assert self.file.bundle is not None
        return self.file.bundle.signature

    @property
    def ours(self) -> datetime | None:
        """The time that auditkit takes from it, None if it proves nothing."""
        authority = Authority("vector", (x509.load_pem_x509_certificate(self.root),))
        try:
            return check_token(self.token, self.signature, [authority]).at
        except EvidenceError:
            return None

    @property
    def claimed(self) -> datetime | None:
        """The time in it, proven or not."""
        try:
            content = tsp.TimeStampResp.load(self.token)["time_stamp_token"]["content"]
            return content["encap_content_info"]["content"].parsed["gen_time"].native
        except ValueError:
            return None

    @property
    def chain(self) -> list[str]:
        """The certificate it brings and the root, in base64, as Sigstore's trusted root has them."""
        certificates = [x509.load_pem_x509_certificate(self.root)]
        if self.claimed is not None:
            content = tsp.TimeStampResp.load(self.token)["time_stamp_token"]["content"]
            own = content["certificates"][0].chosen.dump()
            certificates.insert(0, x509.load_der_x509_certificate(own))
        return [der(each) for each in certificates]


def der(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def files() -> Iterator[File]:
    """Yield every bundle, those of approvals included."""
    for case in CASES:
        yield from map(File, sorted((VECTORS / case / "evidence").glob("*.sigstore.json")))


def signatures() -> Iterator[Signed]:
    """Yield every bundle with every key of its case; keys too weak to load are no question."""
    for file in files():
        if file.bundle is not None and file.bundle.certificate is not None:
            yield Signed(file, "certificate", certified_key(file.bundle.certificate))
            continue
        for path in sorted(file.path.parent.parent.glob("*.pub")):
            try:
                yield Signed(file, path.name, load_public_key(path.read_bytes()))
            except KeyFileError:
                told = json.loads((file.path.parent.parent / "case.json").read_text())
                assert told["exit_code"] == 2, "only policies that are refused have such keys"


def stamps() -> Iterator[Stamped]:
    """Yield every token, in a bundle or beside one, of a case that has an authority."""
    for file in files():
        root = file.path.parent.parent / "root.pem"
        if file.bundle is None or not root.exists():
            continue
        beside = file.path.name.removesuffix(".sigstore.json") + ".*.tsr"
        tokens = (
            *file.bundle.timestamps,
            *(path.read_bytes() for path in sorted(file.path.parent.glob(beside))),
        )
        for number, token in enumerate(tokens):
            yield Stamped(file, number, token, root.read_bytes())
