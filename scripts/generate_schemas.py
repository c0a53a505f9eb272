"""Write `schemas/*.json` and `docs/formats/manifest-fields.md` from the typed model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import control_descriptions
import lineage_descriptions
import msgspec
import policy_descriptions
import report_descriptions
import retention_descriptions
import statement_descriptions
from field_tables import field_tables

from auditkit.api.schema_versions import SchemaHistories
from auditkit.controls.pack import Pack
from auditkit.evidence import LineageGraph
from auditkit.findings import Verdict
from auditkit.index.search import RunList
from auditkit.manifest import descriptions
from auditkit.manifest.approval import ApprovalStatement
from auditkit.manifest.erasure import ErasureStatement
from auditkit.manifest.jsonschema import RULES, manifest_schema, record_schema
from auditkit.manifest.verification import VerificationStatement
from auditkit.reports.data import Report
from auditkit.reports.handed import Hashes
from auditkit.retention.result import RetentionResult
from auditkit.schemes import (
    APPROVAL_SCHEMA,
    CONTROLS_SCHEMA,
    ERASURE_SCHEMA,
    ERROR_SCHEMA,
    HASHES_SCHEMA,
    LINEAGE_SCHEMA,
    REPORT_SCHEMA,
    RETENTION_SCHEMA,
    RUNS_SCHEMA,
    SCHEMAS_SCHEMA,
    TRUST_SCHEMA,
    VERDICT_SCHEMA,
    VERIFICATION_SCHEMA,
)
from auditkit.trust.policy import PolicyFile

ROOT = Path(__file__).resolve().parent.parent

_VERDICT = {
    "Verdict": {
        "status": "The worst of the targets.",
        "tool": "The program that verified.",
        "verified_at": "When, RFC 3339 in UTC.",
        "mode": "What was re-read: all bytes, metadata only, or nothing.",
        "trust": "What was trusted, and on whose word.",
        "targets": "One verdict per manifest.",
        "only": "Data sets the verification was restricted to; empty for all.",
        "against": "Which version was read of data sets that have versions.",
        "schema": "Names this format and its major version.",
    },
    "Tool": {"name": "The program's name.", "version": "The program's version."},
    "Trust": {
        "kind": "What kind of trust was given.",
        "source": "Where it came from; never from the evidence.",
        "file": "The file it was read from.",
        "sha256": "SHA-256 of that file, lowercase hex.",
        "keyid": "The trusted key: SHA-256 of its public key in DER, lowercase hex.",
        "algorithm": "The key's algorithm.",
        "note": "What else a reader should know.",
        "files": "Keys and certificates that a trust policy names by path.",
        "signers": "Whom a trust policy lets sign.",
        "requires": "What a trust policy demands of every manifest.",
        "authorities": "Time-stamping authorities that a trust policy names.",
    },
    "TrustedSigner": {
        "name": "The principal's name.",
        "kind": "A machine or a person.",
        "statements": "Kinds of statement it may sign.",
        "role": "A person's role.",
        "projects": "Patterns of projects it may sign for; all if absent.",
    },
    "TrustRequirements": {
        "signatures": "Number of different signers.",
        "timestamp": "Whether each signature that counts needs a time-stamp token.",
        "approvals": "Number of persons who must approve, by role.",
        "steps": "Steps that fail when they are skipped.",
        "strict_layout": "Whether data sets must be in the recorded files.",
    },
    "TrustFile": {
        "path": "The path as the policy has it.",
        "sha256": "SHA-256 of the file, lowercase hex.",
    },
    "TargetVerdict": {
        "source": "The evidence that was looked at.",
        "status": "Failed if any finding failed, else indeterminate if any is, else passed.",
        "findings": "Every check's outcome, in the order of the steps.",
        "run": "The run's id, if the manifest was authenticated.",
        "project": "The run's project, if the manifest was authenticated.",
        "name": "The run's name, if it has one and the manifest was authenticated.",
        "manifest": "Manifest digest: SHA-256 of the payload, lowercase hex.",
        "datasets": "What became of each data set and output.",
        "signers": "Who signed the manifest, as the verifier's trust names them.",
        "approvals": "Persons who approved it.",
        "checkpoint": "The log that step 5 rests on, as it was: a witness for the next time.",
        "timestamps": "Time-stamp tokens over its signatures and those of approvals.",
    },
    "ApprovalVerdict": {
        "name": "Who approved, as the trust policy names the key's holder.",
        "role": "In which role, as the trust policy has it.",
        "meaning": "What the signature means, in the approver's words.",
        "approved_at": "When, by the approver's own clock.",
        "bundle": "The file that holds the approval.",
        "keyids": "The keys that signed it.",
        "status": "Passed, or indeterminate where the key's validity is.",
        "known_since": "The time that a time-stamp token proves, if one does.",
    },
    "LogCheckpoint": {
        "origin": "The log's name, which it keeps wherever it is moved.",
        "size": "How many entries it had.",
        "root": "The RFC 6962 root hash over them, lowercase hex.",
        "note": "The signed note (C2SP tlog-checkpoint), as it was read.",
        "cosigners": "Those of its cosigners that the verifier trusts.",
        "stamps": "Time-stamp tokens over it that count.",
    },
    "LogStamp": {
        "at": "By when the checkpoint existed, RFC 3339 in UTC.",
        "authority": "Who says so, by its name in the trust policy.",
        "token": "The file with the token.",
    },
    "TimestampVerdict": {
        "signer": "Whose signature it is over, as the verifier's trust names them.",
        "bundle": "The file that holds the signature.",
        "token": "The file that holds the token: the bundle, or one beside it.",
        "status": "Passed if it proves a time; skipped if it does not count.",
        "detail": "The outcome in words.",
        "authority": "Who stamped, as the trust policy names the authority.",
        "at": "The signature existed by then, RFC 3339 in UTC.",
    },
    "Finding": {
        "step": "The verification step, 1 to 11.",
        "check": "Stable id of the check.",
        "subject": "The data set, sidecar or key that was looked at.",
        "status": "The outcome; skipped is never passed.",
        "detail": "The outcome in words.",
        "expected": "What the evidence says.",
        "found": "What is there.",
        "location": "Where in the data set.",
    },
    "Location": {
        "file": "Path within the data set.",
        "row_group": "Row group or record batch, from 0.",
        "column": "Column name.",
        "rows": "First and last row, from 0, inclusive.",
    },
    "DatasetVerdict": {
        "name": "The data set's name in the manifest.",
        "role": "Its role in the manifest.",
        "condition": "What became of it.",
        "status": "The condition as an outcome.",
        "coverage": "How much of it was re-read.",
        "location": "Where it was looked for, as it was recorded or given.",
        "note": "What else a reader should know.",
    },
    "Coverage": {
        "mode": "How it was read.",
        "files": "Files re-read.",
        "files_total": "Files recorded.",
        "bytes": "Bytes re-read.",
        "bytes_total": "Bytes recorded.",
        "rows": "Rows re-read; null where there are no rows.",
        "rows_total": "Rows recorded; null where there are none.",
    },
}

_ERROR = {
    "ErrorDocument": {
        "schema": "Names this format and its major version.",
        "error": "Class of the error.",
        "message": "What happened.",
        "path": "Where.",
        "hint": "What to do next.",
        "exit_code": "The process's exit code.",
    }
}


_REPORT = {
    **descriptions.DESCRIPTIONS,
    **_VERDICT,
    **report_descriptions.DESCRIPTIONS,
    **lineage_descriptions.LINEAGE,
    "auditkit.manifest.model.Tool": descriptions.DESCRIPTIONS["Tool"],
    "auditkit.findings.Tool": _VERDICT["Tool"],
}
"""A report holds a verdict and manifests; both have a record called Tool."""


class ErrorDocument(msgspec.Struct):
    """What `--json` prints when the tool could not do its job."""

    schema: Literal["urn:auditkit:schema:error:v1"]
    error: str
    message: str
    path: str | None
    hint: str | None
    exit_code: Literal[1, 2, 3, 10, 130]


def schemas() -> dict[str, dict[str, Any]]:
    """Return every schema by its file name."""
    return {
        "manifest.v1.json": manifest_schema(),
        "verdict.v1.json": record_schema(
            Verdict,
            identifier=VERDICT_SCHEMA,
            title="auditkit verdict",
            descriptions=_VERDICT,
            rules={},
        ),
        "report.v1.json": record_schema(
            Report,
            identifier=REPORT_SCHEMA,
            title="auditkit report",
            descriptions=_REPORT,
            rules=RULES,
        ),
        "hashes.v1.json": record_schema(
            Hashes,
            identifier=HASHES_SCHEMA,
            title="auditkit list of attachments",
            descriptions=report_descriptions.DESCRIPTIONS,
            rules={},
        ),
        "error.v1.json": record_schema(
            ErrorDocument,
            identifier=ERROR_SCHEMA,
            title="auditkit error",
            descriptions=_ERROR,
            rules={},
        ),
        "lineage.v1.json": record_schema(
            LineageGraph,
            identifier=LINEAGE_SCHEMA,
            title="auditkit lineage",
            descriptions=lineage_descriptions.LINEAGE,
            rules={},
        ),
        "runs.v1.json": record_schema(
            RunList,
            identifier=RUNS_SCHEMA,
            title="auditkit runs",
            descriptions=lineage_descriptions.RUNS,
            rules={},
        ),
        "schemas.v1.json": record_schema(
            SchemaHistories,
            identifier=SCHEMAS_SCHEMA,
            title="auditkit schemas",
            descriptions=lineage_descriptions.SCHEMAS,
            rules={},
        ),
        "retention.v1.json": record_schema(
            RetentionResult,
            identifier=RETENTION_SCHEMA,
            title="auditkit retention",
            descriptions={**_VERDICT, **retention_descriptions.DESCRIPTIONS},
            rules={},
        ),
        "erasure.v1.json": record_schema(
            ErasureStatement,
            identifier=ERASURE_SCHEMA,
            title="auditkit erasure",
            descriptions=statement_descriptions.ERASURE,
            rules={},
        ),
        "verification.v1.json": record_schema(
            VerificationStatement,
            identifier=VERIFICATION_SCHEMA,
            title="auditkit verification",
            descriptions=statement_descriptions.VERIFICATION,
            rules={},
        ),
        "approval.v1.json": record_schema(
            ApprovalStatement,
            identifier=APPROVAL_SCHEMA,
            title="auditkit approval",
            descriptions=statement_descriptions.APPROVAL,
            rules={},
        ),
        "trust.v1.json": record_schema(
            PolicyFile,
            identifier=TRUST_SCHEMA,
            title="auditkit trust policy",
            descriptions=policy_descriptions.DESCRIPTIONS,
            rules=policy_descriptions.RULES,
        ),
        "controls.v1.json": record_schema(
            Pack,
            identifier=CONTROLS_SCHEMA,
            title="auditkit control pack",
            descriptions=control_descriptions.DESCRIPTIONS,
            rules=control_descriptions.RULES,
        ),
    }


def generate() -> dict[str, str]:
    """Return the text of every generated file by its path in the repository."""
    found = schemas()
    files = {
        f"schemas/{name}": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in found.items()
    }
    for name, title in (
        ("manifest", "The manifest"),
        ("trust", "The trust policy"),
        ("controls", "The control pack"),
    ):
        schema = found[f"{name}.v1.json"]
        files[f"docs/formats/{name}-fields.md"] = field_tables(schema, name, title)
    return files


def main() -> None:
    """Write the generated files."""
    for path, text in generate().items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
