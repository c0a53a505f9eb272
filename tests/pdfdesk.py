"""An outsider who looks at a report in PDF, and what is asked of the verdict on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from commands import Printed, Shell
from pdfsigners import Office

CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")


@dataclass(frozen=True)
class Desk:
    """An outsider's folder with data, policy and a report to look at."""

    shell: Shell
    office: Office

    @property
    def file(self) -> Path:
        return self.shell.cwd / "report.pdf"

    def verify(self, *more: str | Path) -> Printed:
        trust = more or ("--trust", self.office.folder / "trust.toml")
        return self.shell("verify", "report.pdf", *trust, "--json")


def use(desk: Desk, made: tuple[Path, Office], name: str) -> None:
    shutil.copy(made[0] / name, desk.file)


def outcomes(printed: Printed) -> dict[str, str]:
    """Return the status of each check of the report itself; of several the worst."""
    order = ("skipped", "passed", "indeterminate", "failed")
    found: dict[str, str] = {}
    for each in printed.document["targets"][0]["findings"]:
        before = found.get(each["check"], "skipped")
        found[each["check"]] = max(before, each["status"], key=order.index)
    return found


def details(printed: Printed, check: str) -> str:
    findings = printed.document["targets"][0]["findings"]
    return "; ".join(f"{e['subject']}: {e['detail']}" for e in findings if e["check"] == check)


GOOD = {
    "report.file": "passed",
    "report.signature": "passed",
    "report.additions": "passed",
    "report.signer": "passed",
    "report.attachments": "passed",
    "report.pages": "passed",
}


def rewritten(desk: Desk, change: Callable[[pikepdf.Pdf], None]) -> None:
    """Write the report anew with a change, as an editor does; its signature cannot hold."""
    with pikepdf.open(desk.file, allow_overwriting_input=True) as document:
        change(document)
        document.save(desk.file)
