"""A pack is all that an outsider needs but the keys and the data, and nothing in it is trusted."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from commands import Printed, Shell
from timestamping import OpensslAuthority, make_root, make_stamper, served

from auditkit.stores.archive import write_archive

POLICY = """version = 1
[[signers]]
name = "sample CI"
kind = "machine"
keys = ["auditkit.pub"]
not-after = 2090-01-01T00:00:00Z
[[signers]]
name = "Jane Doe"
kind = "person"
role = "model owner"
keys = ["jane.pub"]
[require]
timestamp = true
[require.approvals]
"model owner" = 1
[[authorities]]
name = "stamper"
roots = ["root.pem"]
"""
CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")


@pytest.fixture
def captured(sample: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """The sample project with one run; afterwards no temporary folder may be left."""
    scratch = sample.cwd.parent / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert sample(*CAPTURE).code == 0
    yield sample
    assert list(scratch.iterdir()) == []


@pytest.fixture
def outsider(captured: Shell) -> Shell:
    """A folder with the key and the data, and no configuration."""
    folder = captured.cwd.parent / "outside"
    folder.mkdir()
    shutil.copy(captured.cwd / "auditkit.pub", folder / "signer.pub")
    shutil.copytree(captured.cwd / "data", folder / "data")
    shutil.copy(captured.cwd / "model.bin", folder / "model.bin")
    home = str(captured.cwd.parent / "nobody")
    return Shell(folder, {"PATH": os.environ["PATH"], "HOME": home})


def pack(shell: Shell, *arguments: str, code: int = 0) -> Path:
    path = shell.cwd.parent / "evidence.zip"
    printed = shell("pack", *arguments, "-o", path)
    assert printed.code == code, printed.err
    return path


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a pack of other contents in the right form."""
    out = io.BytesIO()
    write_archive(out, {name: lambda content=content: content for name, content in files.items()})
    path.write_bytes(out.getvalue())
    return path


def checks(printed: Printed, status: str) -> set[str]:
    findings = printed.document["targets"][0]["findings"]
    return {each["check"] for each in findings if each["status"] == status}


def run_id(shell: Shell) -> str:
    return max(path.name for path in (shell.cwd / "evidence").iterdir())


def test_an_outsider_verifies_reports_and_shows_it(captured: Shell, outsider: Shell) -> None:
    path = pack(captured)
    printed = outsider("verify", path, "--key", "signer.pub", "--json")
    assert printed.code == 0, printed.out
    (target,) = printed.document["targets"]
    assert target["source"] == f"{path}/evidence/{run_id(captured)}"
    assert outsider("report", path, "--key", "signer.pub").code == 0
    assert outsider("show", path, "--json").document["predicate"]["run"]["id"] == run_id(captured)
    assert "train.csv" in outsider("inventory", path, "train").out
    assert f"{path}/evidence/" in outsider("show", path).err
    moved = outsider.cwd / "moved.csv"
    (outsider.cwd / "data/train.csv").rename(moved)
    assert outsider("verify", path, "--key", "signer.pub").code == 10
    data = ("--data", "train=moved.csv")
    assert outsider("verify", path, "--key", "signer.pub", *data).code == 0


def test_without_a_key_or_a_policy_nothing_is_proven(captured: Shell, outsider: Shell) -> None:
    path = pack(captured)
    printed = outsider("verify", path, "--json")
    assert printed.code == 11
    assert printed.document["trust"]["kind"] == "none"
    assert outsider("verify", path, "--inspect").code == 11


def test_nothing_in_it_is_ever_configuration(captured: Shell, outsider: Shell) -> None:
    path = pack(captured)
    files = contents(path)
    key = (captured.cwd / "auditkit.pub").read_bytes()
    settings = b'[verify]\nkey = "auditkit.pub"\n'
    folder = f"evidence/{run_id(captured)}"
    for place in ("", "evidence/", "parents/", f"{folder}/", f"parents/{run_id(captured)}/"):
        files |= {f"{place}auditkit.toml": settings, f"{place}auditkit.pub": key}
        files |= {f"{place}trust.toml": b"version = 1\n"}
    repacked(path, files)
    assert outsider("verify", path).code == 11
    (outsider.cwd / "unzipped").mkdir()
    with zipfile.ZipFile(path) as archive:
        archive.extractall(outsider.cwd / "unzipped")
    assert outsider("verify", ".", cwd=outsider.cwd / "unzipped" / folder).code == 11


def test_it_holds_keys_and_policy_for_information(captured: Shell) -> None:
    by_key = contents(pack(captured))
    assert "for-information/trust.toml" not in by_key
    (key,) = (name for name in by_key if name.startswith("for-information/"))
    assert by_key[key] == (captured.cwd / "auditkit.pub").read_bytes()
    assert captured("trust", "init").code == 0
    policy = (captured.cwd / "trust.toml").read_bytes()
    assert contents(pack(captured))["for-information/trust.toml"] == policy
    assert not [each for each in by_key.values() if b"PRIVATE KEY" in each]


def test_the_same_evidence_and_verdict_give_the_same_bytes(captured: Shell) -> None:
    verdict = captured.cwd / "verdict.json"
    verdict.write_text(captured("verify", "--json").out)
    first = pack(captured, "--verdict", "verdict.json").read_bytes()
    for each in (captured.cwd / "evidence").rglob("*"):
        os.utime(each, (1_000_000_000, 1_000_000_000))
    assert pack(captured, "--verdict", "verdict.json").read_bytes() == first
    assert b"2001-" not in first
    assert contents(pack(captured))["verdict.json"] != contents(pack(captured))["verdict.json"]


def test_its_sums_and_lists_check_out(captured: Shell, outsider: Shell) -> None:
    with zipfile.ZipFile(pack(captured)) as archive:
        archive.extractall(outsider.cwd / "pack")
    check = ["sha256sum", "--check", "--strict", "--quiet"]
    subprocess.run([*check, "SHA256SUMS"], cwd=outsider.cwd / "pack", check=True)
    listed = outsider.cwd / f"pack/inventories/{run_id(captured)}/train.sha256"
    subprocess.run([*check, listed], cwd=outsider.cwd / "data", check=True)


def stamped_and_approved(shell: Shell) -> None:
    root = make_root()
    (shell.cwd / "root.pem").write_bytes(root.pem)
    (shell.cwd / "trust.toml").write_text(POLICY)
    assert shell("keys", "generate", "-o", "jane.pem").code == 0
    with served(OpensslAuthority.make(shell.cwd / "tsa", make_stamper(root)).reply) as url:
        approve = ("--key", "jane.pem", "--trust", "trust.toml", "--meaning", "approved")
        assert shell("approve", "sample/latest", *approve).code == 0
        assert shell("timestamp", "sample/latest", "--tsa", url).code == 0


def test_approvals_and_tokens_come_along(captured: Shell, outsider: Shell) -> None:
    stamped_and_approved(captured)
    path = pack(captured, "--trust", "trust.toml")
    for name in ("trust.toml", "auditkit.pub", "jane.pub", "root.pem"):
        shutil.copy(captured.cwd / name, outsider.cwd / name)
    printed = outsider("verify", path, "--trust", "trust.toml", "--json")
    assert printed.code == 0, printed.out
    (target,) = printed.document["targets"]
    assert [each["name"] for each in target["approvals"]] == ["Jane Doe"]
    assert len(target["timestamps"]) == 2


def commands(readme: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a README with what it must give."""
    for block in re.split(r"\n\d+\. ", readme)[1:]:
        _, lines, *rest = block.split("\n\n")
        expect = next((each for each in rest if each.startswith("Must give: ")), "")
        yield lines, expect.removeprefix("Must give: ").strip()


def test_the_commands_of_its_readme_run_as_printed(captured: Shell, outsider: Shell) -> None:
    stamped_and_approved(captured)
    files = contents(pack(captured, "--trust", "trust.toml"))
    with zipfile.ZipFile(captured.cwd.parent / "evidence.zip") as archive:
        archive.extractall(outsider.cwd)
    folder = outsider.cwd / "evidence" / run_id(captured)
    shutil.copy(outsider.cwd / "signer.pub", folder)
    shutil.copy(captured.cwd / "root.pem", folder / "tsa-root.pem")
    found = list(commands(files["README.txt"].decode()))
    for lines, expect in found:
        data = lines.startswith("sha256sum -- ")
        done = subprocess.run(
            ["bash", "-c", f"set -eu\n{lines}"],
            cwd=outsider.cwd if data else folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert expect in done.stdout + done.stderr
    assert sum("openssl" in lines for lines, _ in found) == 4
    assert sum("sha256sum" in lines for lines, _ in found) == 5


@pytest.mark.parametrize("missing", [False, True])
def test_parents_come_along_and_are_checked(
    captured: Shell, outsider: Shell, missing: bool
) -> None:
    for _ in range(2):
        assert captured(*CAPTURE, "--parent", "sample/latest").code == 0
    runs = sorted(path.name for path in (captured.cwd / "evidence").iterdir())
    if missing:
        shutil.rmtree(captured.cwd / "evidence" / runs[0])
    path = pack(captured, runs[-1], code=10 if missing else 0)
    folders = {name.split("/")[1] for name in contents(path) if name.startswith("parents/")}
    assert folders == set(runs[1 if missing else 0 : 2])
    printed = outsider("verify", path, "--key", "signer.pub", "--json")
    assert printed.code == (10 if missing else 0)
    assert len(printed.document["targets"]) == 1
    assert ("lineage.parent" in checks(printed, "failed")) is missing
    assert "lineage.parent" in checks(printed, "passed")


def test_a_parent_that_is_nowhere_leaves_lineage_unchecked(captured: Shell) -> None:
    first = run_id(captured)
    assert captured(*CAPTURE, "--parent", first).code == 0
    shutil.rmtree(captured.cwd / "evidence" / first)
    path = pack(captured)
    printed = captured("verify", path, "--json")
    assert (printed.code, "lineage" in checks(printed, "skipped")) == (0, True)


def test_several_runs_in_one_pack(captured: Shell, outsider: Shell) -> None:
    assert captured(*CAPTURE, "--parent", "sample/latest").code == 0
    path = pack(captured)
    printed = outsider("verify", path, "--key", "signer.pub", "--json")
    assert printed.code == 0
    assert len(printed.document["targets"]) == 2
    shown = outsider("show", path)
    assert (shown.code, "holds 2 runs" in shown.err) == (2, True)


def test_digests_of_single_rows_stay_behind(sample: Shell) -> None:
    rows = ("--content", "bag", "--row-digests")
    assert sample("capture", "--dataset", "train=data/train.csv", *rows).code == 0
    printed = sample("pack", "-o", "evidence.zip", "--json")
    assert printed.document["left_out"] == ["train.rows.parquet"]
    files = contents(sample.cwd / "evidence.zip")
    assert not [name for name in files if "rows" in name]
    assert b"train.rows.parquet" in files["README.txt"]
    verified = sample("verify", "evidence.zip", "--json")
    assert (verified.code, "sidecar" in checks(verified, "skipped")) == (0, True)


def test_free_standing_bundles_are_laid_out_as_a_folder(sample: Shell) -> None:
    for name, algorithm in (("a", "ed25519"), ("b", "ml-dsa-65")):
        assert sample("keys", "generate", "-o", f"{name}.pem", "--algorithm", algorithm).code == 0
    assert sample(*CAPTURE, "--key", "a.pem", "--key", "b.pem", "-o", "r.sigstore.json").code == 0
    assert sample("pack", "r.sigstore.json", "--key", "a.pub", "-o", "x.zip").code == 0
    names = [name.split("/")[-1] for name in contents(sample.cwd / "x.zip")]
    assert "manifest.sigstore.json" in names
    assert len([name for name in names if name.endswith(".sigstore.json")]) == 2
    for name in "ab":
        assert sample("verify", "x.zip", "--key", f"{name}.pub").code == 0
    text = contents(sample.cwd / "x.zip")["README.txt"].decode()
    assert "jq -r '.dsseEnvelope.signatures[0].sig' manifest.sigstore.json" in text


def test_failed_and_unsigned_evidence_is_packed_as_it_is(captured: Shell, outsider: Shell) -> None:
    (captured.cwd / "evidence" / run_id(captured) / "train.inventory.parquet").write_bytes(b"x")
    path = pack(captured, code=10)
    printed = outsider("verify", path, "--key", "signer.pub", "--json")
    assert (printed.code, checks(printed, "failed")) == (10, {"sidecar"})
    assert captured(*CAPTURE, "--no-sign").code == 0
    unsigned = pack(captured, run_id(captured), code=10)
    assert "not authenticated" in contents(unsigned)["README.txt"].decode()
    assert outsider("verify", unsigned, "--key", "signer.pub").code == 10


@pytest.mark.parametrize("what", ["sidecar", "manifest", "missing sidecar", "missing manifest"])
def test_tampering_inside_shows(captured: Shell, outsider: Shell, what: str) -> None:
    path = pack(captured)
    files = contents(path)
    name = "train.inventory.parquet" if "sidecar" in what else "manifest.sigstore.json"
    victim = f"evidence/{run_id(captured)}/{name}"
    content = files.pop(victim)
    if "missing" not in what:
        files[victim] = content.replace(b"e", b"E", 1)
    printed = outsider("verify", repacked(path, files), "--key", "signer.pub", "--json")
    assert printed.code == 10
    if "manifest" in what:
        assert printed.document["targets"][0].get("run") is None


def test_a_swapped_manifest_by_another_key_shows(captured: Shell, outsider: Shell) -> None:
    assert captured("keys", "generate", "-o", "other.pem").code == 0
    assert captured(*CAPTURE, "--key", "other.pem", "-o", "other.sigstore.json").code == 0
    path = pack(captured, "other.sigstore.json", "--key", "other.pub")
    assert outsider("verify", path, "--key", "signer.pub").code == 10


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: b"x" + data, "not stored in the one form"),
        (lambda data: data + b"x", "something follows"),
        (lambda data: data[:-30], "directory"),
        (lambda data: data.replace(b"urn:auditkit:pack:v1", b"urn:auditkit:pack:v9"), "damaged"),
        (lambda _: b"PK\5\6" + bytes(18), "not a pack of evidence"),
        (lambda _: b"no archive", "ends early"),
    ],
    ids=["a prefix", "a byte after it", "cut", "another format", "empty", "no archive"],
)
def test_what_is_no_pack_is_one_clear_error(
    captured: Shell, outsider: Shell, change: object, words: str, as_json: bool
) -> None:
    path = pack(captured)
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    for command in ("verify", "report", "show"):
        printed = outsider(command, path, *(("--json",) if as_json else ()))
        assert printed.code == 10, printed
        said = printed.document["message"] if as_json else printed.err
        assert words in said
        assert "Traceback" not in printed.err


def test_a_pack_of_a_later_format_says_so(captured: Shell, outsider: Shell) -> None:
    path = pack(captured)
    files = {**contents(path), "AUDITKIT-PACK": b"urn:auditkit:pack:v2\n"}
    printed = outsider("verify", repacked(path, files), "--key", "signer.pub")
    assert (printed.code, "another format, 'urn:auditkit:pack:v2'" in printed.err) == (10, True)


def test_a_pack_without_evidence_is_nothing_to_verify(captured: Shell, outsider: Shell) -> None:
    path = pack(captured)
    files = {n: c for n, c in contents(path).items() if not n.startswith("evidence/")}
    assert outsider("verify", repacked(path, files), "--key", "signer.pub").code == 3


def test_a_pack_is_not_written_to(captured: Shell) -> None:
    path = str(pack(captured))
    before = Path(path).read_bytes()
    for command in (
        ("sign", path, "--key", str(next((captured.cwd.parent / "config").rglob("*.pem")))),
        ("approve", path, "--name", "A", "--role", "B", "--meaning", "C"),
        ("timestamp", path, "--tsa", "http://127.0.0.1:9/"),
    ):
        assert captured(*command).code == 2
    assert Path(path).read_bytes() == before


def test_a_zip_that_a_run_wrote_is_an_output(captured: Shell) -> None:
    with zipfile.ZipFile(captured.cwd / "weights.zip", "w") as archive:
        archive.writestr("weights", b"1")
    assert captured("capture", "--output", "weights.zip").code == 0
    assert captured("verify", "weights.zip").code == 0


def test_a_pack_of_a_pack_is_a_pack(captured: Shell, outsider: Shell) -> None:
    first = pack(captured)
    printed = outsider("pack", first, "--key", "signer.pub", "-o", "again.zip")
    assert printed.code == 0
    assert outsider("verify", "again.zip", "--key", "signer.pub").code == 0


def test_in_python(captured: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    import auditkit  # noqa: PLC0415 - with the project as working directory

    path = pack(captured)
    monkeypatch.chdir(captured.cwd)
    evidence = auditkit.verify(path, key="auditkit.pub")
    assert evidence.verdict.status == "passed"
