"""Realistic evidence: a run that passed, one that failed, one undecided, and a hostile one."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dataset_samples import RUN_ID
from reports.flights import DATASETS, PACKAGES, entries, inventory_bytes, package_list, statement

from auditkit.controls.assess import Framework
from auditkit.controls.load import builtin_packs
from auditkit.digests import sha256_hex
from auditkit.evidence import (
    Attachment,
    Evidence,
    InventoryExcerpt,
    RetentionOutcome,
    RetentionRow,
    RunEvidence,
    RunRetention,
    SignedBundle,
)
from auditkit.findings import (
    Coverage,
    DatasetVerdict,
    Finding,
    Location,
    TargetVerdict,
    Tool,
    Trust,
    Verdict,
    overall,
)
from auditkit.manifest import model
from auditkit.manifest.bundle import Bundle
from auditkit.reports.options import Engagement, ReportOptions
from auditkit.schemes import BUNDLE_MEDIA_TYPE, JSON_MEDIA_TYPE, MANIFEST_BUNDLE

OTHER_RUN_ID = "0192f7b1-9c40-7e55-8d21-2b7c90a1f3e6"
GENERATED_AT = "2026-09-14T08:12:30Z"
OPTIONS = ReportOptions(generated_at=GENERATED_AT)
FRAMEWORKS = tuple(Framework(each) for each in builtin_packs().values())
FULL = ReportOptions(
    generated_at=GENERATED_AT,
    engagement=Engagement(
        addressee="Model risk committee",
        purpose="annual review of the departure delay model",
        restrictions="for the addressee only",
        responsible="Operations research",
        assertion="To the best of our knowledge the recorded run made the model in use.",
    ),
    frameworks=FRAMEWORKS,
)
"""Everything that a report can be made with."""
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"report samples").digest())
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
KEYID = sha256_hex(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
TRUST = Trust(
    kind="key",
    source="flag",
    file="keys/model-risk.pub",
    sha256=sha256_hex(PUBLIC_PEM),
    keyid=KEYID,
    algorithm="ed25519",
)
NO_TRUST = Trust(kind="none", source="none", note="no key was given")


def signed(record: model.Statement) -> Bundle:
    """Return `record` signed for real, so that outside programs can check the samples."""
    unsigned = Bundle(payload=msgspec.json.encode(record), signature=b"", keyid=KEYID)
    return msgspec.structs.replace(unsigned, signature=KEY.sign(unsigned.signed_bytes))


def finding(step: int, check: str, subject: str, status: Any, detail: str, **more: Any) -> Finding:
    return Finding(step=step, check=check, subject=subject, status=status, detail=detail, **more)


def findings(record: model.Statement) -> tuple[Finding, ...]:
    """Return the findings of a run in which everything that was looked at is intact."""
    checks = [
        finding(1, "envelope", MANIFEST_BUNDLE, "passed", "one bundle with one signature"),
        finding(2, "signature", KEYID, "passed", "the signature holds over the payload"),
        finding(3, "signer", KEYID, "passed", "the key is the one that was given"),
        finding(3, "timestamp", "-", "skipped", "the bundle holds no timestamp"),
        finding(4, "manifest", "manifest", "passed", "valid, version 1.0"),
        finding(5, "log", "-", "skipped", "no registry was given"),
    ]
    for each in record.predicate.datasets:
        name = each.inventory.list.name
        checks.append(finding(6, "sidecar", name, "passed", "the digest is the signed one"))
    checks += [
        finding(7, "lineage", "parents", "skipped", "no parent manifest was given"),
        finding(8, "code", "commit", "skipped", "no repository was given with --repo"),
    ]
    for each in record.predicate.datasets:
        step, family = (10, "output") if each.role == "output" else (9, "dataset")
        kinds = ("files", "bytes", "schema", "rows") if each.rows else ("files", "bytes")
        checks += [
            finding(step, f"{family}.{kind}", each.name, "passed", f"the {kind} are as recorded")
            for kind in kinds
        ]
    return tuple(checks)


def verdicts(record: model.Statement, **changes: Any) -> tuple[DatasetVerdict, ...]:
    return tuple(
        msgspec.structs.replace(
            DatasetVerdict(
                name=each.name,
                role=each.role,
                condition="intact",
                status="passed",
                coverage=Coverage(
                    mode="full",
                    files=each.inventory.files,
                    files_total=each.inventory.files,
                    bytes=each.inventory.bytes,
                    bytes_total=each.inventory.bytes,
                    rows=each.rows,
                    rows_total=each.rows,
                ),
                location=each.location,
            ),
            **changes,
        )
        for each in record.predicate.datasets
    )


def attachments(record: model.Statement, bundle: Bundle) -> tuple[Attachment, ...]:
    return (
        Attachment(
            name=MANIFEST_BUNDLE,
            media_type=BUNDLE_MEDIA_TYPE,
            description="Signed manifest (Sigstore bundle)",
            content=bundle.encode(),
        ),
        *(
            Attachment(
                name=each.inventory.list.name,
                media_type=each.inventory.list.media_type,
                description=f"Complete file list of {each.name}",
                content=inventory_bytes(each.name),
            )
            for each in record.predicate.datasets
        ),
        Attachment(
            name="packages.json",
            media_type=JSON_MEDIA_TYPE,
            description="Installed packages with versions and origins",
            content=package_list(),
        ),
    )


def run_evidence(record: model.Statement | None = None, **overrides: Any) -> RunEvidence:
    """Return one authenticated run that passed; `overrides` replace fields of its verdict."""
    record = record or statement()
    bundle = signed(record)
    target = msgspec.structs.replace(
        TargetVerdict(
            source=f"evidence/{record.predicate.run.id}",
            status="passed",
            findings=findings(record),
            run=record.predicate.run.id,
            project=record.predicate.run.project,
            manifest=f"sha256:{bundle.manifest_digest}",
            datasets=verdicts(record),
        ),
        **overrides,
    )
    return RunEvidence(
        verdict=target,
        statement=record,
        manifest_digest=bundle.manifest_digest,
        keyid=KEYID,
        signatures=(SignedBundle(bundle=MANIFEST_BUNDLE, keyid=KEYID, algorithm="ed25519"),),
        inventories=tuple(
            InventoryExcerpt(dataset=spec[0], entries=entries(spec[0], *spec[2:]), total=spec[2])
            for spec in DATASETS
        ),
        packages=PACKAGES,
        attachments=attachments(record, bundle),
        retention=retention(record),
    )


_RETENTION: tuple[tuple[RetentionOutcome, str | None, str, str, str], ...] = (
    (
        "too-early",
        "2026-10-01T09:31:07Z",
        "delta.deletedFileRetentionDuration",
        "VACUUM may then remove 2 of its 4 files",
        "Copy this version to a bucket with Object Lock, and record the copy.",
    ),
    (
        "unknown",
        None,
        "local files",
        "nothing keeps them, and nothing is known to remove them",
        "Keep a copy where nobody can delete it too early.",
    ),
    (
        "kept",
        "2037-01-01T00:00:00Z",
        "Object Lock",
        "every object is locked until then",
        "Nothing.",
    ),
    ("lost", None, "missing files", "1 of 3 files is gone", "Look for a copy."),
)
"""Outcome, until when readable, what decides that, detail and what to do."""


def retention(record: model.Statement) -> RunRetention:
    """Return one row for each outcome, in turns over the data sets."""
    run = record.predicate.run
    rows = []
    for number, dataset in enumerate(record.predicate.datasets):
        outcome, until, setting, detail, action = _RETENTION[number % len(_RETENTION)]
        row = RetentionRow(
            run=run.id,
            project=run.project,
            manifest="",
            dataset=dataset.name,
            role=dataset.role,
            format=dataset.format,
            location=dataset.location,
            version=None if number else "7",
            outcome=outcome,
            readable_until=until,
            keep_until="2036-03-02T09:31:07Z",
            setting=setting,
            detail=detail,
            action=action,
        )
        rows.append(row)
    return RunRetention(checked_at="2026-09-14T08:12:28.118Z", years=10, rows=tuple(rows))


def evidence(*runs: RunEvidence, trust: Trust = TRUST, verified_now: bool = True) -> Evidence:
    verdict = Verdict(
        status=overall(run.verdict.status for run in runs),
        tool=Tool(name="auditkit", version="0.1.0"),
        verified_at="2026-09-14T08:12:27Z",
        mode="full",
        trust=trust,
        targets=tuple(run.verdict for run in runs),
    )
    return Evidence(verdict=verdict, runs=runs, verified_now=verified_now)


def passed() -> Evidence:
    return evidence(run_evidence())


def failed() -> Evidence:
    """Return a run with one altered data set and one with missing and extra files."""
    record = statement(run=msgspec.structs.replace(statement().predicate.run, id=OTHER_RUN_ID))
    altered, missing = record.predicate.datasets[0], record.predicate.datasets[2]
    bad = (
        finding(
            9,
            "dataset.bytes",
            altered.name,
            "failed",
            "the file's bytes differ from those recorded",
            expected=sha256_hex(b"recorded"),
            found=sha256_hex(b"stored"),
            location=Location(
                file="month=03/part-00002.parquet",
                row_group=2,
                column="departure_delay_minutes",
                rows=(131_072, 196_607),
            ),
        ),
        finding(
            9,
            "dataset.files",
            missing.name,
            "failed",
            "a recorded file is missing",
            location=Location(file="month=12/part-00001.parquet"),
        ),
        finding(
            9,
            "dataset.files",
            missing.name,
            "failed",
            "a file is there that was not recorded",
            location=Location(file="month=12/part-00001 (copy).parquet"),
        ),
    )
    judged = list(verdicts(record))
    judged[0] = msgspec.structs.replace(judged[0], condition="altered", status="failed")
    lost = msgspec.structs.replace(judged[2].coverage, files=1, bytes=1_613_502, rows=25_258)
    judged[2] = msgspec.structs.replace(
        judged[2], condition="missing", status="failed", coverage=lost
    )
    kept = tuple(
        each
        for each in findings(record)
        if (each.subject, each.check)
        not in {(altered.name, "dataset.bytes"), (missing.name, "dataset.files")}
    )
    return evidence(
        run_evidence(record, status="failed", findings=(*kept, *bad), datasets=tuple(judged))
    )


def indeterminate() -> Evidence:
    """Return a run of which only sizes, footers and schemas were read, from an older verdict."""
    record = statement()
    judged = tuple(
        msgspec.structs.replace(
            each,
            condition="unchecked",
            status="indeterminate",
            coverage=msgspec.structs.replace(each.coverage, mode="metadata"),
        )
        for each in verdicts(record)
    )
    checks = tuple(
        msgspec.structs.replace(each, status="indeterminate", detail="the bytes were not re-read")
        if each.check.endswith(".bytes")
        else each
        for each in findings(record)
    )
    run = run_evidence(record, status="indeterminate", findings=checks, datasets=judged)
    whole = evidence(run, verified_now=False)
    return msgspec.structs.replace(
        whole, verdict=msgspec.structs.replace(whole.verdict, mode="metadata")
    )


def unauthenticated() -> Evidence:
    """Return a run whose signature does not hold, with no key to try it with."""
    record = statement()
    bundle = signed(record)
    skipped = "manifest not authenticated"
    target = TargetVerdict(
        source="inbox/from-vendor/manifest.sigstore.json",
        status="failed",
        findings=(
            finding(1, "envelope", MANIFEST_BUNDLE, "passed", "one bundle with one signature"),
            finding(2, "signature", KEYID, "failed", "the signature does not verify"),
            finding(3, "signer", KEYID, "skipped", skipped),
            *(finding(step, f"step-{step}", "-", "skipped", skipped) for step in range(4, 11)),
        ),
        run=RUN_ID,
        project="flights",
    )
    run = RunEvidence(
        verdict=target,
        manifest_digest=bundle.manifest_digest,
        attachments=attachments(record, bundle)[:1],
    )
    return evidence(run)


def several() -> Evidence:
    return evidence(passed().runs[0], failed().runs[0], unauthenticated().runs[0])
