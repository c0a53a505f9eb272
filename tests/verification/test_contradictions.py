"""Manifests whose signature is good and whose content is not: signed by whoever wrote them wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from projects import Project
from rewrite import resign

RESIGNED: dict[str, tuple[Callable[[dict[str, Any]], Any], int, str]] = {
    "root of a data set": (
        lambda document: document["predicate"]["datasets"][0]["inventory"]["root"].update(
            dirHash="0" * 64
        ),
        6,
        "sidecar",
    ),
    "rows": (
        lambda document: document["predicate"]["datasets"][0].update(rows=299),
        9,
        "dataset.rows",
    ),
    "type of a column": (
        lambda document: document["predicate"]["datasets"][0]["schema"].update(
            fingerprint="0" * 64
        ),
        9,
        "dataset.schema",
    ),
    "file count": (
        lambda document: document["predicate"]["datasets"][0]["inventory"].update(files=4),
        6,
        "sidecar",
    ),
    "subject dropped": (lambda document: document["subject"].pop(), 4, "manifest"),
    "another run id": (
        lambda document: document["predicate"]["run"].update(
            id="01890000-0000-7000-8000-000000000000"
        ),
        4,
        "manifest",
    ),
    "data set twice": (
        lambda document: document["predicate"]["datasets"].append(
            document["predicate"]["datasets"][0]
        ),
        4,
        "manifest",
    ),
    "unknown field": (lambda document: document["predicate"].update(extra=1), 4, "manifest"),
    "newer major version": (
        lambda document: document.update(predicateType="urn:auditkit:training-run:v2"),
        4,
        "manifest",
    ),
    "unknown predicate": (
        lambda document: document.update(predicateType="https://slsa.dev/provenance/v1"),
        4,
        "manifest",
    ),
    "escaping location": (
        lambda document: document["predicate"]["datasets"][0].update(location="../../etc"),
        4,
        "manifest",
    ),
    "missing intended signer": (
        lambda document: document["predicate"]["capture"]["signers"].append("1" * 64),
        3,
        "signer",
    ),
}


@pytest.mark.parametrize("name", RESIGNED)
def test_a_signed_contradiction_is_caught(project: Project, name: str) -> None:
    change, step, check = RESIGNED[name]
    resign(project.bundle, project.signer, change)
    outcome = project.verify()
    assert (step, check) in {each[:2] for each in outcome.failed()}
    assert outcome.verdict.exit_code == 10


def test_a_newer_minor_version_verifies_and_says_so(project: Project) -> None:
    def newer(document: dict[str, Any]) -> None:
        document["predicate"]["version"] = "1.7"
        document["predicate"]["run"]["mood"] = "good"

    resign(project.bundle, project.signer, newer)
    outcome = project.verify()
    assert outcome.verdict.exit_code == 0
    (finding,) = (each for each in outcome.findings if each.check == "manifest")
    assert "/predicate/run/mood" in finding.detail
