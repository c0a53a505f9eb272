"""A hardware security module for tests: SoftHSM, with two tokens and keys of several kinds."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism
from pkcs11.util.ec import encode_named_curve_parameters

PIN = "pin-4711"
SO_PIN = "87654321"
_PLACES = ("/usr/lib/softhsm", "/usr/lib64/pkcs11", "/usr/lib/pkcs11", "/opt/homebrew/lib/softhsm")
_CURVES = {"ecdsa-p256": "secp256r1", "ecdsa-p384": "secp384r1", "p521": "secp521r1"}
KEYS = ("ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-pss", "p521", "rsa-2048")


@dataclass(frozen=True)
class Hsm:
    """Tokens `audit` and `spare`; on the first a key of each kind, named and numbered."""

    module: str
    configuration: Path

    @property
    def environ(self) -> dict[str, str]:
        """What a process needs to reach it."""
        return {"SOFTHSM2_CONF": str(self.configuration), "PIN": PIN}

    def uri(self, label: str, query: str = "&pin-source=env:PIN") -> str:
        return f"pkcs11:token=audit;object={label}?module-path={self.module}{query}"

    def token(self, label: str = "audit") -> Any:
        return pkcs11.lib(self.module).get_token(token_label=label)


def start(folder: Path) -> Hsm:
    """Make the tokens in `folder`. The module reads its configuration once per process."""
    module = next(
        (path for place in _PLACES if (path := Path(place) / "libsofthsm2.so").exists()), None
    )
    assert module is not None, "SoftHSM is not installed: apt-get install softhsm2"
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    for label in ("audit", "spare"):
        pins = ["--pin", PIN, "--so-pin", SO_PIN]
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, *pins]
        subprocess.run(command, check=True, capture_output=True)
    hsm = Hsm(str(module), configuration)
    with hsm.token().open(rw=True, user_pin=PIN) as session:
        for number, label in enumerate(KEYS):
            _generate(session, label, bytes([number]))
    return hsm


def _generate(session: Any, label: str, identifier: bytes) -> None:
    names = {"store": True, "label": label, "id": identifier}
    if label.startswith("rsa"):
        session.generate_keypair(KeyType.RSA, 2048 if label == "rsa-2048" else 3072, **names)
    elif label == "ed25519":
        _curve(session, KeyType.EC_EDWARDS, "1.3.101.112").generate_keypair(
            mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, **names
        )
    else:
        _curve(session, KeyType.EC, _CURVES[label]).generate_keypair(**names)


def _curve(session: Any, kind: KeyType, name: str) -> Any:
    parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters(name)}
    return session.create_domain_parameters(kind, parameters, local=True)
