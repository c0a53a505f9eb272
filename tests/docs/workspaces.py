"""The scratch projects that console blocks of the documentation run in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from docs.outside import outside
from dvcproject import ENVIRONMENT, Dvc, make_project

GIT_CONFIG = """
[user]
    name = Data Team
    email = data-team@example.org
[init]
    defaultBranch = main
"""


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which nothing of this machine's user or CI job shows."""
    home.mkdir()
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "100",
    }


def plain(folder: Path, _: dict[str, str]) -> None:
    """Make an empty project."""
    folder.mkdir()


def tabular(folder: Path, env: dict[str, str]) -> None:
    """Make a git repository with a Parquet file, a CSV file and a model file."""
    (folder / "data").mkdir(parents=True)
    (folder / ".gitignore").write_text("data/\nmodel.bin\nevidence/\n", encoding="utf-8")
    lookup = pa.table({"id": [1, 2, 3], "name": ["north", "south", "west"]})
    train = pa.table({"region": [1, 2, 3, 1], "amount": [9.5, 7.25, 3.0, 8.0]})
    pa.csv.write_csv(lookup, folder / "data" / "lookup.csv")
    pq.write_table(train, folder / "data" / "train.parquet")
    (folder / "model.bin").write_bytes(bytes(range(256)))
    _run(folder, env, "git", "init", "--quiet")
    _run(folder, env, "git", "add", ".gitignore")
    _run(folder, env, "git", "commit", "--quiet", "--message", "Start")


def evidence(folder: Path, env: dict[str, str]) -> None:
    """Make a tabular project with a key and one captured run."""
    tabular(folder, env)
    _run(folder, env, "auditkit", "init", "--project", "churn")
    inputs = ["--dataset", "train=data/train.parquet", "--dataset", "lookup=data/lookup.csv"]
    _run(folder, env, "auditkit", "capture", *inputs, "--output", "model=model.bin")


def folder(folder: Path, env: dict[str, str]) -> None:
    """Make a project with a captured folder of CSV files, whose bytes are always the same."""
    for name, text in {
        "data/train/2025/part 1.csv": "id,delay\n1,4\n2,-3\n",
        "data/train/2026/part 1.csv": "id,delay\n3,11\n",
        "data/train/schema.csv": "id,delay\n0,0\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    _run(folder, env, "auditkit", "init", "--project", "flights")
    _run(folder, env, "auditkit", "capture", "--dataset", "train=data/train")


def pipeline(folder: Path, env: dict[str, str]) -> None:
    """Make a project with three recorded stages, each reading what the one before wrote."""
    for name, text in {
        "data/raw.csv": "id,delay\n1,4\n2,-3\n3,\n",
        "data/flights/part-0.csv": "id,delay\n1,4\n",
        "data/flights/part-1.csv": "id,delay\n2,-3\n",
        "data/train.csv": "id,late\n1,true\n",
        "models/model.bin": "weights",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    _run(folder, env, "auditkit", "init", "--project", "flights")
    for name, reads, writes in (
        ("ingest", "raw=data/raw.csv", "flights=data/flights"),
        ("transform", "flights=data/flights", "train=data/train.csv"),
        ("train", "train=data/train.csv", "model=models/model.bin"),
    ):
        options = ["--name", name, "--dataset", reads, "--output", writes]
        _run(folder, env, "auditkit", "capture", *options)


def dvc(folder: Path, env: dict[str, str]) -> None:
    """Make a project whose folder data/raw and file table.csv DVC tracks, tagged v1.0.0, v1.1.0."""
    program = Dvc.prepare(Path(env["HOME"]))
    make_project(program, folder, folder.with_name(f"{folder.name}-remote"))
    with (folder / ".gitignore").open("a", encoding="utf-8") as ignored:
        ignored.write("evidence/\n")
    _run(folder, env, "auditkit", "init", "--project", "churn")
    env |= program.environ | {"PATH": f"{env['PATH']}:{ENVIRONMENT}/bin"}


def lake(folder: Path, env: dict[str, str]) -> None:
    """Make a project with a Delta table of two versions, and a script that maintains it."""
    from deltalake import write_deltalake  # noqa: PLC0415 -- 100 ms

    events = folder / "data" / "events"
    events.parent.mkdir(parents=True)
    rows = pa.table({"id": range(1_000), "kind": ["click", "view"] * 500})
    write_deltalake(events, rows)
    write_deltalake(events, rows.slice(0, 200), mode="append")
    (folder / "compact_and_vacuum.py").write_text(
        "from deltalake import DeltaTable\n"
        "table = DeltaTable('data/events')\n"
        "table.optimize.compact()\n"
        "table.vacuum(0, dry_run=False, enforce_retention_duration=False)\n",
        encoding="utf-8",
    )
    _run(folder, env, "auditkit", "init", "--project", "churn")


def bucket(folder: Path, env: dict[str, str]) -> None:
    """Make a project with files for the bucket that the environment names, and what uploads them."""
    for name, text in {
        "train/january.csv": "id,delay\n1,4\n2,-3\n",
        "train/february.csv": "id,delay\n3,11\n",
        "model.bin": "weights",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "upload.py").write_text(
        "import os, sys, boto3\n"
        "client = boto3.client('s3')\n"
        "for name in sys.argv[1:]:\n"
        "    body = open(name, 'rb').read()\n"
        "    where = {'Bucket': os.environ['BUCKET'], 'Key': name}\n"
        "    client.put_object(**where, Body=body, ChecksumAlgorithm='SHA256')\n",
        encoding="utf-8",
    )
    _run(folder, env, "auditkit", "init", "--project", "churn")


WORKSPACES = {
    each.__name__: each
    for each in (plain, tabular, evidence, folder, outside, pipeline, dvc, lake, bucket)
}


def _run(folder: Path, env: dict[str, str], *command: str) -> None:
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
