"""Keys on a PKCS #11 token: a hardware security module, a smart card, SoftHSM.

The private key never leaves the token. A session is opened for each signature and closed again,
so that a run of many hours does not depend on one. ECDSA and RSA-PSS are handed a digest made
here (CKM_ECDSA, CKM_RSA_PKCS_PSS); Ed25519 needs the whole message (CKM_EDDSA).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from auditkit.errors import KeyFileError, SigningError
from auditkit.signing.keys import PublicKey, public_key_from
from auditkit.signing.passphrase import PassphraseSource, passphrase_source
from auditkit.signing.pkcs11_uri import Pkcs11Uri, parse_pkcs11_uri
from auditkit.signing.remote import checked, digest, missing
from auditkit.signing.signer import Signer

if TYPE_CHECKING:
    import pkcs11

MODULE_VARIABLE: Final = "PKCS11_MODULE_PATH"
"""Names the module where a URI does not, as for OpenSSL's engines and providers."""

_CURVES: Final[dict[bytes, ec.EllipticCurve]] = {
    bytes.fromhex("06082a8648ce3d030107"): ec.SECP256R1(),
    bytes.fromhex("06052b81040022"): ec.SECP384R1(),
}
"""DER of a curve's object identifier, as CKA_EC_PARAMS holds it."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Where a key is and how to get at it."""

    uri: Pkcs11Uri
    module: str
    pin: str | None = field(repr=False)

    @contextmanager
    def session(self) -> Iterator[pkcs11.Session]:
        """Open a session, logged in where there is a PIN; at most one login is tried."""
        import pkcs11  # noqa: PLC0415 - extra

        token = _token(pkcs11.lib(self.module), self.uri)
        with token.open(user_pin=self.pin) as session:
            yield session

    def private_key(self, session: pkcs11.Session) -> Any:
        """Return the private key object."""
        import pkcs11  # noqa: PLC0415 - extra

        return session.get_key(
            object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self.uri.label, id=self.uri.id
        )


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Signs with one key of a token."""

    public_key: PublicKey
    key: TokenKey
    certificate: None = None

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`, checked under the public key.

        Raises:
            SigningError: the token refused, failed, is gone, or returned something else.
        """
        from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - extra

        try:
            with self.key.session() as session:
                signature = self._sign(self.key.private_key(session), data)
        except (PKCS11Error, KeyFileError) as error:
            raise SigningError(
                f"the token did not sign ({_reason(error)})", path=self.key.uri.text
            ) from error
        return checked(signature, self.public_key, data)

    def _sign(self, key: Any, data: bytes) -> bytes:
        from pkcs11 import MGF, Mechanism  # noqa: PLC0415 - extra

        algorithm = self.public_key.algorithm
        if algorithm == "ed25519":
            return bytes(key.sign(data, mechanism=Mechanism.EDDSA))
        hashed = digest(algorithm, data)
        if algorithm == "rsa-pss":
            parameters = (Mechanism.SHA256, MGF.SHA256, len(hashed))
            return bytes(
                key.sign(hashed, mechanism=Mechanism.RSA_PKCS_PSS, mechanism_param=parameters)
            )
        pair = bytes(key.sign(hashed, mechanism=Mechanism.ECDSA))
        half = len(pair) // 2
        return encode_dss_signature(
            int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big")
        )


def open_token_key(
    text: str, passphrase: PassphraseSource | None, environ: Mapping[str, str]
) -> Signer:
    """Return a signer with the key that a PKCS #11 URI names, after reading its public half.

    The PIN comes from the URI's `pin-source`, else from `passphrase`.

    Raises:
        KeyFileError: a wrong URI, no such module, token or key, a wrong or missing PIN, or a
            kind of key that is not used.
        MissingDependencyError: python-pkcs11 is not installed.
    """
    uri = parse_pkcs11_uri(text)
    try:
        import pkcs11  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing("pkcs11", "keys on PKCS #11 tokens") from error
    module = uri.module_path or environ.get(MODULE_VARIABLE)
    if module is None:
        raise KeyFileError(
            "no PKCS #11 module is named",
            hint=f"Add module-path=/path/to/module.so to the URI, or set {MODULE_VARIABLE}.",
            path=text,
        )
    source = passphrase_source(uri.pin_source, environ) if uri.pin_source else passphrase
    key = TokenKey(uri, module, _pin(source() if source else None))
    try:
        with key.session() as session:
            public = _public_key(session, key.private_key(session))
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise KeyFileError(
            f"the token does not give this key ({_reason(error)})",
            hint="Check module, token, label and PIN; a token locks after a few wrong PINs.",
            path=text,
        ) from error
    except KeyFileError as error:
        error.path = text
        raise
    return TokenSigner(public, key)


def _pin(secret: bytes | None) -> str | None:
    """PINs are UTF-8 (PKCS #11 v2.40, section 5.6)."""
    try:
        return secret.decode() if secret is not None else None
    except UnicodeDecodeError:
        raise KeyFileError("the PIN is not UTF-8", hint="Check where it comes from.") from None


def _token(library: Any, uri: Pkcs11Uri) -> pkcs11.Token:
    from pkcs11 import TokenFlag, TokenNotRecognised  # noqa: PLC0415 - extra

    found: list[pkcs11.Token] = []
    for slot in library.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except TokenNotRecognised:
            continue
        ready = TokenFlag.TOKEN_INITIALIZED in token.flags
        if ready and uri.token.items() <= _attributes(token).items():
            found.append(token)
    if len(found) != 1:
        raise KeyFileError(
            f"{len(found) or 'no'} tokens match the URI",
            hint="Name one by token=, serial= or slot-id=.",
        )
    return found[0]


def _attributes(token: pkcs11.Token) -> dict[str, str]:
    """Return the attributes of RFC 7512 that tell tokens apart; padding does not count."""
    return {
        "token": token.label,
        "serial": token.serial.decode(errors="replace").rstrip("\0 "),
        "manufacturer": token.manufacturer_id,
        "model": token.model,
        "slot-id": str(token.slot.slot_id),
    }


def _public_key(session: pkcs11.Session, private: Any) -> PublicKey:
    """Return the public half, which stands on the token beside the private key."""
    from pkcs11 import Attribute, KeyType, ObjectClass  # noqa: PLC0415 - extra

    name = {"id": private.id} if private.id else {"label": private.label}
    public = session.get_key(object_class=ObjectClass.PUBLIC_KEY, **name)
    if public.key_type == KeyType.RSA:
        modulus, exponent = (
            int.from_bytes(public[each], "big")
            for each in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT)
        )
        return public_key_from(rsa.RSAPublicNumbers(exponent, modulus).public_key())
    # The point is a DER octet string; some modules leave its header out.
    if public.key_type == KeyType.EC_EDWARDS:
        point = public[Attribute.EC_POINT][-32:]
        return public_key_from(ed25519.Ed25519PublicKey.from_public_bytes(point))
    curve = _CURVES.get(public[Attribute.EC_PARAMS]) if public.key_type == KeyType.EC else None
    if curve is None:
        raise KeyFileError(
            "this kind of key on a token is not used",
            hint="Make a key for Ed25519, ECDSA P-256 or P-384, or RSA with 3072 bits or more.",
        )
    size = 2 * ((curve.key_size + 7) // 8) + 1
    point = public[Attribute.EC_POINT][-size:]
    return public_key_from(ec.EllipticCurvePublicKey.from_encoded_point(curve, point))


def _reason(error: Exception) -> str:
    """Return what went wrong; most of the library's errors say it by their name only."""
    return str(error)[:300] or type(error).__name__
