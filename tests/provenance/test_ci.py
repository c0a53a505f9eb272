"""CI jobs and ranks, from the variables that the systems document."""

import pytest

from auditkit.manifest.model import CiJob
from auditkit.provenance.ci import detect_ci, is_primary_rank

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_JOB": "train",
    "GITHUB_RUN_ID": "1658821493",
    "GITHUB_RUN_ATTEMPT": "3",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "octo-org/model",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_TRIGGERING_ACTOR": "hubot",
    "GITHUB_WORKFLOW": "Nightly",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_TOKEN": "ghs_secret",
}


def test_github_actions():
    assert detect_ci(GITHUB) == CiJob(
        basis="declared",
        provider="github-actions",
        job="train",
        run_id="1658821493",
        attempt=3,
        url="https://github.com/octo-org/model/actions/runs/1658821493/attempts/3",
        actor="hubot",
        workflow="Nightly",
        ref="refs/heads/main",
    )


def test_gitlab_ci():
    environ = {
        "GITLAB_CI": "true",
        "CI_JOB_NAME": "train: [gpu]",
        "CI_JOB_ID": "50",
        "CI_JOB_URL": "https://user:pw@gitlab.example/g/p/-/jobs/50",
        "CI_PIPELINE_ID": "7",
        "GITLAB_USER_LOGIN": "ada",
        "CI_PIPELINE_NAME": "Nightly",
        "CI_COMMIT_REF_NAME": "main",
        "CI_JOB_TOKEN": "secret",
    }
    assert detect_ci(environ) == CiJob(
        basis="declared",
        provider="gitlab-ci",
        job="train: [gpu]",
        run_id="50",
        url="https://gitlab.example/g/p/-/jobs/50",
        actor="ada",
        workflow="Nightly",
        ref="main",
    )


def test_jenkins():
    environ = {
        "JENKINS_URL": "https://ci.example/",
        "JOB_NAME": "model/train",
        "BUILD_NUMBER": "153",
        "BUILD_URL": "https://ci.example/job/train/153/",
        "GIT_BRANCH": "origin/main",
    }
    assert detect_ci(environ) == CiJob(
        basis="declared",
        provider="jenkins",
        job="model/train",
        run_id="153",
        url="https://ci.example/job/train/153/",
        ref="origin/main",
    )


def test_outside_ci_there_is_no_job():
    assert detect_ci({}) is None
    assert detect_ci({"CI": "true", "GITHUB_ACTIONS": "", "JENKINS_URL": "https://x/"}) is None


def test_missing_and_senseless_variables_are_left_out():
    job = detect_ci({"GITHUB_ACTIONS": "true", "GITHUB_RUN_ATTEMPT": "²", "GITHUB_JOB": "\udcff"})
    assert job == CiJob(basis="declared", provider="github-actions", job="\ufffd")


@pytest.mark.parametrize(
    ("environ", "primary"),
    [
        ({}, True),
        ({"RANK": "0", "LOCAL_RANK": "0"}, True),
        ({"RANK": "8", "LOCAL_RANK": "0"}, False),
        ({"RANK": "0", "SLURM_PROCID": "0"}, True),
        ({"RANK": "1", "SLURM_PROCID": "0"}, False),
        ({"SLURM_PROCID": "1"}, False),
        ({"OMPI_COMM_WORLD_RANK": "2"}, False),
        ({"PMI_RANK": "0"}, True),
        ({"PMIX_RANK": "4"}, False),
        ({"RANK": "gold", "SLURM_PROCID": "3"}, False),
        ({"RANK": ""}, True),
        ({"RANK": "-1"}, True),
        ({"LOCAL_RANK": "1"}, False),
        ({"LOCAL_RANK": "0", "NODE_RANK": "1"}, False),
        ({"LOCAL_RANK": "0", "NODE_RANK": "0"}, True),
    ],
)
def test_one_rank_acts_for_all(environ, primary):
    assert is_primary_rank(environ) is primary
