"""The committed evidence verifies for a visitor, and stops verifying when anything is touched."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import pikepdf
import pytest

EVIDENCE = Path(__file__).parents[2] / "examples/evidence"
AUDITKIT = Path(sys.executable).with_name("auditkit")


def auditkit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AUDITKIT_")}
    environment["XDG_CONFIG_HOME"] = str(folder.parent / "no-configuration")
    command = [str(AUDITKIT), *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def verdict(folder: Path) -> tuple[int, dict[str, Any]]:
    done = auditkit(folder, "verify", "--json")
    document: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, document


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copytree(EVIDENCE, tmp_path / "evidence")


def test_it_verifies_as_the_readme_says(copy: Path) -> None:
    code, document = verdict(copy)
    assert code == 0
    assert document["status"] == "passed"
    (target,) = document["targets"]
    assert {each["name"]: each["condition"] for each in target["datasets"]} == dict.fromkeys(
        ("train", "validation", "test", "model"), "intact"
    )
    for each in target["datasets"]:
        assert each["coverage"]["files"] == each["coverage"]["files_total"] > 0


def test_its_model_leads_to_the_run(copy: Path) -> None:
    done = auditkit(copy, "verify", "models/model.joblib")
    assert done.returncode == 0, done.stderr


def recorded_files() -> list[str]:
    paths = [
        path for name in ("data", "models", "evidence") for path in (EVIDENCE / name).rglob("*")
    ]
    return sorted(path.relative_to(EVIDENCE).as_posix() for path in paths if path.is_file())


@pytest.mark.parametrize("name", recorded_files())
def test_a_flipped_bit_anywhere_is_noticed(copy: Path, name: str) -> None:
    """It fails, but in a table where every row is read to be as recorded: that is `relaid`."""
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    code, document = verdict(copy)
    (target,) = document["targets"]
    if code == 0 and name.endswith(".parquet"):
        assert f"data/features/{_relaid(target)}/" in name
    else:
        assert code == 10
        assert document["status"] == "failed"


def _relaid(target: dict[str, Any]) -> str:
    """Return the only data set whose rows are the same in other bytes."""
    (found,) = (each for each in target["datasets"] if each["condition"] != "intact")
    assert found["condition"] == "relaid"
    name: str = found["name"]
    return name


def test_an_appended_byte_is_located(copy: Path) -> None:
    with (copy / "data/features/train/month=2/part-0.parquet").open("ab") as file:
        file.write(b"x")
    code, document = verdict(copy)
    assert code == 10
    failed = [
        (each["step"], each["subject"], each.get("location", {}).get("file"))
        for each in document["targets"][0]["findings"]
        if each["status"] == "failed"
    ]
    assert (9, "train", "month=2/part-0.parquet") in failed


def test_the_key_of_the_folder_is_what_makes_it_pass(copy: Path) -> None:
    (copy / "auditkit.toml").unlink()
    code, document = verdict(copy)
    assert code == 11
    assert document["status"] == "indeterminate"


def test_no_private_key_was_published() -> None:
    for path in EVIDENCE.rglob("*"):
        assert path.is_dir() or b"PRIVATE KEY" not in path.read_bytes(), path


def test_the_report_carries_the_same_evidence() -> None:
    (run,) = (EVIDENCE / "evidence").iterdir()
    with pikepdf.open(EVIDENCE / "report.pdf") as pdf:
        attached = {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}
    assert json.loads(attached.pop("verdict.json"))["status"] == "passed"
    for path in run.iterdir():
        assert attached.pop(path.name) == path.read_bytes()
    assert attached.keys() == {"evidence.json", "hashes.json"}
