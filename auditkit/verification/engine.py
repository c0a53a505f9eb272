"""The order of the steps. Every step runs that can, and all mismatches are listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditkit.digests import sha256_hex
from auditkit.evidence import RunEvidence
from auditkit.findings import DatasetVerdict, Finding, TargetVerdict, overall
from auditkit.lineage import run_record
from auditkit.manifest.model import Statement
from auditkit.stores.evidence import EvidenceFolder
from auditkit.trust.rules import Rules
from auditkit.verification.ancestry import Ancestry
from auditkit.verification.approvals import check_approvals
from auditkit.verification.authenticate import Authentication, authenticate
from auditkit.verification.code_check import check_code
from auditkit.verification.dataset_check import check_dataset
from auditkit.verification.enclosures import (
    attachments,
    excerpts,
    packages,
    receipt_files,
    signed_bundles,
)
from auditkit.verification.erasures import check_erasures
from auditkit.verification.lineage_check import Lineage, check_lineage
from auditkit.verification.log_check import check_log
from auditkit.verification.manifest_check import check_manifest
from auditkit.verification.options import VerifyOptions
from auditkit.verification.requirements import check_clock, check_layout, check_steps
from auditkit.verification.sidecar_check import check_sidecars

_AFTER_AUTHENTICATION = (
    (3, "approval"),
    (4, "manifest"),
    (5, "log.inclusion"),
    (6, "sidecar"),
    (7, "lineage"),
    (8, "code"),
    (9, "dataset.files"),
    (10, "dataset.files"),
)


def verify_folder(
    folder: EvidenceFolder,
    source: str,
    options: VerifyOptions,
    *,
    ancestry: Ancestry | None = None,
    data: bool = True,
) -> RunEvidence:
    """Check one manifest and everything it speaks of; return the verdict with its evidence.

    Until steps 1-3 have passed, no location that the manifest names is opened. Step 7 looks for
    earlier runs in `ancestry`. With `data=False` steps 8-10 are left out and the status is never
    passed: for showing what another verdict, made earlier, is about.
    """
    authentication = authenticate(folder, options.trust, options.now)
    findings = list(authentication.findings)
    trust = options.trust
    if options.mode == "inspect" or trust is None or not authentication.authenticated:
        return _unauthenticated(source, authentication, findings, options)
    payload = authentication.payload or b""
    statement, manifest_findings = check_manifest(payload, authentication.keyids)
    findings += manifest_findings
    if statement is None:
        rest = (check for check in _AFTER_AUTHENTICATION if check[1] != "manifest")
        findings += _skipped(rest, "the manifest is not valid")
        return _bare(source, authentication, findings)
    found = _Authentic(folder, authentication, statement, trust.rules)
    lineage = (
        check_lineage(run_record(payload, sha256_hex(payload)), ancestry) if ancestry else None
    )
    return _authenticated(found, source, findings, options, lineage, data=data)


@dataclass(frozen=True, slots=True)
class _Authentic:
    """A manifest that may be believed, its files, and the rules it was believed by."""

    folder: EvidenceFolder
    authentication: Authentication
    statement: Statement
    rules: Rules


def _authenticated(
    found: _Authentic,
    source: str,
    findings: list[Finding],
    options: VerifyOptions,
    lineage: Lineage | None,
    *,
    data: bool,
) -> RunEvidence:
    predicate, rules = found.statement.predicate, found.rules
    signers = found.authentication.signers
    approvals = check_approvals(found.folder, found.authentication, rules, options.now)
    findings += approvals.findings
    known = (time for signer in signers for time in signer.times.values())
    findings += check_clock(predicate, known)
    digest = sha256_hex(found.authentication.payload or b"")
    erasures = check_erasures(found.folder, found.statement, digest, rules, options.now)
    findings += erasures.findings
    sidecars = check_sidecars(found.folder, found.statement, erasures.sidecars())
    logged = check_log(options.log, found.folder, found.authentication, rules)
    findings += logged.findings
    findings += sidecars.findings
    findings += lineage.findings if lineage else _skipped([(7, "lineage")], "no parents were given")
    verdicts: list[DatasetVerdict] = []
    if data:
        findings.append(check_code(predicate.code, options.repo))
        for dataset in predicate.datasets:
            excuse = erasures.excuses.get(dataset.name)
            result = check_dataset(dataset, sidecars.datasets[dataset.name], options, excuse)
            verdict, more = check_layout(result.verdict, rules)
            verdicts.append(verdict)
            findings += [*result.findings, *more]
        findings += check_steps(findings, rules)
    if all(verdict.status == "skipped" for verdict in verdicts):
        findings.append(_nothing_reread())
    ordered = sorted(findings, key=lambda finding: finding.step)
    return RunEvidence(
        verdict=TargetVerdict(
            source=source,
            status=overall(finding.status for finding in ordered),
            findings=tuple(ordered),
            run=predicate.run.id,
            project=predicate.run.project,
            name=predicate.run.name,
            manifest=f"sha256:{digest}",
            datasets=tuple(verdicts),
            signers=tuple(signer.principal.name for signer in signers),
            approvals=approvals.verdicts,
            checkpoint=logged.checkpoint,
            timestamps=(*found.authentication.timestamps, *approvals.timestamps),
        ),
        statement=found.statement,
        manifest_digest=digest,
        keyid=found.authentication.keyid,
        signatures=signed_bundles(found.authentication),
        inventories=excerpts(sidecars),
        packages=packages(found.statement, sidecars),
        attachments=(
            *attachments(found.authentication, approvals, erasures, found.statement, sidecars),
            *receipt_files(found.folder),
        ),
        lineage=lineage.graph if lineage else None,
    )


def _unauthenticated(
    source: str,
    authentication: Authentication,
    findings: list[Finding],
    options: VerifyOptions,
) -> RunEvidence:
    why = "inspection checks nothing" if options.mode == "inspect" else "manifest not authenticated"
    if options.mode == "inspect":
        findings = [
            Finding(
                step=3,
                check="signer",
                subject="manifest",
                status="indeterminate",
                detail="shown for inspection; nothing was checked",
            )
        ]
    findings += _skipped(_AFTER_AUTHENTICATION, why)
    return _bare(source, authentication, findings)


def _bare(source: str, authentication: Authentication, findings: list[Finding]) -> RunEvidence:
    payload = authentication.payload
    digest = sha256_hex(payload) if payload is not None else None
    return RunEvidence(
        verdict=TargetVerdict(
            source=source,
            status=overall(finding.status for finding in findings),
            findings=tuple(sorted(findings, key=lambda finding: finding.step)),
            manifest=f"sha256:{digest}" if digest else None,
            timestamps=authentication.timestamps,
        ),
        manifest_digest=digest,
    )


def _skipped(checks: Iterable[tuple[int, str]], why: str) -> list[Finding]:
    return [
        Finding(step=step, check=check, subject="manifest", status="skipped", detail=why)
        for step, check in checks
    ]


def _nothing_reread() -> Finding:
    return Finding(
        step=9,
        check="dataset.files",
        subject="manifest",
        status="indeterminate",
        detail="no data set or output was re-read",
    )
