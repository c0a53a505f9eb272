"""The part of a manifest that tells of the run itself: when, how it ended, in which CI job."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from auditkit.manifest.types import (
    Basis,
    BasisMap,
    Count,
    Name,
    Record,
    RunId,
    Text,
    Timestamp,
)


class CiJob(Record, frozen=True, kw_only=True):
    """The CI job, as its environment variables tell."""

    provider: Literal["github-actions", "gitlab-ci", "jenkins"]
    job: Text | None = None
    run_id: Text | None = None
    attempt: Count | None = None
    url: Text | None = None
    actor: Text | None = None
    workflow: Text | None = None
    ref: Text | None = None
    basis: Basis


class RunError(Record, frozen=True, kw_only=True):
    """The exception that ended the run."""

    type: Text
    message: Text


class Run(Record, frozen=True, kw_only=True):
    """One execution of training code."""

    id: RunId
    project: Name
    status: Literal["completed", "failed", "interrupted"]
    name: Text | None = None
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None
    command: tuple[Text, ...] = ()
    exit_code: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    signal: Text | None = None
    error: RunError | None = None
    attempt: Count | None = None
    ci: CiJob | None = None
    basis: Basis
    exceptions: BasisMap = {}
