"""Keys in AWS KMS, named `awskms:KEY`: an id, ARN, `alias/NAME` or alias ARN.

Credentials, region and endpoint are found as boto3 finds them. The private key never leaves the
service, and of a message longer than 4,096 bytes only a digest reaches it: `MessageType` DIGEST
for ECDSA and RSA-PSS, EXTERNAL_MU for ML-DSA, which give the very signatures that RAW would
(KMS API reference, Sign).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import mldsa

from auditkit.errors import KeyFileError, SigningError
from auditkit.signing.algorithms import Algorithm
from auditkit.signing.algorithms.ml_dsa import message_representative
from auditkit.signing.keys import PublicKey, load_public_key
from auditkit.signing.remote import checked, digest, missing
from auditkit.signing.signer import Signer

if TYPE_CHECKING:
    from botocore.config import Config

_ALGORITHMS: Final[dict[Algorithm, str]] = {
    "ecdsa-p256": "ECDSA_SHA_256",
    "ecdsa-p384": "ECDSA_SHA_384",
    "rsa-pss": "RSASSA_PSS_SHA_256",
    "ml-dsa-65": "ML_DSA_SHAKE_256",
}
_MAX_RAW_BYTES: Final = 4096
_KEY: Final = re.compile(r"(?:///)?(?!/)([A-Za-z0-9:/_-]+)")
_ARN_REGION: Final = re.compile(r"arn:[^:]+:kms:([^:]+):")


@dataclass(frozen=True, slots=True)
class KmsSigner:
    """Signs with one key of the service; `arn` is the key's own, wherever its alias goes."""

    public_key: PublicKey
    arn: str
    _client: Any = field(repr=False)
    certificate: None = None

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`, checked under the public key.

        Raises:
            SigningError: the service refused, failed, or returned something else.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - extra

        message, kind = self._request(data)
        try:
            answer = self._client.sign(
                KeyId=self.arn,
                Message=message,
                MessageType=kind,
                SigningAlgorithm=_ALGORITHMS[self.public_key.algorithm],
            )
        except (BotoCoreError, ClientError) as error:
            raise SigningError(f"AWS KMS did not sign ({_reason(error)})", path=self.arn) from error
        return checked(answer["Signature"], self.public_key, data)

    def _request(self, data: bytes) -> tuple[bytes, str]:
        if len(data) <= _MAX_RAW_BYTES:
            return data, "RAW"
        key = serialization.load_der_public_key(self.public_key.spki)
        if isinstance(key, mldsa.MLDSA65PublicKey):
            return message_representative(key.public_bytes_raw(), data), "EXTERNAL_MU"
        return digest(self.public_key.algorithm, data), "DIGEST"


def open_kms_key(uri: str) -> Signer:
    """Return a signer with the key that `uri` names, after asking for its public half.

    Raises:
        KeyFileError: no such key, no right to it, not for signatures, of a kind that is not
            used; or no credentials, no region, no connection.
        MissingDependencyError: boto3 is not installed.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra, and half a second
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError as error:
        raise missing("aws", "keys in AWS KMS") from error
    key = _key(uri)
    region = _ARN_REGION.match(key)
    try:
        session = boto3.session.Session(region_name=region[1] if region else None)
        client = session.client("kms", config=_config())
        answer = client.get_public_key(KeyId=key)
    except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: a bad endpoint
        raise KeyFileError(
            f"AWS KMS does not give this key ({_reason(error)})",
            hint="Check the key's name, and the credentials, region and endpoint that the AWS "
            "command line would use; the rights needed are kms:GetPublicKey and kms:Sign.",
            path=uri,
        ) from error
    return KmsSigner(_public_key(answer, uri), answer["KeyId"], client)


def _key(uri: str) -> str:
    match = _KEY.fullmatch(uri.removeprefix("awskms:"))
    if match is None:
        raise KeyFileError(
            "not the name of a key in AWS KMS",
            hint="Write awskms:ARN or awskms:alias/NAME; another endpoint is set with "
            "AWS_ENDPOINT_URL_KMS.",
            path=uri,
        )
    return match[1]


def _config() -> Config:
    """Bound every attempt and their number, so that no run waits for ever on its signature."""
    from botocore.config import Config  # noqa: PLC0415 - extra

    return Config(
        connect_timeout=10,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 4},
    )


def _public_key(answer: dict[str, Any], uri: str) -> PublicKey:
    if answer["KeyUsage"] != "SIGN_VERIFY":
        raise KeyFileError(
            f"this key is for {answer['KeyUsage']}, not for signatures",
            hint="Make a key with the usage SIGN_VERIFY.",
            path=uri,
        )
    try:
        key = load_public_key(answer["PublicKey"])
    except KeyFileError as error:
        error.path = uri
        raise
    if key.algorithm not in _ALGORITHMS:
        raise KeyFileError(
            f"AWS KMS signs at most {_MAX_RAW_BYTES} bytes with a key for {key.algorithm}",
            hint="Make a key for ECDSA, RSA or ML-DSA; manifests are longer.",
            path=uri,
        )
    return key


def _reason(error: Exception) -> str:
    """Return what the service said; requests, and with them credentials, are not in it."""
    return str(error)[:300]
