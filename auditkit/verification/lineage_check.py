"""Step 7: the earlier runs that this one builds on are there, and somebody trusted signed them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.evidence import LineageGraph
from auditkit.findings import Finding, Status
from auditkit.lineage import CitedData, DataUse, ParentLink, RunRecord, walk
from auditkit.lineage.joins import join
from auditkit.verification.ancestry import Ancestry

MOST_ANCESTORS: Final = 10_000
"""Runs and data that are followed back from one run."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """The findings of step 7, and the trusted runs and data that lead to the run."""

    findings: tuple[Finding, ...]
    graph: LineageGraph


def check_lineage(run: RunRecord, ancestry: Ancestry) -> Lineage:
    """Return whether all that an authenticated run comes from may be believed.

    Strangers' manifests count for nothing: not as a parent, nor as what wrote an input.
    """
    graph = walk(ancestry, [run], direction="upstream", limit=MOST_ANCESTORS, follow_later=False)
    runs = [run, *(found for each in graph.runs if (found := ancestry.run(each.manifest)))]
    earlier = [each for each in runs if each.manifest != run.manifest]
    findings = [
        *(_parent(each, run, ancestry) for each in run.parents),
        *_further(earlier, ancestry),
        *_citations([run, *earlier], ancestry),
        *(_input(each, run, ancestry) for each in run.inputs),
    ]
    chain = _chain(len(earlier), graph, findings)
    return Lineage((*findings, *_circles([run, *earlier], ancestry), chain), graph)


def _parent(parent: ParentLink, run: RunRecord, ancestry: Ancestry) -> Finding:
    objection = _objection(parent, ancestry)
    if objection is not None:
        return _finding(
            *objection,
            check="lineage.parent",
            subject=parent.run,
            expected=f"sha256:{parent.manifest}",
        )
    record = ancestry.run(parent.manifest)
    shared = [
        f"{output.name} is {use.name} here"
        for use in run.inputs
        for output in (record.outputs if record else ())
        if set(output.keys) & set(use.keys)
    ]
    what = f"its output {', '.join(shared)}" if shared else "declared only: no output is read here"
    signers = ", ".join(ancestry.standing(parent.manifest).signers)
    detail = f"signed by {signers}; {what}"
    return _finding("passed", detail, check="lineage.parent", subject=parent.run)


def _objection(
    parent: ParentLink, ancestry: Ancestry, what: str = "parent"
) -> tuple[Status, str] | None:
    claimed = ancestry.claims.run(parent.manifest)
    if claimed is None:
        return "failed", f"the {what} is not among the evidence that was given"
    if claimed.run != parent.run:
        return "failed", f"this manifest is that of another run, {claimed.run}"
    standing = ancestry.standing(parent.manifest)
    if standing.status == "passed":
        return None
    return standing.status, f"the {what} cannot be believed: {standing.detail}"


def _input(use: DataUse, run: RunRecord, ancestry: Ancestry) -> Finding:
    how = join(ancestry, use, run.order, limit=MOST_ANCESTORS)
    key = use.content if how == "rows" and use.content else use.key
    if how is None:
        detail = _unknown(use, run, ancestry)
        return _finding("skipped", detail, check="lineage.input", subject=use.name)
    writers = ancestry.writers(key, before=run.order, limit=MOST_ANCESTORS)
    latest = writers[0]
    output = next(each for each in latest.outputs if key in each.keys)
    signers = ", ".join(ancestry.standing(latest.manifest).signers)
    what = "has the rows of" if how == "rows" else "is"
    detail = f"{what} output {output.name} of run {latest.run}, signed by {signers}"
    if len(writers) > 1:
        detail += f"; {len(writers) - 1} more runs wrote the same, and content does not tell them"
    return _finding("passed", detail, check="lineage.input", subject=use.name)


def _unknown(use: DataUse, run: RunRecord, ancestry: Ancestry) -> str:
    claimed = ancestry.claims.writers(use.key, limit=MOST_ANCESTORS)
    strangers = [each for each in claimed if ancestry.standing(each.manifest).status != "passed"]
    later = [each for each in claimed if each not in strangers and each.order > run.order]
    detail = "no run at hand wrote it before"
    if later:
        detail += f"; run {later[-1].run} wrote it, and was recorded later"
    if strangers:
        detail += f"; run {strangers[0].run} says so, and nobody trusted signed that"
    return detail


def _further(earlier: Sequence[RunRecord], ancestry: Ancestry) -> Iterator[Finding]:
    """Yield a finding for every parent that an earlier run of the chain names in vain."""
    for run in earlier:
        for parent in run.parents:
            objection = _objection(parent, ancestry)
            if objection is not None:
                yield _finding(
                    objection[0],
                    f"named as a parent by run {run.run}: {objection[1]}",
                    check="lineage.parent",
                    subject=parent.run,
                    expected=f"sha256:{parent.manifest}",
                )


def _citations(runs: Sequence[RunRecord], ancestry: Ancestry) -> Iterator[Finding]:
    """Yield a finding for every record that a run of the chain took over from another run."""
    for run in runs:
        for use in run.inputs:
            if use.cites is not None:
                status, detail = _citation(use, use.cites, ancestry)
                yield _finding(
                    status,
                    detail,
                    check="lineage.citation",
                    subject=use.name if run is runs[0] else f"{run.run}/{use.name}",
                    expected=f"sha256:{use.cites.manifest}",
                )


def _citation(use: DataUse, cites: CitedData, ancestry: Ancestry) -> tuple[Status, str]:
    objection = _objection(ParentLink(cites.run, cites.manifest), ancestry, "cited run")
    if objection is not None:
        return objection
    record = ancestry.run(cites.manifest)
    uses = (*record.inputs, *record.outputs) if record else ()
    cited = [each for each in uses if each.name == cites.name]
    signers = ", ".join(ancestry.standing(cites.manifest).signers)
    where = f"data set {cites.name} of run {cites.run}, signed by {signers}"
    if len(cited) != 1 or _said(cited[0]) != _said(use):
        return "failed", f"is not what is recorded of {where}"
    return "passed", f"is what is recorded of {where}"


def _said(use: DataUse) -> tuple[object, ...]:
    return use.key, use.content, use.files, use.bytes, use.rows, use.location


def _circles(runs: Sequence[RunRecord], ancestry: Ancestry) -> Iterator[Finding]:
    """Yield a finding for every run that read what a run after it wrote.

    It fails nothing: by the runs' clocks, which order all links, the data was there before.
    """
    members = {run.manifest for run in runs}
    for run in runs:
        for use in run.inputs:
            if join(ancestry, use, run.order, limit=MOST_ANCESTORS) is None:
                writers = ancestry.writers(use.key, after=run.order, limit=MOST_ANCESTORS)
                writer = next((each for each in writers if each.manifest in members), None)
                if writer is not None:
                    detail = (
                        f"a circle, not counted: its input {use.name} is also an output of run "
                        f"{writer.run}, which comes after it"
                    )
                    yield _finding("skipped", detail, check="lineage", subject=run.run)


def _chain(earlier: int, graph: LineageGraph, findings: Sequence[Finding]) -> Finding:
    gaps = [each.status for each in findings if each.status in {"failed", "indeterminate"}]
    if gaps:
        detail = "the chain has gaps: see lineage.parent and lineage.citation"
        return _finding("failed" if "failed" in gaps else "indeterminate", detail)
    cut = [each for each in graph.issues if each.kind == "truncated"]
    if cut:
        return _finding("indeterminate", cut[0].detail)
    if not earlier:
        detail = "the run begins the chain: it names no parent, and no run at hand wrote its inputs"
        return _finding("passed", detail)
    count = "1 earlier run leads" if earlier == 1 else f"{earlier} earlier runs lead"
    return _finding("passed", f"{count} here, each signed by somebody trusted")


def _finding(
    status: Status,
    detail: str,
    *,
    check: str = "lineage",
    subject: str = "chain",
    expected: str | None = None,
) -> Finding:
    return Finding(
        step=7, check=check, subject=subject, status=status, detail=detail, expected=expected
    )
