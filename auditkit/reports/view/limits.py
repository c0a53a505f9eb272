"""What is caught and what is not, each with this report's own answer."""

from __future__ import annotations

from auditkit.evidence import Evidence, RunEvidence
from auditkit.reports.blocks import Column, Table
from auditkit.reports.tally import judged, totals
from auditkit.reports.text import count, of, plain, short
from auditkit.reports.wording import TRUST_SOURCE

_INPUTS = {
    "before-run": "Inputs were read before the run started; a swap before that would not show.",
    "during-run": "Inputs were read while the run was going on; an earlier swap would not show.",
    "after-run": (
        "Inputs were read after the run; a change between training and capture would not show."
    ),
}


def limits_table(evidence: Evidence, run: RunEvidence) -> Table:
    """Return what an attacker or a mishap can do, what comes of it, and what holds here."""
    return Table(
        caption="What is caught, and what is not",
        columns=(
            Column("If this happens", 26),
            Column("Then", 37),
            Column("In this report", 37),
        ),
        rows=(
            (
                "Stored bytes rot or are edited",
                (
                    "Caught, and located to the file, wherever the bytes are re-read in full; "
                    "in tables with a content digest to column and rows."
                ),
                _reread(run),
            ),
            (
                "Data is swapped and the manifest signed again with another key",
                "Caught where the verifier brings the right key from elsewhere.",
                _keys(evidence),
            ),
            (
                "Somebody without keys can write where data and evidence are stored",
                (
                    "Edits are caught and lost data is reported. A whole run that disappears is "
                    "noticed only with a log."
                ),
                _logged(run),
            ),
            (
                "The signing key is stolen",
                (
                    "Not caught. The thief can sign lies, and date them at will unless a "
                    "timestamp or a log entry fixes the time."
                ),
                _timed(run),
            ),
            (
                "Data is swapped before it is recorded",
                "Not detectable from the evidence. Reading inputs before the run narrows the gap.",
                _before(run),
            ),
            (
                "A run is never recorded",
                "Not detectable.",
                f"This report is about {count(len(evidence.runs), 'run')} and no other.",
            ),
            (
                "Something declared is untrue",
                "Not caught. A signature shows who said it, not that it is so.",
                "Declared statements are marked as such.",
            ),
        ),
    )


def _reread(run: RunEvidence) -> str:
    if run.statement is None:
        return "Nothing was re-read: the manifest was not authenticated."
    whole = totals(verdict for _, verdict in judged(run))
    text = f"{of(whole.datasets_in_full, whole.datasets)} data sets were re-read in full."
    if whole.datasets_in_full == whole.datasets:
        return text
    return f"{text} About bytes that were not re-read nothing is known."


def _keys(evidence: Evidence) -> str:
    trust = evidence.verdict.trust
    if trust.kind == "policy":
        return f"Only signers of the trust policy count, {TRUST_SOURCE[trust.source]}."
    if trust.kind == "none" or trust.keyid is None:
        return "Not caught: no key was given."
    return f"Only key {plain(short(trust.keyid))}… was accepted, {TRUST_SOURCE[trust.source]}."


def _logged(run: RunEvidence) -> str:
    if _passed(run, "log"):
        return "The manifest is in a log; see the findings of step 5."
    return "No log was checked, so this report cannot show that a run is absent."


def _timed(run: RunEvidence) -> str:
    if _passed(run, "log") or _passed(run, "timestamp"):
        return "A log entry or a timestamp was checked; see the findings."
    return "No timestamp and no log entry was checked: no statement about when it was signed."


def _before(run: RunEvidence) -> str:
    if run.statement is None:
        return "Not known: the manifest was not authenticated."
    return _INPUTS[run.statement.predicate.capture.inputs_read]


def _passed(run: RunEvidence, check: str) -> bool:
    return any(
        each.status == "passed" and each.check.split(".")[0] == check
        for each in run.verdict.findings
    )
