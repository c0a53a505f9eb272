"""Who a certificate must name: an e-mail address, a URI, a DNS name, or the whole subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cryptography import x509

from auditkit.errors import ConfigError

Kind = Literal["email", "uri", "dns", "subject"]

_ALTERNATIVES: dict[str, type[x509.RFC822Name | x509.UniformResourceIdentifier | x509.DNSName]] = {
    "email": x509.RFC822Name,
    "uri": x509.UniformResourceIdentifier,
    "dns": x509.DNSName,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """One name, of one kind, so that a name of another kind can never pass for it."""

    kind: Kind
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    def matches(self, certificate: x509.Certificate) -> bool:
        """Return whether `certificate` carries this name.

        Alternative names (RFC 5280, section 4.2.1.6) are compared as text, DNS names without
        regard to case and wildcards not at all; a subject must be equal in all its attributes.
        """
        if self.kind == "subject":
            return certificate.subject == x509.Name.from_rfc4514_string(self.value)
        return any(_equal(self.kind, self.value, found) for found in _names(certificate, self.kind))


def parse_identity(text: str) -> Identity:
    """Return the identity that `text` names: `email:…`, `uri:…`, `dns:…` or `subject:…`.

    A subject is written as in RFC 4514, for instance `subject:CN=ci,O=Example`.

    Raises:
        ConfigError: another form, no name, or not a subject.
    """
    kind, _, value = text.partition(":")
    known = next((each for each in get_args(Kind) if each == kind), None)
    if known is None or not value:
        raise ConfigError(
            f"not an identity: {text[:200]!r}",
            hint="Write email:ADDRESS, uri:URI, dns:NAME, or subject:CN=NAME,O=ORGANISATION.",
        )
    if known == "subject":
        try:
            x509.Name.from_rfc4514_string(value)
        except ValueError as error:
            raise ConfigError(
                f"not a subject: {value[:200]!r}",
                hint="Write it as `openssl x509 -noout -subject -nameopt RFC2253` prints it.",
            ) from error
    return Identity(known, value)


def describe_names(certificate: x509.Certificate) -> str:
    """Return all the names that a certificate carries, as `parse_identity` reads them."""
    names = [f"subject:{certificate.subject.rfc4514_string()}"]
    for kind in _ALTERNATIVES:
        names += [f"{kind}:{value}" for value in _names(certificate, kind)]
    return ", ".join(names)[:500]


def _names(certificate: x509.Certificate, kind: str) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return extension.value.get_values_for_type(_ALTERNATIVES[kind])


def _equal(kind: str, expected: str, found: str) -> bool:
    return expected.lower() == found.lower() if kind == "dns" else expected == found
