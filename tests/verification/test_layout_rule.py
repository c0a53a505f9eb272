"""`layout = "strict"`: the same rows in other files are not what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from policies import new_signer, policy, signer_table

from auditkit.findings import Condition, Coverage, DatasetVerdict, Status
from auditkit.verification.requirements import check_layout

COVERAGE = Coverage(mode="full", files=1, files_total=1, bytes=1, bytes_total=1)


def verdict(condition: Condition, status: Status, role: str = "input") -> DatasetVerdict:
    return DatasetVerdict(
        name="train", role=role, condition=condition, status=status, coverage=COVERAGE
    )


@pytest.mark.parametrize(("role", "step"), [("input", 9), ("output", 10)])
def test_strict_fails_what_was_only_laid_out_anew(tmp_path: Path, role: str, step: int) -> None:
    text = 'layout = "strict"\n' + signer_table("ci", "ci")
    rules = policy(tmp_path, text, ci=new_signer()).rules
    judged, (finding,) = check_layout(verdict("relaid", "passed", role), rules)
    assert (judged.condition, judged.status) == ("relaid", "failed")
    assert (finding.step, finding.subject, finding.status) == (step, "train", "failed")


@pytest.mark.parametrize("layout", ["", 'layout = "any"\n', 'layout = "strict"\n'])
def test_nothing_else_is_touched(tmp_path: Path, layout: str) -> None:
    rules = policy(tmp_path, layout + signer_table("ci", "ci"), ci=new_signer()).rules
    for each in (verdict("intact", "passed"), verdict("altered", "failed")):
        assert check_layout(each, rules) == (each, [])
    if "strict" not in layout:
        relaid = verdict("relaid", "passed")
        assert check_layout(relaid, rules) == (relaid, [])
