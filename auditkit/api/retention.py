"""Until when recorded versions can be read: step 11, apart from every verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from auditkit.api.targets import Target
from auditkit.api.verify import check_names, no_trust, recorded_names, shown_source
from auditkit.datasets.base import Reference
from auditkit.datasets.requests import PlanRequest, Recorded
from auditkit.evidence import Evidence, RetentionRow, RunEvidence, RunRetention
from auditkit.findings import Finding, Tool
from auditkit.manifest.model import Dataset, Statement
from auditkit.provenance.identity import utc_now
from auditkit.retention.assess import horizons
from auditkit.retention.horizon import Horizon, outcome, worst, years_after
from auditkit.retention.result import (
    RetentionResult,
    UncheckedTarget,
    in_order,
    status_of,
)
from auditkit.stores.evidence import EvidenceFolder
from auditkit.stores.listing import Listings
from auditkit.verification.engine import verify_folder
from auditkit.verification.erasures import Erasures, Excuse, check_erasures
from auditkit.verification.options import VerifyOptions
from auditkit.verification.sidecar_check import check_sidecars
from auditkit.version import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionOptions:
    """What is asked: by whose trust and where data sets are, and how long records must be kept."""

    verify: VerifyOptions
    years: int


def check_retention(targets: Sequence[Target], options: RetentionOptions) -> RetentionResult:
    """Return until when every recorded version can be read, the first to be lost first.

    Only authenticated manifests are believed; of others nothing that they name is looked at.

    Raises:
        UsageError: `only` or `data` names no data set of any authenticated target.
    """
    assessor = _Assessor(options)
    listings = Listings()
    for target in targets:
        assessor.add(target, EvidenceFolder.open(target.path, listings))
    check_names(assessor.names, options.verify)
    trust = options.verify.trust
    return RetentionResult(
        status=status_of(assessor.rows, assessor.unchecked),
        tool=Tool(name="auditkit", version=__version__),
        checked_at=utc_now(),
        years=options.years,
        trust=trust.describe() if trust else no_trust(),
        rows=in_order(assessor.rows),
        unchecked=tuple(assessor.unchecked),
    )


def with_retention(
    evidence: Evidence, targets: Sequence[Target], options: RetentionOptions
) -> Evidence:
    """Return the evidence of these targets with what `check_retention` says of each run."""
    result = check_retention(targets, options)
    runs = tuple(
        msgspec.structs.replace(run, retention=_of_run(run, result)) for run in evidence.runs
    )
    return msgspec.structs.replace(evidence, runs=runs)


def _of_run(run: RunEvidence, result: RetentionResult) -> RunRetention | None:
    if run.statement is None:
        return None
    manifest = f"sha256:{run.manifest_digest}"
    rows = tuple(row for row in result.rows if row.manifest == manifest)
    return RunRetention(checked_at=result.checked_at, years=result.years, rows=rows)


class _Assessor:
    """Collects the rows of one target after another."""

    def __init__(self, options: RetentionOptions) -> None:
        self.rows: list[RetentionRow] = []
        self.unchecked: list[UncheckedTarget] = []
        self.names: list[tuple[str, ...] | None] = []
        self._options = options

    def add(self, target: Target, folder: EvidenceFolder) -> None:
        source = shown_source(target)
        run = verify_folder(folder, source, self._options.verify, data=False)
        self.names.append(recorded_names(run))
        if run.statement is None:
            self.unchecked.append(_unchecked(run, source))
        else:
            self.rows += self._rows(run, run.statement, folder)

    def _rows(
        self, run: RunEvidence, statement: Statement, folder: EvidenceFolder
    ) -> Iterator[RetentionRow]:
        erasures = self._erasures(run, statement, folder)
        sidecars = check_sidecars(folder, statement, erasures.sidecars())
        only = self._options.verify.only
        for dataset in statement.predicate.datasets:
            if not only or dataset.name in only:
                recorded = Recorded(
                    dataset,
                    sidecars.datasets[dataset.name].inventory,
                    moved=dataset.name in self._options.verify.data,
                )
                excuse = erasures.excuses.get(dataset.name)
                yield self._row(run, statement, recorded, excuse)

    def _erasures(self, run: RunEvidence, statement: Statement, folder: EvidenceFolder) -> Erasures:
        options = self._options.verify
        if options.trust is None or run.manifest_digest is None:
            return Erasures()
        return check_erasures(
            folder, statement, run.manifest_digest, options.trust.rules, options.now
        )

    def _row(
        self,
        run: RunEvidence,
        statement: Statement,
        recorded: Recorded,
        excuse: Excuse | None,
    ) -> RetentionRow:
        dataset, options = recorded.dataset, self._options.verify
        made = datetime.fromisoformat(statement.predicate.capture.created_at)
        keep_until = years_after(made, self._options.years)
        moved = options.data.get(dataset.name)
        reference = moved or Reference(dataset.location)
        base = Path.cwd() if moved else options.data_root
        request = PlanRequest(
            Reference(reference.location, dataset.format),
            base=base,
            excluded=dataset.inventory.excluded,
            collect=True,
            recorded=recorded,
            now=options.now,
            s3=options.s3,
        )
        found = horizons(request, recorded, keep_until)
        decisive = worst(found, keep_until)
        what = outcome(decisive, keep_until)
        if excuse is not None and what == "lost":
            what, decisive = "erased", Horizon("lost", "erasure", excuse.words, "Nothing.")
        return RetentionRow(
            run=statement.predicate.run.id,
            project=statement.predicate.run.project,
            manifest=f"sha256:{run.manifest_digest}",
            dataset=dataset.name,
            role=dataset.role,
            format=dataset.format,
            location=dataset.location,
            version=_version(dataset),
            outcome=what,
            readable_until=_text(decisive.moment),
            keep_until=_text(keep_until) or "",
            setting=decisive.setting,
            detail=decisive.detail,
            action=decisive.action,
        )


def _unchecked(run: RunEvidence, source: str) -> UncheckedTarget:
    """Return why nothing that a manifest names was looked at."""
    decisive: Finding | None = next(
        (each for each in run.verdict.findings if each.status == run.verdict.status), None
    )
    detail = decisive.detail if decisive else "the manifest was not authenticated"
    return UncheckedTarget(source=source, status=run.verdict.status, detail=detail)


def _version(dataset: Dataset) -> str | None:
    if dataset.delta is not None:
        return str(dataset.delta.version)
    if dataset.dvc is None:
        return None
    revision = dataset.dvc.revision
    return revision.requested if revision else dataset.dvc.md5


def _text(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
