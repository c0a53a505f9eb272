"""What there is to say about a check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """One check as `auditkit explain` and the documentation tell it.

    `passed`, `failed`, `indeterminate` and `skipped` say what each outcome means; empty where
    the outcome does not occur.
    """

    id: str
    step: int
    title: str
    what: str
    passed: str
    failed: str
    indeterminate: str = ""
    skipped: str = ""
    action: str = ""
