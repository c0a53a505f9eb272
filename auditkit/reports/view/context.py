"""What every section is made from: the evidence, one run of it, the options and the language."""

from __future__ import annotations

from dataclasses import dataclass

from auditkit.evidence import Evidence, RunEvidence
from auditkit.manifest.model import Statement
from auditkit.reports.language import Language
from auditkit.reports.options import ReportOptions


@dataclass(frozen=True, slots=True)
class Context:
    """One run as the sections about it see it; `index` counts from 1.

    `prefix` keeps anchors of several runs apart; it is empty in a report about one.
    """

    say: Language
    evidence: Evidence
    options: ReportOptions
    run: RunEvidence
    index: int

    @property
    def several(self) -> bool:
        """Whether the report may be about other runs, too."""
        return len(self.evidence.runs) != 1 or self.options.period is not None

    @property
    def prefix(self) -> str:
        """What the anchors of this run start with."""
        return f"run-{self.index}-" if self.several else ""

    @property
    def statement(self) -> Statement | None:
        """The authenticated manifest."""
        return self.run.statement
