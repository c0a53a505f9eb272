"""The order of the steps. Every step runs that can, and all mismatches are listed."""

from __future__ import annotations

from collections.abc import Iterable

from auditkit.digests import sha256_hex
from auditkit.evidence import Attachment, InventoryExcerpt, RunEvidence
from auditkit.findings import DatasetVerdict, Finding, TargetVerdict, overall
from auditkit.manifest.model import Statement
from auditkit.manifest.packages import read_packages
from auditkit.schemes import JSON_MEDIA_TYPE
from auditkit.stores.evidence import EvidenceFolder
from auditkit.verification.authenticate import Authentication, authenticate
from auditkit.verification.code_check import check_code
from auditkit.verification.dataset_check import check_dataset
from auditkit.verification.manifest_check import all_sidecars, check_manifest
from auditkit.verification.options import VerifyOptions
from auditkit.verification.sidecar_check import Sidecars, check_sidecars

_EXCERPT = 200

_AFTER_AUTHENTICATION = (
    (4, "manifest"),
    (5, "log.inclusion"),
    (6, "sidecar"),
    (7, "lineage"),
    (8, "code"),
    (9, "dataset.files"),
    (10, "dataset.files"),
)


def verify_folder(
    folder: EvidenceFolder, source: str, options: VerifyOptions, *, data: bool = True
) -> RunEvidence:
    """Check one manifest and everything it speaks of; return the verdict with its evidence.

    Until steps 1-3 have passed, no location that the manifest names is opened. With `data=False`
    steps 8-10 are left out and the status is never passed: for showing what another verdict,
    made earlier, is about.
    """
    authentication = authenticate(folder, options.trust, options.now)
    findings = list(authentication.findings)
    if options.mode == "inspect" or not authentication.authenticated:
        return _unauthenticated(source, authentication, findings, options)
    payload = authentication.payload or b""
    statement, manifest_findings = check_manifest(payload, authentication.keyids)
    findings += manifest_findings
    if statement is None:
        findings += _skipped(_AFTER_AUTHENTICATION[1:], "the manifest is not valid")
        return _bare(source, authentication, findings)
    return _authenticated(
        folder, source, authentication, statement, findings, options if data else None
    )


def _authenticated(
    folder: EvidenceFolder,
    source: str,
    authentication: Authentication,
    statement: Statement,
    findings: list[Finding],
    options: VerifyOptions | None,
) -> RunEvidence:
    predicate = statement.predicate
    sidecars = check_sidecars(folder, statement)
    findings += _skipped([(5, "log.inclusion")], "no registry was given")
    findings += sidecars.findings
    findings += _skipped([(7, "lineage")], "no registry or parents were given")
    verdicts: list[DatasetVerdict] = []
    if options is not None:
        findings.append(check_code(predicate.code, options.repo))
        for dataset in predicate.datasets:
            result = check_dataset(dataset, sidecars.inventories.get(dataset.name), options)
            verdicts.append(result.verdict)
            findings += result.findings
    if not verdicts:
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
            manifest=f"sha256:{sha256_hex(authentication.payload or b'')}",
            datasets=tuple(verdicts),
        ),
        statement=statement,
        manifest_digest=sha256_hex(authentication.payload or b""),
        keyid=authentication.keyid,
        inventories=_excerpts(sidecars),
        packages=_packages(statement, sidecars),
        attachments=_attachments(authentication, statement, sidecars),
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
            findings=tuple(findings),
            manifest=f"sha256:{digest}" if digest else None,
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


def _excerpts(sidecars: Sidecars) -> tuple[InventoryExcerpt, ...]:
    return tuple(
        InventoryExcerpt(dataset=name, entries=entries[:_EXCERPT], total=len(entries))
        for name, entries in sidecars.inventories.items()
    )


def _packages(statement: Statement, sidecars: Sidecars) -> tuple[tuple[str, str], ...]:
    packages = statement.predicate.environment.packages
    content = sidecars.contents.get(packages.list.name) if packages else None
    return read_packages(content) if content is not None else ()


def _attachments(
    authentication: Authentication, statement: Statement, sidecars: Sidecars
) -> tuple[Attachment, ...]:
    bundles = [
        Attachment(
            name=each.name,
            media_type=JSON_MEDIA_TYPE,
            description="Signed manifest (Sigstore bundle)",
            content=each.data,
        )
        for each in authentication.bundles
    ]
    files = [
        Attachment(
            name=reference.name,
            media_type=reference.media_type,
            description="Sidecar bound by the manifest",
            content=sidecars.contents[reference.name],
        )
        for reference in all_sidecars(statement)
        if reference.name in sidecars.contents
    ]
    return (*bundles, *files)
