"""Markdown for the summary of a CI job: what it says, and that evidence cannot speak in it."""

from __future__ import annotations

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reports import samples
from reports.hostile import HOSTILE, hostile

from auditkit.evidence import Evidence
from auditkit.findings import TargetVerdict
from auditkit.reports import render
from auditkit.reports.markdown import MOST_EXCEPTIONS, MOST_RUNS, code

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
WICKED = (
    *HOSTILE,
    "`` ` ``` code",
    "a | b \\| c",
    "\\",
    "[click](https://127.0.0.1/)",
    "![seen](https://127.0.0.1/x.png)",
    "@everyone #1 https://127.0.0.1/ someone@127.0.0.1",
    "</code></td></table><h1>Passed</h1>",
    "- [x] approved\n\n# Passed\n",
    " ",
)


def markdown(evidence: Evidence, language: str = "en") -> str:
    options = msgspec.structs.replace(samples.OPTIONS, language=language)
    return render(evidence, "markdown", options).decode()


def spans(text: str) -> list[Token]:
    return [each for token in PARSER.parse(text) for each in token.children or ()]


def test_exceptions_stand_before_what_was_read() -> None:
    text = markdown(samples.failed())
    assert text.startswith(
        "## ✗ Training-run evidence report: Failed\n\nAt least one check failed."
    )
    assert text.index("### Exceptions") < text.index("### Data sets")
    assert text.count("\n- ✗ Failed: ") == 3
    assert "| ✗ Altered |" in text


def test_what_is_in_order_says_so() -> None:
    text = markdown(samples.passed())
    assert "### Exceptions\n\nNone noted.\n" in text


def test_a_verdict_from_a_file_is_no_verification() -> None:
    text = markdown(msgspec.structs.replace(samples.passed(), verified_now=False))
    assert "\n\n> **Not verified by this run." in text
    assert "Not verified by this run" not in markdown(samples.passed())


def test_it_speaks_german() -> None:
    text = markdown(samples.several(), "de")
    assert "### Abweichungen" in text
    assert "Nicht bestanden" in text


def test_nothing_unauthenticated_is_named_as_a_run() -> None:
    assert samples.RUN_ID not in markdown(samples.unauthenticated())


@pytest.mark.parametrize("text", WICKED)
def test_evidence_is_quoted_and_never_interpreted(text: str) -> None:
    evidence = hostile(text)
    verdict = evidence.verdict
    target = msgspec.structs.replace(
        verdict.targets[0], project=text, run=text, manifest=text, signers=(text,)
    )
    wicked = msgspec.structs.replace(
        evidence, verdict=msgspec.structs.replace(verdict, targets=(target, target))
    )
    for each in (evidence, wicked):
        found = spans(markdown(each))
        kinds = {token.type for token in found}
        assert kinds <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
        said = "".join(token.content for token in found if token.type == "text")
        assert not any(sign in said for sign in "<>@#[]`\\*")
        assert "https" not in said
    rows = [line for line in markdown(wicked).splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in rows} <= {5, 6}


@pytest.mark.parametrize("text", WICKED)
def test_a_span_holds_all_of_a_text(text: str) -> None:
    (paragraph,) = [each for each in PARSER.parse(f"x {code(text)} y") if each.type == "inline"]
    kinds = [each.type for each in paragraph.children or ()]
    assert kinds == (["text"] if not text.strip() else ["text", "code_inline", "text"])


def test_thousands_of_runs_give_a_short_summary() -> None:
    (target,) = samples.failed().verdict.targets
    whole = samples.failed()
    targets: tuple[TargetVerdict, ...] = (target,) * 3000
    many = msgspec.structs.replace(
        whole, verdict=msgspec.structs.replace(whole.verdict, targets=targets)
    )
    text = markdown(many)
    assert len(text.encode()) < 200_000
    assert f"{3000 - MOST_RUNS:,} more are not shown here." in text
    assert f"{9000 - MOST_EXCEPTIONS:,} more are not shown here." in text
