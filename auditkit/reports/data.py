"""The report as data: everything the pages say, as values instead of sentences."""

from __future__ import annotations

from typing import Any

import msgspec

from auditkit.digests import sha256_hex
from auditkit.evidence import Attachment, Evidence, RunEvidence
from auditkit.reports.attached import all_attachments
from auditkit.reports.tally import by_status, exceptions, judged, skipped, totals
from auditkit.schemes import REPORT_SCHEMA
from auditkit.version import __version__


def render_json(evidence: Evidence, *, generated_at: str) -> bytes:
    """Return the report as indented JSON, ending in a newline.

    `statement` is the authenticated manifest, null where there is none. Text is verbatim: a
    reader that prints it must escape it. Attachments are named by digest, not contained.
    """
    document = {
        "schema": REPORT_SCHEMA,
        "generated_at": generated_at,
        "generator": {"name": "auditkit", "version": __version__},
        "verified_now": evidence.verified_now,
        "verdict": evidence.verdict,
        "runs": [_run(run) for run in evidence.runs],
        "attachments": [_attachment(each) for each in all_attachments(evidence)],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _run(run: RunEvidence) -> dict[str, Any]:
    pairs = judged(run)
    return {
        "source": run.verdict.source,
        "authenticated": run.statement is not None,
        "status": run.verdict.status,
        "manifest": run.manifest_digest,
        "keyid": run.keyid,
        "checks": by_status(run.verdict.findings),
        "coverage": totals(verdict for _, verdict in pairs),
        "datasets": [verdict for _, verdict in pairs],
        "exceptions": exceptions(run),
        "skipped": skipped(run),
        "statement": run.statement,
        "inventories": run.inventories,
        "packages": [{"name": name, "version": version} for name, version in run.packages],
    }


def _attachment(each: Attachment) -> dict[str, Any]:
    return {
        "name": each.name,
        "description": each.description,
        "media_type": each.media_type,
        "size": len(each.content),
        "sha256": sha256_hex(each.content),
    }
