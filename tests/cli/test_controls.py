"""`auditkit controls` as people use it: lists, one control, a verdict, and a pack of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Shell
from controls.own import PACK


@pytest.fixture
def captured(sample: Shell) -> Shell:
    assert sample("capture", "--dataset", "train=data/train.csv").code == 0
    (sample.cwd / "policy.toml").write_text(PACK)
    return sample


def configure(shell: Shell, text: str) -> None:
    with (shell.cwd / "auditkit.toml").open("a") as file:
        file.write(text)


def test_packs_are_listed_shown_and_shown_in_part(shell: Shell) -> None:
    listed = shell("controls", "list")
    assert "us-model-risk" in listed.out
    (row,) = [
        each for each in shell("controls", "list", "--json").document if each["id"] == "eu-ai-act"
    ]
    assert (row["controls"], row["legal_status"], row["past_review"]) == (22, "in-force", False)
    assert "not legal advice" in shell("controls", "show", "eu-ai-act").out
    one = shell("controls", "show", "eu-ai-act", "Art. 53(1)(a), Annex XI 1(2)(c), (d)").out
    assert "2025-08-02 general-purpose models" in one
    assert "cannot show:" in one
    assert "P10Y from when the model was placed on the market (inferred: Art. 54(3)(b)" in one
    document = shell("controls", "show", "slsa-build", "Build L1", "--json").document
    assert document["evidence"][0] == {"fact": "outputs"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "no-such-pack"), "no control pack has the id"),
        (("show", "slsa-build", "Build L4"), "has no control 'Build L4'"),
        (("check",), "no framework is chosen"),
        (("check", "missing.toml"), "cannot be read"),
        (("check", "policy.toml", "evidence"), "cannot be checked at once"),
    ],
)
def test_what_cannot_be_done_says_so(
    captured: Shell, arguments: tuple[str, ...], says: str
) -> None:
    done = captured("controls", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_evidence_is_held_against_controls(captured: Shell) -> None:
    done = captured("controls", "check", "--framework", "21-cfr-part-11", "--json")
    assert done.code == 0
    (target,) = done.document["targets"]
    (framework,) = target["frameworks"]
    rows = {each["id"]: each for each in framework["controls"]}
    assert rows["11.50"]["outcome"] == "not-evidenced"
    assert rows["11.10(b)"]["outcome"] == "partial"
    assert all(each["cannot_evidence"] for each in rows.values())
    text = captured("controls", "check", "--framework", "21-cfr-part-11").out
    assert "of 6 controls: 0 supported, 5 partial, 1 not-evidenced, 0 not-applicable" in text


def test_altered_data_contradicts_and_the_exit_code_is_that_of_the_verification(
    captured: Shell,
) -> None:
    (captured.cwd / "data/train.csv").write_text("id,label\n1,a\n2,x\n")
    done = captured("controls", "check", "--framework", "policy.toml", "--json")
    assert done.code == 10
    (row,) = done.document["targets"][0]["frameworks"][0]["controls"]
    assert row["outcome"] == "not-evidenced"
    standings = [each["standing"] for each in row["facts"]]
    assert standings == ["shown", "contradicted"]
    findings = captured("verify", "--json").document["targets"][0]["findings"]
    assert {findings[place]["status"] for place in row["facts"][1]["findings"]} == {"failed"}


def test_an_earlier_verdict_can_be_held_against_controls(captured: Shell, tmp_path: Path) -> None:
    verdict = tmp_path / "verdict.json"
    verdict.write_text(captured("verify", "--json").out)
    (captured.cwd / "data/train.csv").unlink()
    done = captured("controls", "check", "--framework", "policy.toml", "--verdict", str(verdict))
    assert done.code == 0
    assert "not verified now" in done.out


def test_a_pack_of_ones_own_is_checked_for_itself(captured: Shell) -> None:
    done = captured("controls", "check", "policy.toml", "--json")
    assert (done.code, done.document) == (
        0,
        [{"file": "policy.toml", "id": "model-policy", "controls": 1}],
    )
    wrong = PACK.replace('{ fact = "datasets" }', '{ fact = "check", id = "dataset.colour" }')
    (captured.cwd / "policy.toml").write_text(wrong)
    done = captured("controls", "check", "policy.toml")
    assert done.code == 2
    assert "no check 'dataset.colour'" in done.err


def test_configured_packs_frameworks_and_controls_that_were_set_aside(captured: Shell) -> None:
    configure(
        captured,
        '\n[report]\npacks = ["policy.toml"]\nframeworks = ["model-policy"]\n'
        '[report.not-applicable.model-policy]\n"4.2" = "Nobody approves here."\n',
    )
    below = captured.cwd / "data"
    done = captured("controls", "check", "--json", cwd=below)
    (row,) = done.document["targets"][0]["frameworks"][0]["controls"]
    assert row["outcome"] == "not-applicable"
    assert "Nobody approves here." in row["reason"]
    assert "model-policy" in captured("controls", "list").out


def test_a_control_that_is_set_aside_must_exist(captured: Shell) -> None:
    configure(captured, '\n[report.not-applicable.slsa-build]\n"Build L9" = "x"\n')
    done = captured("controls", "check", "--framework", "slsa-build")
    assert done.code == 2
    assert "'Build L9' is no control of this pack" in done.err


def test_a_pack_past_its_review_says_so(captured: Shell) -> None:
    old = PACK.replace("2027-06-30", "2025-06-30")
    (captured.cwd / "policy.toml").write_text(old)
    assert "PAST ITS REVIEW (2025-06-30)" in captured("controls", "check", "policy.toml").out
    done = captured("controls", "check", "--framework", "policy.toml")
    assert "PAST ITS REVIEW" in done.out
    assert "which is past" in captured("controls", "show", "policy.toml", "4.2").out


def test_hostile_text_in_evidence_is_escaped(sample: Shell) -> None:
    assert sample("capture", "--dataset", "train=data/train.csv").code == 0
    (sample.cwd / "policy.toml").write_text(PACK)
    configure(sample, '\n[report.not-applicable.model-policy]\n"4.2" = "a\\u202eb[bold]"\n')
    done = sample("controls", "check", "--framework", "policy.toml")
    assert "a\\u202eb[bold]" in done.out
