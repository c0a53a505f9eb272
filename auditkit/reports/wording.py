"""The report's fixed words: one word per status, with a symbol and a sentence that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditkit.controls.assess import Outcome
from auditkit.controls.standing import Standing
from auditkit.findings import Condition, Overall, Status, Trust, Verdict
from auditkit.manifest.model import Basis
from auditkit.reports.blocks import Badge, Tone
from auditkit.reports.language import Language, message
from auditkit.reports.text import plain, short

TITLE: Final = message("Training-run evidence report")

PERIOD_TITLE: Final = message("Evidence report on the training runs of a period")

_STATUS: Final[Mapping[Status, Badge]] = {
    "passed": Badge(message("Passed"), "✓", "passed"),
    "failed": Badge(message("Failed"), "✗", "failed"),
    "indeterminate": Badge(message("Indeterminate"), "?", "indeterminate"),
    "skipped": Badge(message("Skipped"), "—", "skipped"),
}

OVERALL: Final[Mapping[Overall, str]] = {
    "passed": message(
        "Everything that was checked matches the signed record. What was not checked is listed "
        "in the summary."
    ),
    "failed": message("At least one check failed. The exceptions come first in the summary."),
    "indeterminate": message(
        "No check failed, but not enough could be checked to say that the evidence is right."
    ),
}

READ_FROM_FILE: Final = message(
    "Not verified by this run. The verdict was read from a file; auditkit did not check the "
    "evidence again when it made this report."
)

NOT_AUTHENTICATED: Final = message(
    "The manifest was not authenticated: steps 1 to 4 did not all pass. Nothing that it says is "
    "shown in this report as a fact, and no data set that it names was opened."
)

_CONDITION: Final[Mapping[Condition, tuple[Badge, str]]] = {
    "intact": (
        Badge(message("Intact"), "✓", "passed"),
        message("The stored bytes are those that were recorded."),
    ),
    "relaid": (
        Badge(message("Relaid"), "✓", "passed"),
        message("The files differ; the rows were recomputed in full and are equal."),
    ),
    "altered": (
        Badge(message("Altered"), "✗", "failed"),
        message("The stored bytes differ from those that were recorded."),
    ),
    "missing": (
        Badge(message("Missing"), "✗", "failed"),
        message("Recorded files are no longer there."),
    ),
    "expired": (
        Badge(message("Expired"), "?", "indeterminate"),
        message("Retention removed the data, as the store itself shows."),
    ),
    "erased": (
        Badge(message("Erased"), "—", "skipped"),
        message("The data was deleted under a signed erasure statement."),
    ),
    "unreadable": (
        Badge(message("Unreadable"), "?", "indeterminate"),
        message("The data could not be read, so nothing is known."),
    ),
    "unchecked": (
        Badge(message("Unchecked"), "?", "indeterminate"),
        message("The bytes were not re-read, so nothing is known."),
    ),
}

_STEP: Final[Mapping[int, tuple[str, str]]] = {
    1: (message("Envelope"), message("Is this a well-formed bundle with one signature?")),
    2: (message("Signature"), message("Does the signature hold over exactly these bytes?")),
    3: (message("Signer"), message("Is the key one that the verifier trusts?")),
    4: (message("Manifest"), message("Is the signed content a valid manifest?")),
    5: (message("Log"), message("Is the manifest in a transparency log?")),
    6: (message("Sidecars"), message("Do the files beside the bundle match their signed digests?")),
    7: (message("Lineage"), message("Are the earlier runs there, signed, and do they match?")),
    8: (message("Code"), message("Are commit and tree in the repository that was given?")),
    9: (message("Data sets"), message("Do the stored inputs, re-read, match the signed record?")),
    10: (message("Outputs"), message("Do the stored outputs, re-read, match the signed record?")),
}

_BASIS: Final[Mapping[Basis, Badge]] = {
    "observed": Badge(message("observed"), "●", "observed"),
    "declared": Badge(message("declared"), "○", "declared"),
    "derived": Badge(message("derived"), "◐", "derived"),
}

_MODE: Final[Mapping[str, tuple[str, str]]] = {
    "full": (message("full"), message("full: every byte was re-read")),
    "metadata": (
        message("metadata"),
        message("metadata: sizes, footers and schema; the bytes were not re-read"),
    ),
    "inspect": (message("inspection"), message("inspection: nothing was checked")),
    "none": (message("not read"), message("nothing was re-read")),
}

_TRUST_SOURCE: Final[Mapping[str, str]] = {
    "flag": message("named on the command line"),
    "environment": message("named in the environment"),
    "project": message("named in the project's auditkit.toml"),
    "user": message("named in the user's configuration"),
    "api": message("handed over by the calling program"),
    "none": message("not given"),
}

_OUTCOME: Final[Mapping[Outcome, tuple[Badge, str]]] = {
    "supported": (
        Badge(message("Supported"), "✓", "passed"),
        message("Every fact that the pack names is shown, and they reach the whole control."),
    ),
    "partial": (
        Badge(message("Partial"), "◐", "indeterminate"),
        message("Some of what the control asks for is evidenced, or rests on a declaration."),
    ),
    "not-evidenced": (
        Badge(message("Not evidenced"), "✗", "lacking"),
        message("Nothing here speaks for it, or a check of the evidence failed."),
    ),
    "not-applicable": (
        Badge(message("Not applicable"), "—", "skipped"),
        message("Somebody set the control aside, with the reason that is printed."),
    ),
}

_STANDING: Final[Mapping[Standing, Badge]] = {
    "shown": Badge(message("shown"), "✓", "passed"),
    "declared": Badge(message("declared"), "○", "declared"),
    "unchecked": Badge(message("unchecked"), "?", "indeterminate"),
    "contradicted": Badge(message("contradicted"), "✗", "failed"),
    "absent": Badge(message("absent"), "—", "skipped"),
}


def status_badge(say: Language, status: Status) -> Badge:
    """Return the word and symbol of a status."""
    return _said(say, _STATUS[status])


def condition_badge(say: Language, condition: Condition) -> Badge:
    """Return the word and symbol of a data set's condition."""
    return _said(say, _CONDITION[condition][0])


def condition_meaning(say: Language, condition: Condition) -> str:
    """Return a sentence on a data set's condition."""
    return say(_CONDITION[condition][1])


def basis_badge(say: Language, basis: Basis) -> Badge:
    """Return the mark of how a statement came about."""
    return _said(say, _BASIS[basis])


def outcome_badge(say: Language, outcome: Outcome) -> Badge:
    """Return the word and symbol of a control's outcome."""
    return _said(say, _OUTCOME[outcome][0])


def outcome_meaning(say: Language, outcome: Outcome) -> str:
    """Return a sentence on a control's outcome."""
    return say(_OUTCOME[outcome][1])


def standing_badge(say: Language, standing: Standing) -> Badge:
    """Return the word and symbol of what is known of a fact."""
    return _said(say, _STANDING[standing])


def alarmless(badge: Badge) -> Badge:
    """Return the badge without alarm, for a count of nothing."""
    tone: Tone = "plain"
    return Badge(badge.word, badge.symbol, tone)


def step_name(say: Language, step: int) -> str:
    """Return a step's number and name; a number from a newer tool stands alone."""
    return f"{step} {say(_STEP[step][0])}" if step in _STEP else str(step)


def step_question(say: Language, step: int) -> str:
    """Return what a step asks; nothing for a number from a newer tool."""
    return say(_STEP[step][1]) if step in _STEP else ""


def mode_word(say: Language, mode: str) -> str:
    """Return in a word how much was read again."""
    return say(_MODE[mode][0])


def mode_text(say: Language, mode: str) -> str:
    """Return in a sentence how much was read again."""
    return say(_MODE[mode][1])


def trust_source(say: Language, source: str) -> str:
    """Return on whose word something was trusted."""
    return say(_TRUST_SOURCE[source])


def trust_text(say: Language, trust: Trust) -> str:
    """Return in one sentence what was trusted and who said so."""
    source = trust_source(say, trust.source)
    if trust.file:
        source = say("{source}, file {file}", source=source, file=plain(trust.file, 200))
    if trust.kind == "policy":
        digest = plain(short(trust.sha256 or ""))
        return say("Trust policy {digest}…, {source}.", digest=digest, source=source)
    if trust.kind == "none" or trust.keyid is None:
        return say("No key was given, so nobody was trusted.")
    algorithm = f" ({plain(trust.algorithm, 40)})" if trust.algorithm else ""
    key = f"{plain(short(trust.keyid))}…{algorithm}"
    return say("Key {key}, {source}.", key=key, source=source)


def tool_text(verdict: Verdict) -> str:
    """Return the program that verified, with its version."""
    return f"{plain(verdict.tool.name, 40)} {plain(verdict.tool.version, 40)}"


def _said(say: Language, badge: Badge) -> Badge:
    return Badge(say(badge.word), badge.symbol, badge.tone)
