"""How checks of a data set make their findings."""

from __future__ import annotations

from dataclasses import dataclass

from auditkit.findings import Finding, Location, Status
from auditkit.manifest.model import Dataset
from auditkit.schemes import OUTPUT_ROLE


class Report:
    """Makes findings about one data set or output."""

    def __init__(self, dataset: Dataset) -> None:
        self._step = 10 if dataset.role == OUTPUT_ROLE else 9
        self._subject = dataset.name

    def __call__(
        self,
        check: str,
        status: Status,
        detail: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        file: str | None = None,
        location: Location | None = None,
    ) -> Finding:
        """Return the finding of `dataset.CHECK`, in `file` if nothing more is known."""
        if location is None and file is not None:
            location = Location(file=file)
        return Finding(
            step=self._step,
            check=f"dataset.{check}",
            subject=self._subject,
            status=status,
            detail=detail,
            expected=expected,
            found=found,
            location=location,
        )


@dataclass(frozen=True, slots=True)
class Reported:
    """The findings as they are to be read; `note` says how files differ where only that does."""

    findings: tuple[Finding, ...]
    note: str | None = None
