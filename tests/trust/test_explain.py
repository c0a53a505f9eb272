"""A policy says in sentences what it allows, and warns about what it leaves open."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from policies import new_signer, policy, signer_table
from timestamping import make_root

from auditkit.registry.notekeys import verifier_key
from auditkit.trust.explain import describe
from auditkit.trust.openings import open_points

NOW = datetime(2026, 6, 1, tzinfo=UTC)
UNTIL = "not-after = 2027-01-01T00:00:00Z\n"
SANE = (
    signer_table("ci", "ci", rest='projects = ["churn"]\n' + UNTIL)
    + signer_table("Jane", "jane", kind="person", rest='role = "owner"\n' + UNTIL)
    + "[require]\ntimestamp = true\n[require.approvals]\nowner = 1\n"
    + '[[authorities]]\nname = "stamper"\nroots = ["root.pem"]\n'
)


def warnings(folder: Path, text: str, **files: object) -> tuple[str, ...]:
    held = {"ci": new_signer(), "jane": new_signer(), "root": make_root().pem, **files}
    return open_points(policy(folder, text, **held).rules, NOW)  # type: ignore[arg-type]


def test_a_policy_can_leave_nothing_open(tmp_path: Path) -> None:
    assert warnings(tmp_path, SANE) == ()


OPEN = {
    "no expiry": (SANE.replace(UNTIL, ""), "never expires"),
    "an expiry that has passed": (SANE.replace("2027", "2025"), "has expired"),
    "no time stamp": (SANE.replace("timestamp = true", ""), "No time stamp is required"),
    "every project": (SANE.replace('projects = ["churn"]', ""), "every project"),
    "one key that can do everything": (
        signer_table("ci", "ci", rest=UNTIL),
        "ci alone can make evidence that passes",
    ),
    "one person for both": (
        SANE.replace('role = "owner"', 'role = "owner"\nstatements = ["training-run", "approval"]'),
        "give each to somebody else",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_left_open_is_said(tmp_path: Path, name: str) -> None:
    text, words = OPEN[name]
    assert any(words in each for each in warnings(tmp_path, text))


def test_a_log_with_the_key_of_a_signer_is_said(tmp_path: Path) -> None:
    signer = new_signer()
    log = f'[[logs]]\norigin = "o"\nkeys = ["{verifier_key(signer.public_key, "o")}"]\n'
    assert any("same key as ci" in each for each in warnings(tmp_path, SANE + log, ci=signer))
    assert warnings(tmp_path, SANE + log) == ()


def test_the_sentences_name_signers_keys_and_requirements(tmp_path: Path) -> None:
    signer = new_signer()
    rules = policy(tmp_path, SANE, ci=signer, jane=new_signer(), root=make_root().pem).rules
    text = " ".join(describe(rules))
    assert f"with ed25519 key {signer.public_key.keyid[:16]}…" in text
    for words in (
        "ci (a machine) may sign manifests of training runs for churn",
        "Jane (a person, owner) may sign approvals for any project",
        "ci expires 2027-01-01T00:00:00Z.",
        "A manifest needs 1 signer, each counted once.",
        "Every signature that counts needs a time-stamp token.",
        "1 person must approve as owner.",
        "Time stamps of stamper count: 1 root certificate.",
    ):
        assert words in text, words
