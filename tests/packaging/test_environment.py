"""The locked environment is complete, and a machine that lacks something is told what."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked() -> list[Requirement]:
    entries = re.sub(r"\\\n", " ", LOCK).splitlines()
    return [Requirement(entry.split("--hash")[0]) for entry in entries]


def wanted() -> list[Requirement]:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    lists = [project["dependencies"], *project["optional-dependencies"].values(), *groups.values()]
    found = [Requirement(text) for each in lists for text in each if isinstance(text, str)]
    return [requirement for requirement in found if requirement.name != project["name"]]


def test_every_entry_is_pinned_by_hash_and_names_no_index() -> None:
    for entry in re.sub(r"\\\n", " ", LOCK).splitlines():
        assert re.match(r"[A-Za-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    assert "://" not in LOCK


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_lock_satisfies_what_the_project_asks_for(requirement: Requirement) -> None:
    name = requirement.name.lower()
    versions = [
        next(iter(entry.specifier)).version for entry in locked() if entry.name.lower() == name
    ]
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_missing_system_packages_are_named(tmp_path: Path) -> None:
    for tool in ("sh", "dirname", "find", "grep", "cat"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or pytest.fail(tool))
    (tmp_path / "python3.11").symlink_to(sys.executable)
    nobody = tmp_path / "id"
    nobody.write_text("#!/bin/sh\necho 1000\n")
    nobody.chmod(0o755)
    done = subprocess.run(
        ["sh", ROOT / "scripts" / "bootstrap", "test"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.search(r"could not be installed: git openssl openssh-client jq", done.stderr)
    assert "apt-get install git openssl openssh-client jq" in done.stderr
    assert done.stdout == ""


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3.11"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["sh", ROOT / "scripts" / "bootstrap"],
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"{old} is older than Python 3.11" in done.stderr
