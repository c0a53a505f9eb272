"""What the fields of `auditkit lineage --json` and `runs --json` mean, for their JSON Schemas."""

from __future__ import annotations

LINEAGE = {
    "LineageGraph": {
        "origins": "Ids of the nodes that were asked about.",
        "direction": "Towards what they come from, what came of them, or both.",
        "depth": "How many runs away was looked; null for all.",
        "runs": "Runs, as their manifests say.",
        "data": "Files, folders and rows, each once, by content.",
        "edges": "Steps from cause to effect.",
        "issues": "What keeps it from being certain or complete.",
        "schema": "Names this format and its major version.",
    },
    "LineageRun": {
        "id": "Node id: `run:` and the manifest digest.",
        "manifest": "Manifest digest: SHA-256 of the payload, lowercase hex.",
        "run": "The run's id.",
        "project": "The run's project.",
        "name": "The run's name.",
        "status": "How the run ended.",
        "recorded_at": "When it was recorded, by the recording machine's own clock.",
        "missing": "Whether it is only named, as a parent, and not among the records.",
    },
    "LineageData": {
        "id": "Node id: `sha256:`, `dirHash:`, `sequence:` or `bag:`, and the digest.",
        "kind": "file, folder, sequence or bag.",
        "algorithm": "How the digest came about, in in-toto's words.",
        "value": "The digest, lowercase hex.",
        "names": "What runs call it; the first few.",
        "locations": "Where runs recorded it; the first few.",
        "files": "Number of files; null where no run recorded it alone.",
        "bytes": "Size; null where no run recorded it alone.",
        "rows": "Rows of a table; null where there are none.",
    },
    "LineageEdge": {
        "source": "Id of the cause.",
        "target": "Id of the effect.",
        "kind": "What the step is.",
        "basis": "derived: it follows from equal digests. declared: by --parent.",
        "name": "What the run calls the data.",
        "later": "Whether the cause was recorded after the effect.",
    },
    "LineageIssue": {
        "kind": "What it is.",
        "subject": "Id of the node that it is about.",
        "detail": "The same in words.",
    },
}

RUNS = {
    "RunList": {
        "runs": "Runs, the latest first.",
        "more": "Whether there are more that fit.",
        "unreadable": "Statements in the source that are no manifest that can be read.",
        "schema": "Names this format and its major version.",
    },
    "RunListing": {
        "run": "The run's id.",
        "manifest": "Manifest digest: `sha256:` and lowercase hex.",
        "project": "The run's project.",
        "status": "How the run ended.",
        "recorded_at": "When it was recorded, by the recording machine's own clock.",
        "place": "Its evidence, relative to the evidence folder; or its entry in a log.",
        "signed": "Whether there is a signature, of whomever.",
        "entry": "Number of its entry in the log of a registry, from 0.",
        "name": "The run's name.",
        "started_at": "When it started, by the machine's own clock.",
        "finished_at": "When it finished, by the machine's own clock.",
        "commit": "The commit of its code.",
        "dirty": "Whether tracked files differed from the commit.",
        "parameters": "Parameters by dotted names; lists as JSON text.",
        "metrics": "Metrics by dotted names; lists as JSON text.",
        "datasets": "Inputs and outputs.",
        "verification": "Its last verification that was recorded.",
    },
    "CheckListing": {
        "at": "When it was verified, by the verifier's own clock.",
        "status": "The outcome: passed, failed or indeterminate.",
        "mode": "What was re-read: full, or metadata only.",
        "in_full": "Whether everything was looked at that the manifest names.",
        "by": "Who signed the verification; null if that was not checked.",
        "passed_at": "When it last passed in full; null if it did not.",
    },
    "DatasetListing": {
        "name": "What the run calls it.",
        "role": "Its role; `output` for what the run wrote.",
        "digest": "`sha256:` of a file or `dirHash:` of a folder, and lowercase hex.",
        "location": "Where it was recorded.",
        "rows": "Rows of a table.",
        "schema_version": "The version that the team gives its schema.",
        "schema_ordinal": "Number of its schema among those that the project had under this name, "
        "from 1, in the order of the log; without one, of recording.",
    },
}

SCHEMAS = {
    "SchemaHistories": {
        "checkpoint": "The checkpoint of the log whose order was gone by; null without a log.",
        "datasets": "Data sets by project and name.",
        "schema": "Names this format and its major version.",
    },
    "DerivedAt": {
        "origin": "The log's origin.",
        "size": "Its number of entries.",
        "root": "The root over them, lowercase hex.",
    },
    "SchemaHistory": {
        "project": "The project.",
        "dataset": "What its runs call the data.",
        "versions": "The schemas that it had, in their order.",
    },
    "SchemaVersion": {
        "ordinal": "Its number, from 1; a schema that comes back keeps it.",
        "declared": "Versions that the team gave it, as they came up.",
        "fingerprint": "The schema's fingerprint, lowercase hex.",
        "columns": "Number of columns; null if they cannot be read.",
        "run": "The run that had it first.",
        "manifest": "That run's manifest digest: `sha256:` and lowercase hex.",
        "recorded_at": "When that was recorded, by the recording machine's own clock.",
        "entry": "Number of its entry in the log, from 0; null without a log.",
        "runs": "How many runs had it.",
        "changed": "What is different from the version before; null for the first.",
    },
    "SchemaChanges": {
        "verdict": "Whether programs that read the old columns by name still work.",
        "changes": "Changes in words, the first 50.",
        "more": "How many there are besides.",
    },
}
