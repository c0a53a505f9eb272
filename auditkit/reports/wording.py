"""The report's fixed words: one word per status, with a symbol and a sentence that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditkit.findings import Condition, Overall, Status, Trust, Verdict
from auditkit.manifest.model import Basis
from auditkit.reports.blocks import Badge, Tone
from auditkit.reports.text import plain, short

TITLE: Final = "Training-run evidence report"

STATUS: Final[Mapping[Status, Badge]] = {
    "passed": Badge("Passed", "✓", "passed"),
    "failed": Badge("Failed", "✗", "failed"),
    "indeterminate": Badge("Indeterminate", "?", "indeterminate"),
    "skipped": Badge("Skipped", "—", "skipped"),
}

OVERALL: Final[Mapping[Overall, str]] = {
    "passed": (
        "Everything that was checked matches the signed record. What was not checked is listed "
        "in the summary."
    ),
    "failed": "At least one check failed. The exceptions come first in the summary.",
    "indeterminate": (
        "No check failed, but not enough could be checked to say that the evidence is right."
    ),
}

READ_FROM_FILE: Final = (
    "Not verified by this run. The verdict was read from a file; auditkit did not check the "
    "evidence again when it made this report."
)

NOT_AUTHENTICATED: Final = (
    "The manifest was not authenticated: steps 1 to 4 did not all pass. Nothing that it says is "
    "shown in this report as a fact, and no data set that it names was opened."
)

CONDITION: Final[Mapping[Condition, tuple[Tone, str, str]]] = {
    "intact": ("passed", "✓", "The stored bytes are those that were recorded."),
    "relaid": ("passed", "✓", "The files differ; the rows were recomputed in full and are equal."),
    "altered": ("failed", "✗", "The stored bytes differ from those that were recorded."),
    "missing": ("failed", "✗", "Recorded files are no longer there."),
    "expired": ("indeterminate", "?", "Retention removed the data, as the store itself shows."),
    "erased": ("skipped", "—", "The data was deleted under a signed erasure statement."),
    "unreadable": ("indeterminate", "?", "The data could not be read, so nothing is known."),
    "unchecked": ("indeterminate", "?", "The bytes were not re-read, so nothing is known."),
}

STEP: Final[Mapping[int, tuple[str, str]]] = {
    1: ("Envelope", "Is this a well-formed bundle with one signature?"),
    2: ("Signature", "Does the signature hold over exactly these bytes?"),
    3: ("Signer", "Is the key one that the verifier trusts?"),
    4: ("Manifest", "Is the signed content a valid manifest?"),
    5: ("Log", "Is the manifest in a transparency log?"),
    6: ("Sidecars", "Do the files beside the bundle match their signed digests?"),
    7: ("Lineage", "Are the earlier runs there, signed, and do they match?"),
    8: ("Code", "Are commit and tree in the repository that was given?"),
    9: ("Data sets", "Do the stored inputs, re-read, match the signed record?"),
    10: ("Outputs", "Do the stored outputs, re-read, match the signed record?"),
}

BASIS: Final[Mapping[Basis, Badge]] = {
    "observed": Badge("observed", "●", "observed"),
    "declared": Badge("declared", "○", "declared"),
    "derived": Badge("derived", "◐", "derived"),
}

MODE: Final[Mapping[str, str]] = {
    "full": "full: every byte was re-read",
    "metadata": "metadata: sizes, footers and schema; the bytes were not re-read",
    "inspect": "inspection: nothing was checked",
    "none": "none: not re-read",
}

TRUST_SOURCE: Final[Mapping[str, str]] = {
    "flag": "named on the command line",
    "environment": "named in the environment",
    "project": "named in the project's auditkit.toml",
    "user": "named in the user's configuration",
    "api": "handed over by the calling program",
    "none": "not given",
}


def status_badge(status: Status) -> Badge:
    """Return the word and symbol of a status."""
    return STATUS[status]


def condition_badge(condition: Condition) -> Badge:
    """Return the word and symbol of a data set's condition."""
    tone, symbol, _ = CONDITION[condition]
    return Badge(condition.capitalize(), symbol, tone)


def step_name(step: int) -> str:
    """Return a step's number and name; a number from a newer tool stands alone."""
    return f"{step} {STEP[step][0]}" if step in STEP else str(step)


def trust_text(trust: Trust) -> str:
    """Return in one sentence what was trusted and who said so."""
    file = f", file {plain(trust.file, 200)}" if trust.file else ""
    source = TRUST_SOURCE[trust.source]
    if trust.kind == "policy":
        return f"Trust policy {plain(short(trust.sha256 or ''))}…, {source}{file}."
    if trust.kind == "none" or trust.keyid is None:
        return "No key was given, so nobody was trusted."
    algorithm = f" ({plain(trust.algorithm, 40)})" if trust.algorithm else ""
    return f"Key {plain(short(trust.keyid))}…{algorithm}, {source}{file}."


def tool_text(verdict: Verdict) -> str:
    """Return the program that verified, with its version."""
    return f"{plain(verdict.tool.name, 40)} {plain(verdict.tool.version, 40)}"
