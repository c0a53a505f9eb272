"""A run in which every free-text field says what an attacker would like it to say."""

from __future__ import annotations

from typing import Any

import msgspec
from reports.flights import DATASETS, dataset, statement
from reports.samples import TRUST, evidence, finding, run_evidence, verdicts

from auditkit.evidence import Evidence
from auditkit.findings import Location, Tool
from auditkit.manifest import model

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
    "data:text/html,<script>alert(1)</script>",
    "<svg onload=alert(1)><image href=data:image/svg+xml,x></svg>",
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
