"""What every bundle vector is put together from: keys that never change, one manifest, one policy.

The keys are derived from their names, so anybody can sign with them: they protect nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from timestamping import Issued, make_root, make_stamper, make_token

from auditkit.manifest import model
from auditkit.manifest.about import RunRef
from auditkit.manifest.approval import Approval, encode_approval
from auditkit.manifest.bundle import Bundle
from auditkit.manifest.codec import encode_statement
from auditkit.manifest.dsse import pae
from auditkit.schemes import PAYLOAD_TYPE, PREDICATE_VERSION
from auditkit.signing.keys import Algorithm, PrivateKey
from auditkit.signing.signer import Signer, signer_for

RUN_ID = "0192f7a4-6b3c-7d21-9a4e-5f60718293a4"
DATA = b"evidence\n"
INVENTORY = (Path(__file__).parent / "data.inventory.parquet").read_bytes()
"""An input and not an output: its bytes depend on the version of the library that wrote it."""

BEGAN = datetime(2026, 1, 2, tzinfo=UTC)
EARLY = datetime(2026, 3, 1, tzinfo=UTC)
MIDDLE = datetime(2026, 6, 1, tzinfo=UTC)
LATE = datetime(2026, 9, 1, tzinfo=UTC)
EXIT_CODES = {"passed": 0, "failed": 10, "indeterminate": 11, "refused": 2}


@dataclass(frozen=True)
class Case:
    """One vector. The name ends in the outcome; `findings` are (check, status) that must be there.

    `options` are those of `auditkit verify evidence`, run in the vector's folder.
    """

    name: str
    why: str
    files: dict[str, bytes]
    findings: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ("--trust", "trust.toml")

    @property
    def outcome(self) -> str:
        return self.name.rpartition("-")[2]

    def contents(self) -> dict[str, bytes]:
        """Return every file of the vector by its path in the vector's folder."""
        told = {
            "why": self.why,
            "command": ["auditkit", "verify", "evidence", *self.options, "--data-root", "."],
            "exit_code": EXIT_CODES[self.outcome],
            "findings": [list(each) for each in self.findings],
        }
        return {
            "case.json": msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n",
            "data.bin": DATA,
            "evidence/data.inventory.parquet": INVENTORY,
            **self.files,
        }


@dataclass(frozen=True)
class Key:
    """A signing key by name."""

    name: str
    algorithm: Algorithm = "ed25519"

    @property
    def signer(self) -> Signer:
        return signer_for(_private(self.name, self.algorithm))

    @property
    def keyid(self) -> str:
        return self.signer.public_key.keyid

    @property
    def pem(self) -> bytes:
        return self.signer.public_key.pem()


@cache
def _private(name: str, algorithm: Algorithm) -> PrivateKey:
    seed = hashlib.sha256(f"auditkit bundle vector/{name}".encode()).digest()
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    if algorithm == "ml-dsa-65":
        return mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)
    curve = ec.SECP384R1() if algorithm == "ecdsa-p384" else ec.SECP256R1()
    return ec.derive_private_key(int.from_bytes(seed, "big") >> 1, curve)


CI = Key("ci")
SECOND = Key("second", "ecdsa-p256")
QUANTUM = Key("quantum", "ml-dsa-65")
STRANGER = Key("stranger")
JANE = Key("jane", "ecdsa-p256")

ROOT: Issued = make_root("Vector Root")
STAMPER: Issued = make_stamper(ROOT, "Vector Time Stamping")


def manifest(
    *signers: Key, started: str = "2026-01-02T00:00:00.000Z", project: str = "vectors"
) -> bytes:
    """Return the payload of a manifest over `data.bin`, listing the keys that will sign it."""
    root = hashlib.sha256(DATA).hexdigest()
    inventory = model.Inventory(
        kind="file",
        root={"sha256": root},
        files=1,
        bytes=len(DATA),
        list=model.SidecarRef(
            name="data.inventory.parquet",
            media_type="application/vnd.apache.parquet",
            sha256=hashlib.sha256(INVENTORY).hexdigest(),
            size=len(INVENTORY),
        ),
    )
    dataset = model.Dataset(
        name="data",
        role="input",
        format="files",
        location="data.bin",
        inventory=inventory,
        basis="observed",
        read_at=started,
    )
    predicate = model.TrainingRun(
        version=PREDICATE_VERSION,
        run=model.Run(
            id=RUN_ID, project=project, status="completed", started_at=started, basis="observed"
        ),
        code=model.Code(status="absent", reason="a test vector", basis="observed"),
        environment=model.Environment(
            python=model.Python(version="3.11.7", implementation="CPython"),
            os=model.OperatingSystem(system="Linux", release="6.1", machine="x86_64"),
            cpu=model.Cpu(cores=1),
            basis="observed",
        ),
        capture=model.Capture(
            tool=model.Tool(name="auditkit", version="0.1.0"),
            method="command",
            created_at=started,
            inputs_read="after-run",
            signers=tuple(key.keyid for key in signers or (CI,)),
        ),
        datasets=(dataset,),
    )
    subject = model.Subject(
        name=f"run:{RUN_ID}", digest={"sha256": hashlib.sha256(RUN_ID.encode()).hexdigest()}
    )
    return encode_statement((subject,), predicate)


def sealed(payload: bytes, key: Key, **changes: object) -> Bundle:
    """Return a bundle over `payload`; `changes` are fields of it that do not fit."""
    bundle = Bundle(payload, key.signer.sign(pae(PAYLOAD_TYPE, payload)), key.keyid)
    return msgspec.structs.replace(bundle, **changes)


def stamped(bundle: Bundle, at: datetime, stamper: Issued = STAMPER, **options: object) -> Bundle:
    """Return the bundle with one more token, of any time."""
    token = make_token(stamper, bundle.signature, at, **options)  # type: ignore[arg-type]
    return msgspec.structs.replace(bundle, timestamps=(*bundle.timestamps, token))


def evidence(main: Bundle | bytes, *siblings: Bundle) -> dict[str, bytes]:
    """Return the bundles as files of an evidence folder."""
    first = main.encode() if isinstance(main, Bundle) else main
    return {
        "evidence/manifest.sigstore.json": first,
        **{f"evidence/manifest.{each.keyid[:8]}.sigstore.json": each.encode() for each in siblings},
    }


def approval(
    manifest_payload: bytes,
    key: Key,
    *,
    name: str = "Jane Doe",
    role: str = "model owner",
    approved_at: str = "2026-03-02T00:00:00.000Z",
) -> dict[str, bytes]:
    """Return an approval as a file of the evidence folder."""
    said = Approval(
        version="1.0",
        run=RunRef(id=RUN_ID, project="vectors"),
        name=name,
        role=role,
        meaning="approved for use",
        approved_at=approved_at,
    )
    payload = encode_approval(hashlib.sha256(manifest_payload).hexdigest(), said)
    digest = hashlib.sha256(payload).hexdigest()
    path = f"evidence/approval.{digest[:8]}.{key.keyid[:8]}.sigstore.json"
    return {path: sealed(payload, key).encode()}


@dataclass(frozen=True)
class Policy:
    """A `trust.toml` with the files it names."""

    text: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    def signer(self, name: str, *keys: Key, kind: str = "machine", rest: str = "") -> Policy:
        """Return the policy with one more signer."""
        paths = ", ".join(f'"{key.name}.pub"' for key in keys)
        table = f'[[signers]]\nname = "{name}"\nkind = "{kind}"\nkeys = [{paths}]\n{rest}\n'
        files = {f"{key.name}.pub": key.pem for key in keys}
        return Policy(self.text + table.replace("\n\n", "\n") + "\n", {**self.files, **files})

    def more(self, text: str, **files: bytes) -> Policy:
        """Return the policy with more text, and files by the name before `.pem`."""
        named = {f"{name}.pem": content for name, content in files.items()}
        return Policy(self.text + text, {**self.files, **named})

    def stamps(self, *, required: bool = False) -> Policy:
        """Return the policy with a time-stamping authority."""
        text = '[[authorities]]\nname = "vector stamper"\nroots = ["root.pem"]\n\n'
        if required:
            text += "[require]\ntimestamp = true\n\n"
        return self.more(text, root=ROOT.pem)

    def contents(self) -> dict[str, bytes]:
        """Return the policy and its files by path."""
        return {
            "trust.toml": b"version = 1\n\n" + self.text.rstrip().encode() + b"\n",
            **self.files,
        }


ONE = Policy().signer("ci", CI)
