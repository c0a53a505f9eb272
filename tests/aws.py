"""Amazon's services for tests: moto's server over HTTP on this machine."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import ValidationException
from moto.kms.responses import KmsResponse
from moto.server import ThreadedMotoServer

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-8242",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}


@dataclass(frozen=True)
class Aws:
    """A running server."""

    endpoint: str

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables under which boto3 talks to it."""
        return {**SETTINGS, "AWS_ENDPOINT_URL": self.endpoint}

    def client(self, service: str) -> Any:
        import boto3  # noqa: PLC0415 - half a second

        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=SETTINGS["AWS_DEFAULT_REGION"],
            aws_access_key_id=SETTINGS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=SETTINGS["AWS_SECRET_ACCESS_KEY"],
        )


@contextlib.contextmanager
def serve() -> Iterator[Aws]:
    """Run a server until the block ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Aws(f"http://{host}:{port}")
    finally:
        server.stop()


def sign_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server sign as the API reference of KMS says where moto 5.2 does not.

    moto signs with disabled keys and messages of any length, hashes whatever `MessageType` says,
    salts PSS with as much as fits instead of 32 bytes, and knows no ML-DSA.
    """

    def sign(response: KmsResponse) -> str:
        message = response._get_param("Message")
        kind = response._get_param("MessageType")
        algorithm = response._get_param("SigningAlgorithm")
        key = response.kms_backend.describe_key(response._get_param("KeyId"))
        if not key.enabled:
            raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
        if len(message) > 4096:
            raise ValidationException("'message' must have length less than or equal to 4096")
        signature = _sign(key.private_key.private_key, message, kind, algorithm)
        return json.dumps(
            {
                "KeyId": key.arn,
                "Signature": base64.b64encode(signature).decode(),
                "SigningAlgorithm": algorithm,
            }
        )

    monkeypatch.setattr(KmsResponse, "sign", sign)


def _sign(key: object, message: bytes, kind: str, algorithm: str) -> bytes:
    if isinstance(key, mldsa.MLDSA65PrivateKey):
        assert algorithm == "ML_DSA_SHAKE_256"
        return {"RAW": key.sign, "EXTERNAL_MU": key.sign_mu}[kind](message)
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384()}[algorithm[-3:]]
    given = {"RAW": digest, "DIGEST": Prehashed(digest)}[kind]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        assert algorithm.startswith("ECDSA_SHA_")
        return key.sign(message, ec.ECDSA(given))
    assert isinstance(key, rsa.RSAPrivateKey)
    assert algorithm.startswith("RSASSA_PSS_SHA_")
    return key.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), given)
