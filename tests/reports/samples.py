"""Realistic evidence: a run that passed, one that failed, one undecided, and a hostile one."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from samples import RUN_ID, code_sample, environment_sample, run_sample, statement_sample

from auditkit.digests import dir_hash, sha256_hex
from auditkit.evidence import (
    Attachment,
    Evidence,
    InventoryEntry,
    InventoryExcerpt,
    RunEvidence,
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
from auditkit.schemes import BUNDLE_MEDIA_TYPE, JSON_MEDIA_TYPE, MANIFEST_BUNDLE

OTHER_RUN_ID = "0192f7b1-9c40-7e55-8d21-2b7c90a1f3e6"
GENERATED_AT = "2026-09-14T08:12:30Z"
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

COLUMNS = (
    ("flight_date", "date32[day]", False),
    ("carrier", "dictionary<int8, string>", False),
    ("flight_number", "int32", False),
    ("tail_number", "string", True),
    ("origin_airport", "string", False),
    ("destination_airport", "string", False),
    ("scheduled_departure", "timestamp[ms, tz=America/New_York]", False),
    ("departure_delay_minutes", "float", True),
    ("air_time_minutes", "float", True),
    ("distance_miles", "int32", False),
    ("wind_speed_at_origin_knots", "double", True),
    ("visibility_at_origin_miles", "double", True),
)
DATASETS = (
    ("flights_training_partitioned_by_month", "train", 9, 235_743, 14_871_204),
    ("flights_validation_partitioned_by_month", "validation", 1, 50_516, 3_226_417),
    ("flights_test", "test", 2, 50_517, 3_227_004),
    ("weather_hourly_observations_at_new_york_airports", "input", 3, 26_115, 1_902_551),
    ("delay_model", "output", 1, None, 8_403_511),
)


def entries(name: str, files: int, rows: int | None, size: int) -> tuple[InventoryEntry, ...]:
    """Return plausible inventory entries whose sizes and rows add up."""
    return tuple(
        InventoryEntry(
            path=f"month={part + 1:02}/part-{part:05}.parquet" if rows else f"{name}.joblib",
            size=size // files + (size % files if part == 0 else 0),
            sha256=sha256_hex(f"{name}/{part}".encode()),
            rows=None if rows is None else rows // files + (rows % files if part == 0 else 0),
        )
        for part in range(files)
    )


def dataset(name: str, role: str, files: int, rows: int | None, size: int) -> model.Dataset:
    """Return the record of one data set of the flights project."""
    listed = entries(name, files, rows, size)
    list_bytes = inventory_bytes(name)
    root: dict[Any, str] = (
        {"dirHash": dir_hash((each.path, each.sha256) for each in listed)}
        if rows
        else {"sha256": listed[0].sha256}
    )
    return model.Dataset(
        basis="observed",
        name=name,
        role=role,
        format="table" if rows else "files",
        location=f"data/curated/{name}" if rows else f"models/{name}.joblib",
        inventory=model.Inventory(
            kind="folder" if rows else "file",
            root=root,
            files=files,
            bytes=size,
            list=model.SidecarRef(
                name=f"{name}.inventory.parquet",
                media_type="application/vnd.apache.parquet",
                sha256=sha256_hex(list_bytes),
                size=len(list_bytes),
            ),
        ),
        exceptions={"/schemaVersion": "declared"} if rows else {},
        read_at="2026-03-02T09:29:58Z",
        rows=rows,
        schema=schema() if rows else None,
        schema_version="3.1.0" if rows else None,
        table=table(files) if rows else None,
        declared=model.Declared(
            source="U.S. Bureau of Transportation Statistics, on-time performance 2013",
            licence="CC0-1.0",
            purpose="training of the departure delay model",
            personal_data=False,
            contact="data-office@example.com",
        )
        if role == "train"
        else None,
    )


def table(files: int) -> model.Table:
    return model.Table(
        kind="parquet",
        parts=files,
        compression=("ZSTD",),
        row_groups=files,
        written_by=("parquet-cpp-arrow version 20.0.0",),
        partitioning=(model.Field(name="month", type="int32"),),
    )


def schema() -> model.Schema:
    return model.Schema(
        fingerprint=sha256_hex(b"schema"),
        fields=tuple(
            model.Field(name=name, type=type_, nullable=nullable)
            for name, type_, nullable in COLUMNS
        ),
    )


def inventory_bytes(name: str) -> bytes:
    return f"PAR1 stands for the inventory of {name} PAR1".encode()


def statement(**overrides: Any) -> model.Statement:
    """Return the manifest of the flights run."""
    run = msgspec.structs.replace(
        run_sample(),
        status="completed",
        exit_code=0,
        signal=None,
        error=None,
        started_at="2026-03-02T09:30:00Z",
        finished_at="2026-03-02T10:14:41.125Z",
        name="departure-delay-gradient-boosting",
        command=("python", "-m", "flights.train", "--config", "configs/q1 2026.toml"),
    )
    code = msgspec.structs.replace(code_sample(), dirty=False, patch=None, untracked=None)
    listed = package_list()
    environment = msgspec.structs.replace(
        environment_sample(),
        packages=model.Packages(
            count=len(PACKAGES),
            list=model.SidecarRef(
                name="packages.json",
                media_type=JSON_MEDIA_TYPE,
                sha256=sha256_hex(listed),
                size=len(listed),
            ),
        ),
    )
    fields: dict[str, Any] = {
        "run": run,
        "code": code,
        "environment": environment,
        "datasets": tuple(dataset(*each) for each in DATASETS),
        "splits": (
            model.Split(
                basis="declared",
                name="by-month",
                rule="months 1-9 train, month 10 validation, months 11-12 test",
                members=(
                    model.SplitMember(name="train", dataset=DATASETS[0][0], fraction=0.7),
                    model.SplitMember(name="validation", dataset=DATASETS[1][0], fraction=0.15),
                    model.SplitMember(name="test", dataset=DATASETS[2][0], fraction=0.15),
                ),
                seed=20260302,
                key="flight_date",
            ),
        ),
        "parameters": PARAMETERS,
        "metrics": {
            "validation": {"rmse_minutes": 31.482, "mae_minutes": 17.906, "r2": 0.2149},
            "test": {"rmse_minutes": 32.017, "mae_minutes": 18.233, "r2": 0.2036},
            "rows_seen": 235_743,
            "worst_residual": {"$number": "Infinity"},
        },
    }
    return statement_sample(**fields | overrides)


PARAMETERS: dict[str, Any] = {
    "model": {"kind": "HistGradientBoostingRegressor", "learning_rate": 0.06, "max_iter": 400},
    "features": ["carrier", "origin_airport", "distance_miles", "wind_speed_at_origin_knots"],
    "early_stopping": True,
    "class_weights": None,
    "seed": 20260302,
}
PACKAGES = tuple(
    (name, version)
    for name, version in (
        ("auditkit-manifest", "0.1.0"),
        ("certifi", "2026.1.4"),
        ("fsspec", "2026.2.0"),
        ("joblib", "1.5.2"),
        ("msgspec", "0.20.0"),
        ("narwhals", "2.9.0"),
        ("numpy", "2.3.4"),
        ("packaging", "25.0"),
        ("pandas", "2.3.3"),
        ("pyarrow", "22.0.0"),
        ("python-dateutil", "2.9.0.post0"),
        ("pytz", "2025.2"),
        ("scikit-learn", "1.7.2"),
        ("scipy", "1.16.3"),
        ("six", "1.17.0"),
        ("threadpoolctl", "3.6.0"),
        ("tzdata", "2025.2"),
    )
)


def package_list() -> bytes:
    return msgspec.json.encode([{"name": name, "version": v} for name, v in PACKAGES])


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
        inventories=tuple(
            InventoryExcerpt(dataset=spec[0], entries=entries(spec[0], *spec[2:]), total=spec[2])
            for spec in DATASETS
        ),
        packages=PACKAGES,
        attachments=attachments(record, bundle),
    )


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


HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7}}{% include '/etc/passwd' %}",
    "javascript:alert(document.domain)",
    '"><img src=x onerror=alert(1)>',
    "<link rel=attachment href=file:///etc/passwd>",
    "</style><style>@import 'http://127.0.0.1:9/x.css'</style>",
    "\u202egnp.exe\u2066 \u200b\ufeff\x00\x1b[31m\x9b bidi",
    "x" * 10_000,
    "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
    "漢字 😀 \U000f0000 \ud7ff",
    "url(file:///etc/passwd) expression(1)",
    "line one\nline two\r\n\ttabbed",
)


def hostile(text: str) -> Evidence:
    """Return a run with one data set in which every free-text field says `text`."""
    record = statement(datasets=(dataset(*DATASETS[0]),))
    wicked = msgspec.convert(_poison(msgspec.to_builtins(record), text), model.Statement)
    bad = finding(
        9,
        text,
        text,
        "failed",
        text,
        expected=text,
        found=text,
        location=Location(file=text, column=text),
    )
    run = run_evidence(wicked)
    target = msgspec.structs.replace(
        run.verdict,
        source=text,
        status="failed",
        findings=(*run.verdict.findings, bad),
        datasets=tuple(
            msgspec.structs.replace(each, location=text, note=text) for each in verdicts(wicked)
        ),
    )
    run = msgspec.structs.replace(
        run,
        verdict=target,
        packages=((text, text),),
        inventories=tuple(
            msgspec.structs.replace(
                each,
                entries=tuple(msgspec.structs.replace(entry, path=text) for entry in each.entries),
            )
            for each in run.inventories
        ),
        attachments=tuple(
            msgspec.structs.replace(each, name=text, description=text) for each in run.attachments
        ),
    )
    trust = msgspec.structs.replace(TRUST, file=text, algorithm=text, note=text)
    whole = evidence(run, trust=trust)
    tool = Tool(name=text, version=text)
    return msgspec.structs.replace(whole, verdict=msgspec.structs.replace(whole.verdict, tool=tool))


def _poison(value: Any, text: str, where: str = "") -> Any:
    """Return `value` with each string that the schema leaves free replaced by `text`."""
    if isinstance(value, dict):
        return {key: _poison(item, text, f"{where}/{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_poison(item, text, where) for item in value]
    if not isinstance(value, str):
        return value
    return text if _is_free(where) else value


def _is_free(where: str) -> bool:
    if "/exceptions" in where:
        return False
    return where.endswith(_FREE_ENDS) or any(part in where for part in _FREE_WITHIN)


_FREE_ENDS = (
    "/location",
    "/schemaVersion",
    "/rule",
    "/key",
    "/declared/source",
    "/licence",
    "/purpose",
    "/contact",
    "/notes",
    "/owner",
    "/run/name",
    "/command",
    "/fields/name",
    "/ci/job",
    "/ci/runId",
    "/ci/url",
    "/ci/actor",
    "/ci/workflow",
    "/ci/ref",
    "/branch",
    "/tags",
    "/remote",
    "/writtenBy",
    "/compression",
    "/python/version",
    "/python/implementation",
    "/os/system",
    "/os/release",
    "/os/machine",
    "/os/distribution",
    "/os/libc",
    "/cpu/model",
    "/gpus/name",
    "/gpus/driver",
    "/lockFiles/path",
    "/container/image",
    "/container/digest",
    "/container/runtime",
    "/capture/warnings",
    "/tool/name",
    "/tool/version",
)
_FREE_WITHIN = ("/parameters", "/metrics", "/variables", "/options", "/partitioning/name")
