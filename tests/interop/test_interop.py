"""Programs that other people wrote agree about what auditkit writes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.datasets.base import Reference
from auditkit.datasets.inventory import read_inventory
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.schemes import PREDICATE_TYPE
from auditkit.signing.keys import Algorithm, generate_private_key
from auditkit.signing.signer import Signer, signer_for

HERE = Path(__file__).parent


def _capture(root: Path, signer: Signer) -> Path:
    (root / "data" / "sub folder").mkdir(parents=True)
    for name in ("-dash", "a b", "quote'\"", "ünïcode", "sub folder/z", "z"):
        (root / "data" / name).write_bytes(name.encode())
    (root / "model.bin").write_bytes(b"weights")
    result = capture_run(
        CaptureOptions(
            project="interop",
            root=root,
            signers=(signer,),
            evidence_dir=root / "evidence",
            datasets=(
                DatasetRequest(name="data", reference=Reference("data"), base=root),
                DatasetRequest(
                    name="model", reference=Reference("model.bin"), base=root, role="output"
                ),
            ),
        )
    )
    return result.path


def _sigstore(bundle: Path, key: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", str(HERE / "verify-bundle.mjs"), str(bundle), str(key)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
def test_sigstore_verifies_the_bundle_and_refuses_a_changed_one(
    algorithm: Algorithm, tmp_path: Path
) -> None:
    signer = signer_for(generate_private_key(algorithm))
    folder = _capture(tmp_path, signer)
    key = tmp_path / "key.pub"
    key.write_bytes(signer.public_key.pem())
    path = folder / "manifest.sigstore.json"
    accepted = _sigstore(path, key)
    assert (accepted.returncode, accepted.stdout) == (0, PREDICATE_TYPE), accepted.stderr
    bundle = decode_bundle(path.read_bytes())
    changed = bundle.payload.replace(b"interop", b"INTEROP")
    path.write_bytes(Bundle(changed, bundle.signature, bundle.keyid).encode())
    refused = _sigstore(path, key)
    assert refused.returncode != 0
    assert "signature verification failed" in refused.stderr.lower()


def test_the_statement_is_valid_in_toto(tmp_path: Path) -> None:
    folder = _capture(tmp_path, signer_for(generate_private_key("ed25519")))
    payload = decode_bundle((folder / "manifest.sigstore.json").read_bytes()).payload
    message = json_format.Parse(payload, StatementMessage())
    statement = Statement.copy_from_pb(message)
    statement.validate()
    assert message.predicate_type == PREDICATE_TYPE
    assert [subject.name for subject in message.subject][1:] == ["model"]


def test_sha256sum_agrees_with_the_inventory_and_the_shell_with_the_root(tmp_path: Path) -> None:
    folder = _capture(tmp_path, signer_for(generate_private_key("ed25519")))
    entries = read_inventory((folder / "data.inventory.parquet").read_bytes())
    listing = "".join(f"{entry.sha256}  {entry.path}\n" for entry in entries)
    sums = ["sha256sum", "--check", "--strict", "--quiet"]
    subprocess.run(sums, input=listing.encode(), cwd=tmp_path / "data", check=True)
    one_line = (
        r"find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0r sha256sum -- | sha256sum"
    )
    bash = shutil.which("bash")
    assert bash is not None
    root = subprocess.run(
        [bash, "-c", one_line], cwd=tmp_path / "data", check=True, capture_output=True, text=True
    ).stdout.split()[0]
    payload = decode_bundle((folder / "manifest.sigstore.json").read_bytes()).payload
    recorded = json.loads(payload)["predicate"]["datasets"][0]["inventory"]["root"]
    assert recorded == {"dirHash": root}
