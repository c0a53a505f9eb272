"""A project in DVC in which auditkit captures and verifies, and what came of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands import Shell


@dataclass(frozen=True)
class Trial:
    """A project in which auditkit captures and verifies, each with its own command."""

    shell: Shell
    root: Path

    def capture(self, *arguments: str) -> Captured:
        """Record, and return the data set's record and the warnings."""
        shutil.rmtree(self.root / "evidence", ignore_errors=True)
        done = self.shell("capture", *arguments, "--json")
        assert done.code == 0, done.err
        (folder,) = (self.root / "evidence").iterdir()
        shown = self.shell("show", str(folder), "--json").document["predicate"]
        return Captured(shown, done.document["warnings"])

    def verify(self, *arguments: str) -> Verified:
        """Verify everything, and return the exit code with the first data set's verdict."""
        done = self.shell("verify", *arguments, "--key", "auditkit.pub", "--json")
        assert done.code in {0, 10, 11}, done.err
        (target,) = done.document["targets"]
        return Verified(done.code, target["datasets"][0], target["findings"])


@dataclass(frozen=True)
class Captured:
    """What was recorded."""

    predicate: dict[str, Any]
    warnings: list[str]

    @property
    def dataset(self) -> dict[str, Any]:
        """The one data set."""
        (dataset,) = self.predicate["datasets"]
        return dataset

    @property
    def dvc(self) -> dict[str, Any]:
        """What DVC says of it."""
        return self.dataset["dvc"]


@dataclass(frozen=True)
class Verified:
    """What came of the first data set."""

    code: int
    dataset: dict[str, Any]
    findings: list[dict[str, Any]]

    @property
    def condition(self) -> str:
        return self.dataset["condition"]

    @property
    def note(self) -> str:
        return self.dataset.get("note", "")

    def failed(self) -> dict[str, str]:
        """Return the detail of what failed, by file."""
        return {
            each["location"]["file"]: each["detail"]
            for each in self.findings
            if each["status"] == "failed" and "location" in each
        }
