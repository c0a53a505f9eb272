"""The schemas in the repository are those of the model, and say what they should."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from generate_schemas import generate
from jsonschema import Draft202012Validator

from auditkit.findings import (
    Coverage,
    DatasetVerdict,
    Finding,
    Location,
    TargetVerdict,
    Tool,
    Trust,
    Verdict,
    encode_verdict,
)

ROOT = Path(__file__).resolve().parents[2]
NAMES = [
    "manifest.v1.json",
    "verdict.v1.json",
    "report.v1.json",
    "error.v1.json",
    "trust.v1.json",
    "approval.v1.json",
    "lineage.v1.json",
    "erasure.v1.json",
    "verification.v1.json",
    "runs.v1.json",
    "controls.v1.json",
    "hashes.v1.json",
]


def load(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8"))


def test_generated_files_are_up_to_date() -> None:
    for path, text in generate().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"run `make vectors`: {path}"


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_itself(name: str) -> None:
    Draft202012Validator.check_schema(load(name))


@pytest.mark.parametrize("name", NAMES)
def test_records_are_closed_and_fields_described(name: str) -> None:
    for record in load(name)["$defs"].values():
        assert record["additionalProperties"] is False
        assert "  " not in record["description"]
        for field in record["properties"].values():
            assert field["description"].endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_identifier_names_the_file(name: str) -> None:
    kind, version, _ = name.split(".")
    assert load(name)["$id"] == f"urn:auditkit:schema:{kind}:{version}"


def test_patterns_are_portable() -> None:
    assert "\\\\Z" not in (ROOT / "schemas" / "manifest.v1.json").read_text(encoding="utf-8")


def test_a_full_verdict_is_valid() -> None:
    finding = Finding(
        step=9,
        check="dataset.bytes",
        subject="train",
        status="failed",
        detail="1 file differs",
        expected="a",
        found="b",
        location=Location(file="part-3.parquet", row_group=2, column="label", rows=(10, 19)),
    )
    coverage = Coverage(
        mode="full", files=1, files_total=1, bytes=10, bytes_total=10, rows=5, rows_total=5
    )
    dataset = DatasetVerdict(
        name="train", role="input", condition="altered", status="failed", coverage=coverage
    )
    verdict = Verdict(
        status="failed",
        tool=Tool(name="auditkit", version="0.1.0"),
        verified_at="2026-03-02T09:31:07Z",
        mode="full",
        trust=Trust(kind="none", source="none"),
        targets=(
            TargetVerdict(
                source="evidence", status="failed", findings=(finding,), datasets=(dataset,)
            ),
        ),
    )
    Draft202012Validator(load("verdict.v1.json")).validate(json.loads(encode_verdict(verdict)))


def test_what_the_command_line_prints_as_an_error_is_valid(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("auditkit"), "no-such-command", "--json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    document = msgspec.json.decode(done.stdout)
    Draft202012Validator(load("error.v1.json")).validate(document)
    assert document["exit_code"] == done.returncode == 2
