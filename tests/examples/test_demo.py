"""The demo runs to its end, leaves what it promises, and stops when a step does not behave."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples/flights"
SCRIPTS = Path(sys.executable).parent


def run_demo(folder: Path, *, path: str = "", every: int = 40) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(filter(None, (path, str(SCRIPTS), os.environ["PATH"]))),
        "DEMO_EVERY": str(every),
        "AUDITKIT_KEY": "/nowhere/a-key-of-the-visitor.pem",
    }
    command = ["bash", str(EXAMPLE / "demo.sh"), str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "work"
    done = run_demo(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_it_leaves_both_reports_and_prints_where(demo: tuple[Path, str]) -> None:
    folder, transcript = demo
    ending = transcript[transcript.rindex("==") :]
    for name, magic in (("report.html", b"<!doctype html>"), ("report.pdf", b"%PDF-")):
        assert (folder / name).read_bytes().lower().startswith(magic.lower())
        assert str(folder / name) in ending


def test_every_stage_is_recorded_and_committed_code_ran(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    assert len(list((folder / "flights/evidence").iterdir())) == 5
    status = subprocess.run(
        ["git", "status", "--porcelain"],
        cwd=folder / "flights",
        capture_output=True,
        text=True,
        check=True,
    )
    assert status.stdout == ""


def test_the_edited_file_is_named(demo: tuple[Path, str]) -> None:
    _, transcript = demo
    assert re.findall(r"\(exit code (\d+)\)", transcript) == [
        "0",
        "0",
        "10",
        "0",
        "11",
        "0",
        "0",
        "10",
        "0",
        "0",
        "0",
    ]
    edited = transcript[transcript.index("== 4/7") : transcript.index("(exit code 10)")]
    joined = " ".join(edited.split())
    assert joined.count("FAILED dataset.bytes") == 2
    assert joined.count("column 'arr_delay', rows ") == 2
    ending = transcript.splitlines()[-1]
    assert re.search(r"column 'arr_delay', rows [\d,]+-[\d,]+, file month=7/part-0.parquet", ending)


def test_the_vacuumed_version_is_expired_and_its_rows_are_still_there(
    demo: tuple[Path, str],
) -> None:
    _, transcript = demo
    vacuumed = transcript[transcript.index("== 5/7") : transcript.index("== 6/7")]
    assert (
        len(re.findall(r"removed by the VACUUM that ended as version 6$", vacuumed, re.MULTILINE))
        == 4
    )
    rows = re.findall(r"scores \(output\) (\w+): .* ([\d,]+)/([\d,]+) rows", vacuumed)
    assert [each[:2] for each in rows] == [("expired", "0"), ("relaid", rows[0][2])]


def test_the_model_leads_back_to_the_raw_data(demo: tuple[Path, str]) -> None:
    folder, transcript = demo
    shown = transcript[transcript.index("auditkit lineage") : transcript.index("== 4/7")]
    stages = re.findall(r"written by run (\w+)|(data/raw/flights\.csv)", shown)
    assert [first or second for first, second in stages][:4] == [
        "train",
        "transform",
        "ingest",
        "data/raw/flights.csv",
    ]
    assert (folder / "lineage.svg").read_text().startswith("<svg")
    assert "data/raw/flights.csv</text>" in (folder / "report.html").read_text()


def test_a_run_that_was_dropped_shows_against_the_checkpoint_that_was_kept(
    demo: tuple[Path, str],
) -> None:
    folder, transcript = demo
    dropped = transcript[transcript.index("== 6/7") : transcript.index("== 7/7")]
    assert re.findall(r"^(PASSED|FAILED)$", dropped, re.MULTILINE) == ["PASSED", "FAILED", "PASSED"]
    assert "4 entries, all as they were, add up to the checkpoint" in dropped
    assert "fewer than the 5 it had" in dropped
    for name, size in (("registry", "5"), ("rewritten", "4")):
        assert (folder / name / "checkpoint").read_text().splitlines()[1] == size
    kept = folder / "kept.checkpoint"
    assert kept.read_bytes() == (folder / "registry/checkpoint").read_bytes()


def test_the_key_stays_out_of_the_project(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    private = [path for path in folder.rglob("*.pem") if b"PRIVATE KEY" in path.read_bytes()]
    assert len(private) == 2
    assert all(folder / "config" in each.parents for each in private)


def test_it_stops_when_an_edit_goes_unnoticed(tmp_path: Path) -> None:
    blind = tmp_path / "bin" / "auditkit"
    blind.parent.mkdir()
    blind.write_text(f'#!/bin/sh\n[ "$1" = verify ] || exec "{SCRIPTS}/auditkit" "$@"\n')
    blind.chmod(0o755)
    done = run_demo(tmp_path / "work", path=str(blind.parent), every=168)
    assert done.returncode == 1
    assert "The demo failed: 'auditkit verify --repo .' ended with 0, expected 10" in done.stderr
    assert not (tmp_path / "work/report.pdf").exists()


def test_it_stops_when_the_data_are_not_valid(tmp_path: Path) -> None:
    done = run_demo(tmp_path / "work", every=4000)
    assert done.returncode == 1
    assert "min_rows" in done.stderr
    assert "The demo failed: 'auditkit run --name validate" in done.stderr


def test_it_does_not_delete_what_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("four years of work")
    done = run_demo(tmp_path)
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "four years of work"


def test_the_split_is_declared_as_the_code_makes_it() -> None:
    declared = tomllib.loads((EXAMPLE / "datasets.toml").read_text())["splits"]["by-day"]
    rule = yaml.safe_load((EXAMPLE / "pipeline/params.yaml").read_text())["split"]
    assert declared["seed"] == rule["seed"]
    assert declared["key"] == rule["key"]
    assert {side: round(100 * part) for side, part in declared["fractions"].items()} == rule[
        "percent"
    ]
