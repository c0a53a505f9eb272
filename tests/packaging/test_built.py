"""What is built holds what it should, the same bytes each time, and works where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

import auditkit
from auditkit import resources
from auditkit.controls.load import builtin_packs

ROOT = Path(__file__).resolve().parents[2]
READ_RESOURCES = """
import auditkit
from auditkit.resources import schema, template
assert schema("manifest.v1.json").read_bytes().startswith(b"{")
assert list(template("").iterdir())
print(auditkit.__file__)
"""


def python(*arguments: object, **options: object) -> str:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def build(source: Path, folder: Path, *options: str) -> list[Path]:
    python("-m", "build", "--no-isolation", *options, "--outdir", folder, source)
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the sdist, and the wheel that was built from it."""
    wheel, sdist = build(ROOT, tmp_path_factory.mktemp("built"))
    return sdist, wheel


def shipped(folder: str) -> set[str]:
    """Return the files under a top-level folder as they should appear in a wheel."""
    paths = (ROOT / folder).rglob("*")
    return {f"auditkit/{path.relative_to(ROOT).as_posix()}" for path in paths if path.is_file()}


def test_wheel_holds_templates_and_schemas_as_files(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        names = set(wheel.namelist())
        assert {"auditkit/py.typed", "auditkit/schemas/manifest.v1.json"} <= names
        assert shipped("schemas") | shipped("templates") <= names
        for name in shipped("schemas"):
            assert wheel.read(name) == (ROOT / name.removeprefix("auditkit/")).read_bytes()
    packs = {f"auditkit/controls/packs/{name}.toml" for name in builtin_packs()}
    assert len(packs) > 5
    assert packs <= names
    assert {name.split("/")[0] for name in names} == {
        "auditkit",
        f"auditkit_manifest-{auditkit.__version__}.dist-info",
    }


def test_wheel_is_the_same_with_and_without_the_source_distribution(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    (direct,) = build(ROOT, tmp_path, "--wheel")
    assert direct.read_bytes() == built[1].read_bytes()


def test_source_distribution_has_no_links_and_nothing_unexpected(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        members = archive.getmembers()
    assert all(member.isfile() for member in members)
    assert {member.name.split("/")[1] for member in members} == {
        *("auditkit", "LICENSE", "README.md", "CHANGELOG.md"),
        *("pyproject.toml", "PKG-INFO", ".gitignore"),
    }


def test_building_elsewhere_and_later_gives_the_same_bytes(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.unpack_archive(built[0], tmp_path)
    shutil.move(tmp_path / built[0].name.removesuffix(".tar.gz"), copy)
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    again = build(copy, tmp_path / "out", "--wheel")
    assert again[0].read_bytes() == built[1].read_bytes()


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_resources_are_found_where_it_is_installed(
    kind: str, built: tuple[Path, Path], tmp_path: Path
) -> None:
    python("-m", "venv", "--without-pip", tmp_path / "env")
    installed = tmp_path / "env" / "bin" / "python"
    if kind == "wheel":
        wheel = built[1]
    else:
        hook = "import sys; from hatchling.build import build_editable as b; print(b(sys.argv[1]))"
        wheel = tmp_path / python("-c", hook, tmp_path, cwd=ROOT).strip()
    python("-m", "pip", "--python", installed, "install", "--no-deps", "--no-index", wheel)
    done = subprocess.run(
        [installed, "-c", READ_RESOURCES], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    home = tmp_path / "env" if kind == "wheel" else ROOT
    assert Path(done.stdout.strip()).is_relative_to(home)


def test_resources_are_found_here() -> None:
    assert resources.schema("manifest.v1.json").is_file()
    assert resources.template("").is_dir()


def test_make_test_runs_against_the_wheel_and_anything_else_against_the_source() -> None:
    installed = Path(sysconfig.get_path("purelib")) if "AUDITKIT_TEST_WHEEL" in os.environ else ROOT
    assert Path(auditkit.__file__).parent == installed / "auditkit"


def test_what_the_distribution_requires_is_installed_in_fitting_versions(tmp_path: Path) -> None:
    python("-m", "pip", "check", cwd=tmp_path)
