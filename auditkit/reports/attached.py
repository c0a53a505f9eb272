"""The files that travel with a report, under names that are safe to save."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from auditkit.controls.pack import Pack
from auditkit.evidence import Attachment, Evidence, RunEvidence
from auditkit.findings import encode_verdict
from auditkit.reports.options import ReportOptions
from auditkit.schemes import JSON_MEDIA_TYPE

VERDICT_NAME: Final = "verdict.json"
PACK_PREFIX: Final = "controls."
TEMPLATE_PREFIX: Final = "templates."


def all_attachments(evidence: Evidence, options: ReportOptions) -> tuple[Attachment, ...]:
    """Return every run's files, the verdict, the policy, the packs, and a team's templates.

    Each name is used once and has no separators. In a report about several runs, the names of a
    run's files start with `attachment_prefix`.
    """
    return tuple(_unique(_all(evidence, options)))


def attachment_prefix(evidence: Evidence, run: RunEvidence) -> str:
    """Return what the names of a run's files start with: nothing if it is the only run.

    Otherwise the run's id, or its place in the verdict if it was not authenticated.
    """
    if len(evidence.runs) == 1:
        return ""
    if run.statement is not None:
        return f"{run.statement.predicate.run.id}."
    return f"target-{1 + next(i for i, each in enumerate(evidence.runs) if each is run)}."


def _all(evidence: Evidence, options: ReportOptions) -> Iterator[tuple[str, Attachment]]:
    for run in evidence.runs:
        prefix = attachment_prefix(evidence, run)
        for each in run.attachments:
            yield prefix + each.name, each
    yield (
        VERDICT_NAME,
        Attachment(
            name=VERDICT_NAME,
            media_type=JSON_MEDIA_TYPE,
            description="All findings of this verification, as data",
            content=encode_verdict(evidence.verdict),
        ),
    )
    if evidence.policy is not None:
        yield evidence.policy.name, evidence.policy
    for framework in options.frameworks:
        pack = _pack(framework.pack)
        yield pack.name, pack
    for name, content in (options.templates.files if options.templates else {}).items():
        file = _template(name, content)
        yield file.name, file


def _pack(pack: Pack) -> Attachment:
    return Attachment(
        name=f"{PACK_PREFIX}{pack.id}.json",
        media_type=JSON_MEDIA_TYPE,
        description=f"Controls of {pack.title}, {pack.edition}"[:500],
        content=msgspec.json.format(msgspec.json.encode(pack), indent=1) + b"\n",
    )


def _template(name: str, content: bytes) -> Attachment:
    return Attachment(
        name=f"{TEMPLATE_PREFIX}{name}",
        media_type="application/octet-stream",
        description="Of the team's templates",
        content=content,
    )


def _unique(attachments: Iterable[tuple[str, Attachment]]) -> Iterator[Attachment]:
    used: set[str] = set()
    for wanted, each in attachments:
        safe = re.sub(r"[^A-Za-z0-9_.-]", "_", wanted)[-150:].lstrip(".-") or "file"
        name, again = safe, 1
        while name in used:
            again += 1
            name = f"{again}-{safe}"
        used.add(name)
        yield Attachment(
            name=name,
            media_type=each.media_type,
            description=each.description,
            content=each.content,
        )
