"""What each field of a report's JSON form means."""

from __future__ import annotations

DESCRIPTIONS = {
    "Report": {
        "schema": "Names this format and its major version.",
        "generated_at": "When the report was made, RFC 3339 in UTC.",
        "generator": "The program that made it.",
        "verified_now": "False where the verdict was read from a file instead of made with it.",
        "verdict": "All findings, as `verify --json` prints them.",
        "runs": "The runs of the verdict, in its order.",
        "attachments": "The files that the PDF form carries.",
    },
    "ReportedRun": {
        "source": "The evidence that was looked at.",
        "authenticated": "Whether its manifest was: signed by somebody trusted, and valid.",
        "status": "Failed if any finding failed, else indeterminate if any is, else passed.",
        "manifest": "Manifest digest: SHA-256 of the payload, lowercase hex.",
        "keyid": "The first key that counts: SHA-256 of its public key in DER, lowercase hex.",
        "checks": "Number of findings by outcome.",
        "coverage": "What was re-read of all its data sets together.",
        "datasets": "What became of every recorded data set, also of those not looked at.",
        "exceptions": "Findings a reader must see first, worst first.",
        "skipped": "Checks that were not made, but for those among the exceptions.",
        "statement": "The authenticated manifest, null where it was not authenticated.",
        "inventories": "The first files of each inventory.",
        "packages": "Installed distributions.",
    },
    "Totals": {
        "datasets": "Data sets recorded.",
        "datasets_in_full": "Data sets of which everything was re-read.",
        "files": "Files re-read.",
        "files_total": "Files recorded.",
        "bytes": "Bytes re-read.",
        "bytes_total": "Bytes recorded.",
        "rows": "Rows re-read.",
        "rows_total": "Rows recorded.",
    },
    "InventoryExcerpt": {
        "dataset": "The data set's name.",
        "entries": "Its first files by path, at most 200.",
        "total": "How many files the inventory has.",
    },
    "InventoryEntry": {
        "path": "Relative POSIX path.",
        "size": "Bytes.",
        "sha256": "SHA-256, lowercase hex.",
        "rows": "Rows; null where they were not counted.",
        "sha512": "SHA-512, lowercase hex, where it was recorded.",
        "blake3": "BLAKE3, lowercase hex, where it was recorded.",
    },
    "ReportedPackage": {"name": "The distribution's name.", "version": "Its version."},
    "AttachedFile": {
        "name": "The file's name, safe to save.",
        "description": "What it is.",
        "media_type": "Its media type.",
        "size": "Bytes.",
        "sha256": "SHA-256, lowercase hex.",
    },
}
