"""Identifiers and closed word lists that other people rely on: one constant, one place."""

from __future__ import annotations

from typing import Final

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
"""in-toto Statement v1, `_type`."""

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
"""DSSE payloadType of every bundle auditkit writes or accepts."""

BUNDLE_MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"

PREDICATE_FAMILY: Final = "urn:auditkit:training-run:v"
PREDICATE_MAJOR: Final = 1
PREDICATE_VERSION: Final = "1.0"
PREDICATE_TYPE: Final = f"{PREDICATE_FAMILY}{PREDICATE_MAJOR}"

APPROVAL_FAMILY: Final = "urn:auditkit:approval:v"
APPROVAL_VERSION: Final = "1.0"

VERIFICATION_FAMILY: Final = "urn:auditkit:verification:v"
VERIFICATION_VERSION: Final = "1.0"

ERASURE_FAMILY: Final = "urn:auditkit:erasure:v"
ERASURE_VERSION: Final = "1.0"

STATEMENT_FAMILIES: Final = {
    "training-run": PREDICATE_FAMILY,
    "approval": APPROVAL_FAMILY,
    "verification": VERIFICATION_FAMILY,
    "erasure": ERASURE_FAMILY,
}
"""The in-toto statements that a trust policy speaks of, and how their predicate types begin."""

SIGNABLE: Final = (*STATEMENT_FAMILIES, "report")
"""All that a trust policy can let somebody sign; a report is a PDF, not a statement."""

MANIFEST_SCHEMA: Final = "urn:auditkit:schema:manifest:v1"
APPROVAL_SCHEMA: Final = "urn:auditkit:schema:approval:v1"
VERIFICATION_SCHEMA: Final = "urn:auditkit:schema:verification:v1"
ERASURE_SCHEMA: Final = "urn:auditkit:schema:erasure:v1"
SCHEMAS_SCHEMA: Final = "urn:auditkit:schema:schemas:v1"
TRUST_SCHEMA: Final = "urn:auditkit:schema:trust:v1"
CONTROLS_SCHEMA: Final = "urn:auditkit:schema:controls:v1"
VERDICT_SCHEMA: Final = "urn:auditkit:schema:verdict:v1"
REPORT_SCHEMA: Final = "urn:auditkit:schema:report:v1"
RETENTION_SCHEMA: Final = "urn:auditkit:schema:retention:v1"
RUNS_SCHEMA: Final = "urn:auditkit:schema:runs:v1"
LINEAGE_SCHEMA: Final = "urn:auditkit:schema:lineage:v1"
PACK_FORMAT: Final = "urn:auditkit:pack:v1"
PACK_MARK: Final = "AUDITKIT-PACK"
"""The first file of every pack, by which one is known; it holds the name of the format."""

HASHES_SCHEMA: Final = "urn:auditkit:schema:hashes:v1"
ERROR_SCHEMA: Final = "urn:auditkit:schema:error:v1"

PARQUET_MEDIA_TYPE: Final = "application/vnd.apache.parquet"
PATCH_MEDIA_TYPE: Final = "text/x-diff"
JSON_MEDIA_TYPE: Final = "application/json"
TIMESTAMP_MEDIA_TYPE: Final = "application/timestamp-reply"
"""A TimeStampResp in DER (RFC 3161, section 3.4)."""

MAX_BUNDLE_BYTES: Final = 16 * 1024 * 1024
MAX_TOKEN_BYTES: Final = 64 * 1024
"""The largest time-stamp token that is looked at; real ones have 2 to 8 KiB."""
MAX_JSON_DEPTH: Final = 64
MAX_SUBJECTS: Final = 1024
"""More than this many subjects are refused by other verifiers of Sigstore bundles."""
MAX_SIDECAR_BYTES: Final = 1024 * 1024 * 1024

BUNDLE_SUFFIX: Final = ".sigstore.json"
RECEIPT_SUFFIX: Final = ".tlog-proof"
"""How the name of an offline proof ends (C2SP tlog-proof)."""

MANIFEST_BUNDLE: Final = "manifest" + BUNDLE_SUFFIX
"""The bundle's name inside an evidence folder."""

MANIFEST_RECEIPT: Final = "manifest" + RECEIPT_SUFFIX
"""The receipt's name inside an evidence folder."""

UNSIGNED_MANIFEST: Final = "manifest.statement.json"
"""The payload's name inside an evidence folder that was captured with --no-sign."""

EVIDENCE_DIR: Final = "evidence"
CONFIG_FILE: Final = "auditkit.toml"

DATASET_FORMATS: Final = ("files", "table", "delta", "dvc")
S3_SCHEME: Final = "s3://"
"""How locations in buckets begin."""

VERSIONED_FORMATS: Final = ("delta", "dvc")
"""Formats whose references may end in `@VERSION`; in others an `@` belongs to the path."""
DELTA_LOG: Final = "_delta_log"
"""The folder that makes a folder a Delta table."""
TABLE_KINDS: Final = ("parquet", "arrow", "csv", "jsonl")
OUTPUT_ROLE: Final = "output"
NAME_PATTERN: Final = r"[A-Za-z_][A-Za-z0-9_.-]*"
"""Names of data sets, outputs and sidecars: safe as one path segment."""
