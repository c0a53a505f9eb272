"""Git repositories made for tests."""

import subprocess
from pathlib import Path

from auditkit.git import Repository

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
ABSENT = "0" * 39 + "1"


def git(where: Path, *arguments: str, **more) -> str:
    done = subprocess.run(
        ["git", "-C", where, *IDENTITY, *arguments], check=True, capture_output=True, **more
    )
    return done.stdout.decode().strip()


def make(path: Path, *options: str) -> Path:
    path.mkdir()
    git(path, "init", "-q", "-b", "main", *options)
    (path / "train.py").write_text("print('train')\n")
    (path / "model.bin").write_bytes(bytes(range(256)))
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "first")
    return path


def opened(path: Path) -> Repository:
    repository = Repository.discover(path)
    assert repository is not None
    return repository
