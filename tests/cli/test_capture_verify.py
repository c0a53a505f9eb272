"""The whole path from the command line: init, capture, verify, report, and what each prints."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from commands import Shell

from auditkit import resources

CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model.bin")


def _evidence(shell: Shell) -> Path:
    (folder,) = (shell.cwd / "evidence").iterdir()
    return folder


def _predicate(shell: Shell) -> dict[str, object]:
    printed = shell("show", _evidence(shell), "--json")
    predicate: dict[str, object] = printed.document["predicate"]
    return predicate


def test_from_an_empty_folder_to_a_passed_verification(sample: Shell) -> None:
    captured = sample(*CAPTURE, "--json").document
    assert captured["signed"] is True
    assert (captured["files"], captured["bytes"]) == (2, 17 + 7)
    verified = sample("verify")
    assert verified.code == 0
    assert "PASSED" in verified.out
    assert "2/2 rows" in verified.out


def test_init_twice_changes_nothing(sample: Shell) -> None:
    before = {path: path.read_bytes() for path in sample.cwd.iterdir() if path.is_file()}
    assert sample("init").code == 0
    assert {path: path.read_bytes() for path in sample.cwd.iterdir() if path.is_file()} == before


def test_init_does_not_make_a_second_key_for_a_colleague(sample: Shell, tmp_path: Path) -> None:
    printed = sample("init", "--project", "sample", XDG_CONFIG_HOME=str(tmp_path / "other"))
    assert printed.code == 2
    assert "private key is not in your configuration folder" in printed.err
    assert not (tmp_path / "other").exists()


def test_init_with_a_private_key_that_has_no_public_one_beside_it(sample: Shell) -> None:
    public = Path(sample.environ["XDG_CONFIG_HOME"]) / "auditkit/keys/sample.pub"
    content = public.read_bytes()
    public.unlink()
    for _ in ("with auditkit.pub in the project", "without"):
        printed = sample("init")
        assert (printed.code, "Traceback" in printed.err) == (2, False)
        assert f"{public}: the private key is there and its public key is not beside" in printed.err
        (sample.cwd / "auditkit.pub").unlink(missing_ok=True)
    command = printed.err.partition("Write it with ")[2].partition(", and run")[0]
    subprocess.run(shlex.split(command), check=True)
    assert public.read_bytes() == content
    assert sample("init").code == 0
    assert sample("capture", "--dataset", "t=data/train.csv").code == 0


def test_the_private_key_is_outside_the_project_and_private(sample: Shell) -> None:
    key = Path(sample.environ["XDG_CONFIG_HOME"]) / "auditkit/keys/sample.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in b"".join(
        path.read_bytes() for path in sample.cwd.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(
    "target",
    [
        "evidence",
        "FOLDER",
        "FOLDER/manifest.sigstore.json",
        "model.bin",
        "RUN",
        "DIGEST",
        "sample/latest",
    ],
)
def test_every_way_to_name_a_run(sample: Shell, target: str) -> None:
    captured = sample(*CAPTURE, "--json").document
    named = {"RUN": captured["run"], "DIGEST": captured["manifest"][:20]}.get(
        target, target.replace("FOLDER", str(_evidence(sample).relative_to(sample.cwd)))
    )
    document = sample("verify", named, "--json").document
    assert document["targets"][0]["run"] == captured["run"]
    assert document["status"] == "passed"


def test_an_altered_output_still_finds_its_run_and_fails(sample: Shell) -> None:
    sample(*CAPTURE)
    (sample.cwd / "model.bin").write_bytes(b"WEIGHTS")
    printed = sample("verify", "model.bin")
    assert printed.code == 10
    assert "dataset.bytes model" in printed.out


def test_verdicts_fit_their_schema(sample: Shell) -> None:
    sample(*CAPTURE)
    schema = json.loads(resources.schema("verdict.v1.json").read_bytes())
    for change in ("", "x"):
        (sample.cwd / "data/train.csv").write_text("id,label\n1,a\n2,b\n" + change)
        printed = sample("verify", "--json")
        jsonschema.Draft202012Validator(schema).validate(printed.document)
        assert printed.code == (10 if change else 0)


def test_parameters_and_metrics_keep_their_nesting(sample: Shell) -> None:
    (sample.cwd / "params.yaml").write_text("train:\n  lr: 0.1\n  layers: [8, 4]\n")
    (sample.cwd / "metrics.json").write_text('{"test": {"auc": 0.9, "loss": NaN}}')
    sample(
        *CAPTURE,
        "--params",
        "params.yaml",
        "--param",
        "train.lr=0.2",
        "--param",
        "seed=7",
        "--metrics",
        "metrics.json",
    )
    predicate = _predicate(sample)
    assert predicate["parameters"] == {"train": {"lr": 0.2, "layers": [8, 4]}, "seed": 7}
    assert predicate["metrics"] == {"test": {"auc": 0.9, "loss": {"$number": "NaN"}}}


def test_everything_can_be_named_in_the_configuration(sample: Shell) -> None:
    config = sample.cwd / "auditkit.toml"
    config.write_text(
        config.read_text()
        + """
[datasets.train]
path = "data/train.csv"
role = "training"
schema-version = 3
[datasets.train.declared]
licence = "CC0-1.0"
personal-data = false
[outputs]
model = "model.bin"
[splits.main]
rule = "all of it"
members = { train = "train" }
[declarations]
purpose = "a test"
"""
    )
    assert sample("capture").code == 0
    predicate = _predicate(sample)
    train, model = predicate["datasets"]  # type: ignore[misc]
    assert (train["role"], train["schemaVersion"]) == ("training", "3")
    assert train["declared"] == {"licence": "CC0-1.0", "personalData": False}
    assert train["exceptions"]["/declared"] == "declared"
    assert model["role"] == "output"
    assert predicate["splits"][0]["members"] == [{"name": "train", "dataset": "train"}]  # type: ignore[index]
    assert predicate["declarations"] == {"purpose": "a test", "basis": "declared"}


def test_flags_beat_environment_beats_file(sample: Shell) -> None:
    for expected, environ, flags in (
        ("sample", {}, ()),
        ("fromenv", {"AUDITKIT_PROJECT": "fromenv"}, ()),
        ("fromflag", {"AUDITKIT_PROJECT": "fromenv"}, ("--project", "fromflag")),
    ):
        run = sample(*CAPTURE, *flags, "--json", **environ).document["run"]
        document = sample("show", run, "--json").document
        assert document["predicate"]["run"]["project"] == expected


def test_dry_run_reads_and_writes_nothing(sample: Shell) -> None:
    document = sample(*CAPTURE, "--dry-run", "--json").document
    assert (document["files"], document["bytes"]) == (2, 17 + 7)
    assert not (sample.cwd / "evidence").exists()


def test_unsigned_then_signed(sample: Shell) -> None:
    captured = sample(*CAPTURE, "--no-sign", "--json").document
    assert sample("verify").code == 10
    assert sample("sign", captured["path"]).code == 0
    verified = sample("verify", "--json")
    assert (verified.code, verified.document["targets"][0]["manifest"]) == (
        0,
        captured["manifest"],
    )
    assert sample("sign", captured["path"]).code == 2


def test_a_second_signature_is_a_sibling(sample: Shell) -> None:
    captured = sample(*CAPTURE, "--json").document
    assert sample("keys", "generate", "-o", "second.pem").code == 0
    assert sample("sign", captured["path"], "--key", "second.pem").code == 0
    assert sample("verify").code == 0
    assert sample("verify", "--key", "second.pub").code == 0


def test_a_bundle_file_with_its_sidecars_beside_it(sample: Shell) -> None:
    assert sample(*CAPTURE, "-o", "run.sigstore.json").code == 0
    assert (sample.cwd / "run.evidence/train.inventory.parquet").is_file()
    assert not (sample.cwd / "evidence").exists()
    assert sample("verify", "run.sigstore.json").code == 0


def test_inventory_and_signed_bytes_can_be_taken_out(sample: Shell) -> None:
    sample("capture", "--dataset", "data/images")
    listing = sample("inventory", _evidence(sample), "images")
    sums = ["sha256sum", "--check", "--strict"]
    subprocess.run(sums, input=listing.out, text=True, cwd=sample.cwd / "data/images", check=True)
    assert sample("inventory", _evidence(sample), "nosuch").code == 2
    assert sample("show", _evidence(sample), "--pae").out.startswith("DSSEv1 28 ")


@pytest.mark.parametrize("form", ["html", "pdf", "json"])
def test_reports_are_written_whatever_the_verdict(sample: Shell, form: str) -> None:
    sample(*CAPTURE)
    assert sample("report", "-o", f"good.{form}").code == 0
    (sample.cwd / "model.bin").write_bytes(b"WEIGHTS")
    assert sample("report", "-o", f"bad.{form}").code == 10
    for name in ("good", "bad"):
        assert (sample.cwd / f"{name}.{form}").stat().st_size > 5_000


def test_a_report_from_an_earlier_verdict_says_so(sample: Shell) -> None:
    sample(*CAPTURE)
    (sample.cwd / "verdict.json").write_text(sample("verify", "--json").out)
    (sample.cwd / "model.bin").unlink()
    printed = sample("report", "--verdict", "verdict.json", "-o", "r.html", "--json")
    assert printed.document["verified_now"] is False
    sample(*CAPTURE[:3])
    assert sample("report", "--verdict", "verdict.json", "-o", "r.html").code == 2


def test_an_unknown_check_and_every_known_one(shell: Shell) -> None:
    listed = shell("explain", "--json").document
    for check in listed:
        assert shell("explain", check["id"]).code == 0
    assert shell("explain", "nosuch").code == 2


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_program(shell: Shell, kind: str) -> None:
    assert "_AUDITKIT_COMPLETE" in shell("completion", kind).out


def test_version_and_help_import_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv=['auditkit','--help']\n"
        "from auditkit.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy={'pyarrow','rich','weasyprint','jsonschema','cryptography','jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert printed.stdout.splitlines()[-1] == "[]"
