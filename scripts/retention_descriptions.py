"""What each field of a retention result means, for its JSON Schema."""

from __future__ import annotations

DESCRIPTIONS = {
    "RetentionResult": {
        "status": "Failed if anything is lost or will be too early, passed if all of it is kept.",
        "tool": "The program that looked.",
        "checked_at": "When, RFC 3339 in UTC.",
        "years": "How long after its run a version must be readable.",
        "trust": "What was trusted, and on whose word.",
        "rows": "One row for each data set and output, lost ones first, then by date.",
        "unchecked": "Evidence that was not authenticated, so that nothing it names was looked at.",
        "schema": "Names this format and its major version.",
    },
    "RetentionRow": {
        "run": "The run's id.",
        "project": "The run's project.",
        "manifest": "Manifest digest: SHA-256 of the payload, lowercase hex.",
        "dataset": "The data set's name in the manifest.",
        "role": "Its role in the manifest.",
        "format": "How it was read.",
        "location": "Where it was recorded.",
        "version": "The recorded version, where the store has versions.",
        "outcome": "What the date means for the record.",
        "readable_until": "When it stops being readable or protected; null where no date is known.",
        "keep_until": "Until when it must be readable: the record's own time and the years.",
        "setting": "What decides.",
        "detail": "What that does, in words.",
        "action": "What to do.",
    },
    "UncheckedTarget": {
        "source": "The evidence that was looked at.",
        "status": "Failed or indeterminate.",
        "detail": "Why its manifest may not be believed.",
    },
}
