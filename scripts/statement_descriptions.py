"""What the fields of statements about a manifest mean, for their JSON Schemas."""

from __future__ import annotations

from typing import Final

_RUN: Final = {"id": "The run's id.", "project": "The run's project."}
_SUBJECT: Final = {
    "name": "`run:` and the id of the run.",
    "digest": "`sha256`: the manifest digest, lowercase hex.",
}


def _statement(subject: str, predicate: str) -> dict[str, str]:
    return {
        "_type": "The in-toto Statement version.",
        "subject": subject,
        "predicateType": "Names the predicate and its major version.",
        "predicate": predicate,
    }


APPROVAL: Final = {
    "ApprovalStatement": _statement("The approved manifest, alone.", "What the approver says."),
    "Subject": _SUBJECT,
    "Approval": {
        "version": "Major and minor version of this format.",
        "run": "The run whose manifest it is.",
        "name": "The approver's full name, as in the trust policy.",
        "role": "The approver's role, as in the trust policy.",
        "meaning": "What the signature means.",
        "approvedAt": "When, by the approver's own clock.",
    },
    "RunRef": _RUN,
}

ERASURE: Final = {
    "ErasureStatement": _statement("The manifest with the data, alone.", "What was erased."),
    "Subject": _SUBJECT,
    "Erasure": {
        "version": "Major and minor version of this format.",
        "run": "The run whose manifest it is.",
        "dataset": "The data whose bytes are gone.",
        "name": "Who answers for it; a person as in the trust policy.",
        "role": "In which role.",
        "reason": "Why it was deleted.",
        "attestedAt": "When that was attested, by the attester's own clock.",
    },
    "ErasedDataset": {
        "name": "Its name in the manifest.",
        "root": "Its root in the manifest.",
        "sidecars": "Files beside the manifest, derived from it, that may be gone too.",
    },
    "ErasedSidecar": {
        "name": "The sidecar's name in the manifest.",
        "sha256": "Its SHA-256 in the manifest, lowercase hex.",
    },
    "RunRef": _RUN,
}

VERIFICATION: Final = {
    "VerificationStatement": _statement("The verified manifest, alone.", "What was found."),
    "Subject": _SUBJECT,
    "Verification": {
        "version": "Major and minor version of this format.",
        "run": "The run whose manifest it is.",
        "status": "The outcome of all checks together.",
        "mode": "What was re-read: all bytes, or metadata only.",
        "verifiedAt": "When, by the verifier's own clock.",
        "tool": "The program that verified.",
        "trust": "What the verifier trusted.",
        "checks": "Number of findings by outcome.",
        "against": "Which version was read of data sets that have versions.",
        "only": "Data sets the verification was restricted to; empty for all.",
        "datasets": "What became of each data set and output.",
        "exceptions": "Findings that did not pass, the first 100.",
        "moreExceptions": "How many there are besides.",
    },
    "Tool": {"name": "The program's name.", "version": "The program's version."},
    "TrustRef": {
        "kind": "One key, or a trust policy.",
        "keyid": "SHA-256 of the key in DER, lowercase hex.",
        "sha256": "SHA-256 of the file it was read from, lowercase hex.",
    },
    "CheckedDataset": {
        "name": "Its name in the manifest.",
        "role": "Its role in the manifest.",
        "condition": "What became of it.",
        "status": "The condition as an outcome.",
        "files": "Files re-read.",
        "filesTotal": "Files recorded.",
        "bytes": "Bytes re-read.",
        "bytesTotal": "Bytes recorded.",
        "rows": "Rows re-read; absent where there are none.",
        "rowsTotal": "Rows recorded; absent where there are none.",
    },
    "CheckException": {
        "check": "Stable id of the check.",
        "subject": "The data set, sidecar or key that was looked at.",
        "status": "The outcome.",
        "detail": "The outcome in words.",
    },
    "RunRef": _RUN,
}
