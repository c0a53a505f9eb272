"""What somebody has in hand who was given evidence, and trusts neither its sender nor auditkit."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import keypool
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pdfsigners import Office
from pki import Authority
from timestamping import OpensslAuthority, make_root, make_stamper, served

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "tests" / "interop" / "node_modules"
SIGNED_FROM = datetime(2026, 1, 2, tzinfo=UTC)
SIGNED_UNTIL = datetime(2037, 1, 1, tzinfo=UTC)


def outside(folder: Path, env: dict[str, str]) -> None:
    """Make two evidence folders, the data, public keys, and the roots of two authorities."""
    sender = folder.with_name(f"{folder.name}-sender")
    _data(sender)
    command = ("capture", "--project", "flights", "--dataset", "train=data/train")
    outputs = ("--output", "model=model.bin")
    for algorithm, name in (("ed25519", "signer"), ("ml-dsa-65", "quantum"), ("ecdsa-p256", "ci")):
        _run(sender, env, "keys", "generate", "-o", f"{name}.pem", "--algorithm", algorithm)
    root = make_root("Example TSA Root")
    authority = OpensslAuthority.make(folder.with_name("tsa"), make_stamper(root))
    keys = ("--key", "signer.pem", "--key", "quantum.pem")
    with served(authority.reply) as url:
        _run(sender, env, *command, *outputs, *keys, "--timestamp", url)
    _data(folder)
    _hand_over(sender, folder / "received")
    _certify(sender, folder)
    _run(sender, env, *command, "--key", "ci.pem", "--certificate", "ci.crt")
    _hand_over(sender, folder / "certified")
    for name in ("signer.pub", "quantum.pub"):
        (sender / name).rename(folder / name)
    (folder / "tsa-root.pem").write_bytes(root.pem)
    _report(sender, folder, env)
    schema = (ROOT / "schemas" / "manifest.v1.json").read_bytes()
    (folder / "manifest.v1.json").write_bytes(schema)
    (folder / "node_modules").symlink_to(NODE_MODULES)


def _data(folder: Path) -> None:
    for name, text in {
        "data/train/2025/part 1.csv": "id,delay\n1,4\n2,-3\n",
        "data/train/2026/part 1.csv": "id,delay\n3,11\n",
        "data/train/schema.csv": "id,delay\n0,0\n",
        "model.bin": "weights\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _hand_over(sender: Path, target: Path) -> None:
    (made,) = (sender / "evidence").iterdir()
    made.rename(target)


def _certify(sender: Path, folder: Path) -> None:
    """Write a certificate for `ci.pem`, and the certificates of the authority that issued it."""
    root = Authority.root()
    issuing = root.intermediate()
    key = serialization.load_pem_private_key((sender / "ci.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    leaf = issuing.leaf(key, not_before=SIGNED_FROM, not_after=SIGNED_UNTIL)
    (sender / "ci.crt").write_bytes(leaf)
    for name, each in (("ca-root.pem", root), ("ca-issuing.pem", issuing)):
        pem = each.certificate.public_bytes(serialization.Encoding.PEM)
        (folder / name).write_bytes(pem)


def _report(sender: Path, folder: Path, env: dict[str, str]) -> None:
    """Write a signed report about what was received, and the root of whoever signed it."""
    office = Office.open(sender / "office")
    key = office.key()
    office.certificate(keypool.private_key("ecdsa-p256"), "Example audit office")
    target = (folder / "received", "--key", folder / "signer.pub", "--data-root", folder)
    signing = ("--sign", key, "--certificate", office.folder / "Example audit office.pem")
    _run(sender, env, "report", *map(str, (*target, *signing, "-o", folder / "report.pdf")))
    (office.folder / "root.pem").rename(folder / "office-root.pem")


def _run(folder: Path, env: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        ["auditkit", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{arguments}:\n{done.stdout}{done.stderr}"
