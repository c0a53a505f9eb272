"""Real DVC projects, made by DVC itself in an environment of its own."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-dvc"

_RUN = """
import json, sys
from dvc.cli import main
for argv in json.load(sys.stdin):
    if code := main(argv):
        sys.exit(f"dvc {argv}: {code}")
"""


@dataclass(frozen=True)
class Dvc:
    """DVC's own program; `home` keeps what it would write to the user's folders."""

    home: Path

    @classmethod
    def prepare(cls, home: Path) -> Dvc:
        """Return DVC, installed if it is not there yet."""
        subprocess.run([ROOT / "scripts/dvc-env", ENVIRONMENT.name], check=True)
        home.mkdir(exist_ok=True)
        return cls(home)

    def __call__(self, folder: Path, *commands: str, **environ: str) -> None:
        """Run commands one after another in one process: to import DVC takes a second."""
        self.python(folder, _RUN, json.dumps([command.split() for command in commands]), **environ)

    def python(self, folder: Path, code: str, stdin: str = "", **environ: str) -> str:
        """Return what a program writes that runs where DVC can be imported."""
        done = subprocess.run(
            [ENVIRONMENT / "bin/python", "-c", code],
            cwd=folder,
            input=stdin,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables under which DVC and git touch nothing of the user's."""
        return {
            "PATH": f"{ENVIRONMENT}/bin:{os.environ['PATH']}",
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(self.home / "site"),
            "DVC_SYSTEM_CONFIG_DIR": str(self.home / "system"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
        }


def git(folder: Path, *arguments: str) -> str:
    """Run git as a person without configuration would."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def make_project(dvc: Dvc, project: Path, remote: Path) -> None:
    """Make a project with two tagged versions of a folder and a file, pushed to a local remote.

    `data/raw` is a folder with a file that `.dvcignore` leaves out, `table.csv` a file.
    """
    raw = project / "data" / "raw"
    (raw / "sub").mkdir(parents=True)
    git(project, "init", "-q", "-b", "main")
    write_version(project, 1)
    (raw / "sub" / "größe x.txt").write_text("ü\n")
    (raw / "scratch.tmp").write_text("left out\n")
    dvc(project, "init -q")
    (project / ".dvcignore").write_text("# scratch\n*.tmp\n!keep.tmp\n")
    commands = (
        "config cache.type copy",
        f"remote add -q -d store {os.path.relpath(remote, project)}",
        "add -q data/raw table.csv",
        "push -q",
    )
    dvc(project, *commands)
    _commit(project, "v1.0.0")
    write_version(project, 2)
    dvc(project, "add -q data/raw table.csv", "push -q")
    _commit(project, "v1.1.0")


def write_version(project: Path, version: int) -> None:
    """Write the data of a version: every file differs, and the second has one more."""
    raw = project / "data" / "raw"
    (raw / "a.csv").write_text(f"id,name\n{version},one\n")
    (raw / "b.csv").write_text("id,name\n7,seven\n")
    (project / "table.csv").write_text("id,x\n" + "".join(f"{i},{i * version}\n" for i in range(9)))
    if version > 1:
        (raw / "c.csv").write_text("id,name\n8,eight\n")


def _commit(project: Path, tag: str) -> None:
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", tag)
    git(project, "tag", tag)


def copy_project(project: Path, folder: Path) -> Path:
    """Return a copy of a project, and of the remote beside it, with modes and times."""
    shutil.copytree(project.parent, folder, symlinks=True, dirs_exist_ok=True)
    return folder / project.name


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Let only one of several test workers be in the block."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def check_out(dvc: Dvc, project: Path, revision: str) -> None:
    """Check a revision out as people do: git, then DVC."""
    git(project, "checkout", "-q", revision)
    dvc(project, "checkout -q")
