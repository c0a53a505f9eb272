"""The text that travels with evidence: what it is, and the commands that check it."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditkit import resources
from auditkit.errors import RenderError
from auditkit.evidence import Evidence, RunEvidence
from auditkit.reports.blocks import Command
from auditkit.reports.language import SOURCE, language
from auditkit.reports.text import plain
from auditkit.reports.view.verify import evidence_commands
from auditkit.version import __version__

_TEMPLATE = "pack/README.txt"
_WIDTH = 98


@dataclass(frozen=True, slots=True)
class _Run:
    label: str
    folder: str
    outcome: str
    commands: tuple[Command, ...]


def render_readme(
    evidence: Evidence,
    folders: Sequence[str],
    *,
    file: str,
    parents: bool,
    policy: bool,
    log: bool,
    left_out: Sequence[str],
) -> bytes:
    """Return the README of a pack called `file`, as plain text; equal input gives equal bytes.

    `folders` are those of the runs; `log` says that there is a checkpoint of one. `left_out` are
    sidecars that are not handed on.

    Raises:
        RenderError: the template is wrong.
    """
    values = {
        "runs": [_run(run, folder) for run, folder in zip(evidence.runs, folders, strict=True)],
        "generator": f"auditkit {__version__}",
        "file": shlex.quote(plain(file)),
        "parents": parents,
        "policy": policy,
        "log": log,
        "left_out": [plain(each) for each in left_out],
    }
    return _render(values)


def _run(run: RunEvidence, folder: str) -> _Run:
    status = run.verdict.status
    who = ", ".join(run.verdict.signers)
    outcome = f"Outcome when this was packed: {status}."
    if run.statement is not None:
        project = run.statement.predicate.run.project
        outcome += f" Project {plain(project)}, signed by {plain(who)}."
    commands = evidence_commands(language(SOURCE), run)
    return _Run(folder, folder, outcome, commands)


def _render(values: dict[str, Any]) -> bytes:
    import jinja2  # noqa: PLC0415  slow to import, and only packs and reports need it

    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - plain text, in which nothing is interpreted
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["fold"] = _fold
    source = resources.template(_TEMPLATE).read_text(encoding="utf-8")
    try:
        return environment.from_string(source).render(values).encode()
    except jinja2.TemplateError as error:
        raise RenderError(f"the template of the README failed ({error})", path=_TEMPLATE) from error


def _fold(text: str) -> str:
    return "\n".join(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))
