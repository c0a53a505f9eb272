"""The CI job and the rank this process has, from their documented environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditkit.manifest.model import CiJob
from auditkit.provenance.redact import redact_text, redact_url
from auditkit.provenance.text import as_text

_GLOBAL_RANKS: Final = (
    "RANK",  # torchrun
    "OMPI_COMM_WORLD_RANK",  # Open MPI
    "PMIX_RANK",
    "PMI_RANK",  # MPICH, Intel MPI
    "MV2_COMM_WORLD_RANK",  # MVAPICH2
    "SLURM_PROCID",  # last: under srun torchrun it counts launchers, not workers
)
_PARTIAL_RANKS: Final = ("LOCAL_RANK", "NODE_RANK", "GROUP_RANK")


def detect_ci(environ: Mapping[str, str]) -> CiJob | None:
    """Return the CI job that `environ` describes, or None outside a known one.

    Sources: GitHub "Default environment variables", GitLab "Predefined CI/CD variables
    reference", Jenkins "Using environment variables".
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ)
    if environ.get("GITLAB_CI") == "true":
        return _gitlab(environ)
    if environ.get("JENKINS_URL") and environ.get("BUILD_NUMBER"):
        return _jenkins(environ)
    return None


def is_primary_rank(environ: Mapping[str, str]) -> bool:
    """Return whether this process is the one of a distributed job that acts for all.

    That is rank 0, and any process that belongs to no distributed job.
    """
    for name in _GLOBAL_RANKS:
        rank = _number(environ.get(name))
        if rank is not None:
            return rank == 0
    return not any(_number(environ.get(name)) for name in _PARTIAL_RANKS)


def _github(environ: Mapping[str, str]) -> CiJob:
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    run, attempt = environ.get("GITHUB_RUN_ID"), environ.get("GITHUB_RUN_ATTEMPT")
    url = None
    if server and repository and run:
        url = f"{server}/{repository}/actions/runs/{run}"
        url += f"/attempts/{attempt}" if attempt else ""
    return CiJob(
        basis="declared",
        provider="github-actions",
        job=_text(environ, "GITHUB_JOB"),
        run_id=_text(environ, "GITHUB_RUN_ID"),
        attempt=_number(attempt),
        url=redact_url(url) if url else None,
        actor=_text(environ, "GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"),
        workflow=_text(environ, "GITHUB_WORKFLOW"),
        ref=_text(environ, "GITHUB_REF"),
    )


def _gitlab(environ: Mapping[str, str]) -> CiJob:
    """Return the job; GitLab gives a retried job another id and no attempt number."""
    return CiJob(
        basis="declared",
        provider="gitlab-ci",
        job=_text(environ, "CI_JOB_NAME"),
        run_id=_text(environ, "CI_JOB_ID"),
        url=_url(environ, "CI_JOB_URL"),
        actor=_text(environ, "GITLAB_USER_LOGIN"),
        workflow=_text(environ, "CI_PIPELINE_NAME"),
        ref=_text(environ, "CI_COMMIT_REF_NAME"),
    )


def _jenkins(environ: Mapping[str, str]) -> CiJob:
    """Return the build; who started it is known with the "build user vars" plugin only."""
    return CiJob(
        basis="declared",
        provider="jenkins",
        job=_text(environ, "JOB_NAME"),
        run_id=_text(environ, "BUILD_NUMBER"),
        url=_url(environ, "BUILD_URL"),
        actor=_text(environ, "BUILD_USER_ID"),
        ref=_text(environ, "BRANCH_NAME", "GIT_BRANCH"),
    )


def _text(environ: Mapping[str, str], *names: str) -> str | None:
    found = next((environ[name] for name in names if environ.get(name)), None)
    return redact_text(found) if found else None


def _url(environ: Mapping[str, str], name: str) -> str | None:
    found = environ.get(name)
    return redact_url(found) if found else None


def _number(text: str | None) -> int | None:
    text = as_text(text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
