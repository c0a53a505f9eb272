"""What the fields of `auditkit lineage --json` mean, for its JSON Schema."""

from __future__ import annotations

DESCRIPTIONS = {
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
