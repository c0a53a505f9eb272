"""The commands that the report prints, run as printed on what the report carries."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from reports import flights, samples
from reports.hostile import hostile

from auditkit.api.targets import Target
from auditkit.api.verify import verify
from auditkit.digests import dir_hash, sha256_hex
from auditkit.evidence import Evidence
from auditkit.manifest import model
from auditkit.reports.blocks import Command
from auditkit.reports.handed import handed_over
from auditkit.reports.view import build_view
from auditkit.signing.keys import load_public_key
from auditkit.trust.load import load_policy
from auditkit.verification.options import VerifyOptions

VECTORS = Path(__file__).parent.parent / "vectors" / "bundles"


def commands(evidence: Evidence) -> dict[str, Command]:
    view = build_view(evidence, samples.OPTIONS)
    return {
        command.title: command
        for run in view.runs
        if run.record is not None
        for command in run.record.verify
    }


def shell(command: Command, folder: Path) -> str:
    script = "set -eu\n" + "\n".join(command.lines)
    done = subprocess.run(
        ["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder as `pdfdetach -saveall` leaves it, with the signer's public key."""
    for program in ("jq", "openssl", "sha256sum", "find", "xargs"):
        assert shutil.which(program), f"this test runs the printed commands and needs {program}"
    for each in handed_over(samples.passed(), samples.OPTIONS):
        (tmp_path / each.name).write_bytes(each.content)
    (tmp_path / "signer.pub").write_bytes(samples.PUBLIC_PEM)
    return tmp_path


def test_digest_signature_fingerprint_and_sidecars_check_out(folder: Path) -> None:
    printed = commands(samples.passed())
    for title in (
        "Compare the key's fingerprint",
        "Recompute the manifest digest",
        "Check the signature (Ed25519 key)",
    ):
        assert printed[title].expect
        assert printed[title].expect in shell(printed[title], folder)
    said = shell(printed["Check the files beside the bundle"], folder).splitlines()
    assert len(said) == 6
    assert all(line.endswith(": OK") for line in said)


def test_a_changed_sidecar_does_not_check_out(folder: Path) -> None:
    (folder / "packages.json").write_text("[]")
    with pytest.raises(AssertionError, match="did NOT match"):
        shell(commands(samples.passed())["Check the files beside the bundle"], folder)


def test_a_changed_payload_does_not_check_out(folder: Path) -> None:
    printed = commands(samples.passed())
    shell(printed["Recompute the manifest digest"], folder)
    with (folder / "signed.bin").open("ab") as signed:
        signed.write(b" ")
    with pytest.raises(AssertionError):
        shell(printed["Check the signature (Ed25519 key)"], folder)


def test_stored_data_is_recomputed_wherever_it_lies(tmp_path: Path) -> None:
    location = "data/it's a $(folder) & more"
    files = {"b/part 1.csv": b"1,2\n", "a.csv": b"3\n", "b-1.csv": b""}
    for name, content in files.items():
        path = tmp_path / location / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    single = tmp_path / "-model.bin"
    single.write_bytes(b"weights")
    root = dir_hash((name, sha256_hex(content)) for name, content in files.items())
    spec = flights.dataset(*flights.DATASETS[0])
    folder = _located(spec, "folder_data", location, {"dirHash": root}, "folder")
    file = _located(spec, "file_data", "-model.bin", {"sha256": sha256_hex(b"weights")}, "file")
    printed = commands(
        samples.evidence(samples.run_evidence(flights.statement(datasets=(folder, file))))
    )
    assert root in shell(printed["Recompute the digest of folder_data"], tmp_path)
    command = printed["Recompute the digest of file_data"]
    assert command.expect in shell(command, tmp_path)


def _located(
    spec: model.Dataset, name: str, location: str, root: dict[str, str], kind: str
) -> model.Dataset:
    inventory = msgspec.structs.replace(spec.inventory, kind=kind, root=root, files=1)
    return msgspec.structs.replace(spec, name=name, location=location, inventory=inventory)


def test_a_location_with_invisible_characters_is_not_printed_as_a_command() -> None:
    printed = commands(hostile("a\u202eb"))
    lines = printed[f"Recompute the digest of {flights.DATASETS[0][0]}"].lines
    assert lines[0] == "(cd -- LOCATION &&"


CASES = (
    *("good-ed25519-passed", "good-ecdsa-p256-passed", "good-ecdsa-p384-passed"),
    *("token-passed", "token-beside-the-bundle-passed", "earliest-of-two-tokens-passed"),
    *("certificate-passed", "two-signers-passed", "approved-passed"),
)
"""Vectors whose signatures openssl 3.0 can check, and tokens whose authority it can."""


@pytest.mark.parametrize("case", CASES)
def test_signatures_certificates_and_tokens_check_out(case: str, tmp_path: Path) -> None:
    """Each command is run as printed, with what its reader would have from elsewhere."""
    folder = VECTORS / case
    trust = load_policy(folder / "trust.toml", source="flag")
    options = VerifyOptions(trust=trust, data_root=folder)
    evidence = verify([Target(folder / "evidence")], options)
    for each in handed_over(evidence, samples.OPTIONS):
        (tmp_path / each.name).write_bytes(each.content)
    signatures = evidence.runs[0].signatures
    for each in signatures:
        name = "signer.pub" if len(signatures) == 1 else f"signer-{each.keyid[:8]}.pub"
        (tmp_path / name).write_bytes(_public_keys(folder).get(each.keyid, b""))
    for name, roots in (("tsa-root.pem", "root.pem"), ("ca-root.pem", "ca.pem")):
        if (folder / roots).exists():
            shutil.copy(folder / roots, tmp_path / name)
            shutil.copy(folder / roots, tmp_path / "ca-issuing.pem")
    view = build_view(evidence, samples.OPTIONS)
    assert view.runs[0].record is not None
    run = [
        command
        for command in view.runs[0].record.verify
        if command.title.startswith(("Check the signature", "Check the time stamp"))
        or command.title in {"Recompute the manifest digest", "Compare the key's fingerprint"}
        or command.title == "Follow the certificate to its root"
    ]
    for command in run:
        assert command.expect in shell(command, tmp_path), command.title
    stamps = [each for each in evidence.verdict.targets[0].timestamps if each.status == "passed"]
    assert len([each for each in run if "time stamp" in each.title]) == len(stamps)


def _public_keys(folder: Path) -> dict[str, bytes]:
    keys = [path.read_bytes() for path in folder.glob("*.pub")]
    return {load_public_key(each).keyid: each for each in keys}


def test_a_kind_of_key_that_no_program_takes_gives_no_command() -> None:
    run = samples.run_evidence()
    for algorithm, number in (("ml-dsa-65", 1), ("rsa-pss", 1), ("of the future", 0)):
        signatures = (msgspec.structs.replace(run.signatures[0], algorithm=algorithm),)
        changed = msgspec.structs.replace(run, signatures=signatures)
        titles = commands(samples.evidence(changed))
        assert len([each for each in titles if each.startswith("Check the signature")]) == number


def test_files_of_several_runs_are_sorted_into_folders(tmp_path: Path) -> None:
    evidence = samples.several()
    for each in handed_over(evidence, samples.OPTIONS):
        (tmp_path / each.name).write_bytes(each.content)
    view = build_view(evidence, samples.OPTIONS)
    for run in view.runs[:2]:
        assert run.record is not None
        unpack = run.record.verify[0]
        assert unpack.lines[0].startswith("pdfdetach")
        shell(Command(unpack.title, unpack.text, unpack.lines[1:]), tmp_path)
        assert (tmp_path / run.label / "manifest.sigstore.json").is_file()
        assert (tmp_path / run.label / "packages.json").is_file()


def test_an_unauthenticated_run_gives_no_commands() -> None:
    assert commands(samples.unauthenticated()) == {}
