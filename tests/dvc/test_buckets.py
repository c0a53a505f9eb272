"""Remotes of DVC in buckets: read with the verifier's own credentials, and never written to."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import Shell
from dvcproject import git
from dvctrial import Trial

CONFIG = "['remote \"store\"']\n    url = s3://{place}\n{more}"


class Remote:
    """A remote in a bucket: a prefix that nobody else has."""

    def __init__(self, server: Any, *, versions: bool = False) -> None:
        self.client = server.client()
        self.bucket, self.prefix = server.place(versions=versions)

    @property
    def place(self) -> str:
        return f"{self.bucket}/{self.prefix}"

    def put(self, path: str, content: bytes) -> str:
        """Write an object, and return the id of its version."""
        key = f"{self.prefix}/{path}"
        return self.client.put_object(Bucket=self.bucket, Key=key, Body=content).get("VersionId")

    def state(self) -> list[tuple[str, str, str]]:
        """Return every version of every object."""
        pages = self.client.get_paginator("list_object_versions")
        return [
            (each["Key"], each["VersionId"], each["ETag"])
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix)
            for each in page.get("Versions", ())
        ]


@pytest.fixture
def cloud(trial: Trial, s3) -> Trial:
    """The project, for somebody with credentials for the server."""
    shell = Shell(trial.shell.cwd, {**trial.shell.environ, **s3.environ})
    return replace(trial, shell=shell)


@pytest.fixture
def remote(cloud: Trial, s3) -> Remote:
    """What DVC pushed, in a bucket."""
    remote = Remote(s3)
    local = cloud.root.parent / "remote"
    for path in (each for each in local.rglob("*") if each.is_file()):
        remote.put(path.relative_to(local).as_posix(), path.read_bytes())
    shutil.rmtree(local)
    configure(cloud, remote)
    return remote


def configure(trial: Trial, remote: Remote, more: str = "") -> None:
    local = trial.root / ".dvc/config.local"
    local.write_text(CONFIG.format(place=remote.place, more=more))


def forget(trial: Trial) -> None:
    """Remove workspace and cache."""
    shutil.rmtree(trial.root / "data/raw", ignore_errors=True)
    (trial.root / "table.csv").unlink(missing_ok=True)
    shutil.rmtree(trial.root / ".dvc/cache", ignore_errors=True)


def test_a_folder_is_recorded_and_verified_from_a_bucket(cloud, remote):
    before = remote.state()
    forget(cloud)
    found = cloud.capture("--dataset", "raw=data/raw.dvc")
    assert found.dvc["readFrom"] == {"remote": 4}
    assert (found.dvc["remote"], found.dvc["agrees"]) == ("store", True)
    verified = cloud.verify()
    assert (verified.code, verified.condition) == (0, "intact")
    assert verified.note == "read from DVC's remote store; the workspace has nothing"
    assert remote.state() == before
    assert not (cloud.root / ".dvc/cache").exists()


def test_what_the_workspace_gave_is_verified_from_a_bucket_at_another_version(cloud, remote):
    cloud.capture("--dataset", "table.csv.dvc@v1.0.0")
    forget(cloud)
    assert (cloud.verify().code, cloud.verify().condition) == (0, "intact")
    assert remote.state()


def test_altered_objects_are_found(cloud, remote):
    forget(cloud)
    md5 = cloud.capture("--dataset", "table.csv.dvc").dvc["md5"]
    content = (cloud.root / "auditkit.pub").read_bytes()
    remote.put(f"files/md5/{md5[:2]}/{md5[2:]}", content)
    assert (cloud.verify().code, cloud.verify().condition) == (10, "altered")


def test_objects_that_are_gone_are_missing(cloud, remote):
    forget(cloud)
    md5 = cloud.capture("--dataset", "table.csv.dvc").dvc["md5"]
    key = f"{remote.prefix}/files/md5/{md5[:2]}/{md5[2:]}"
    remote.client.delete_object(Bucket=remote.bucket, Key=key)
    assert (cloud.verify().code, cloud.verify().condition) == (10, "missing")


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("place", ["no-such-bucket-here/x", "user:password@bucket/x"])
def test_a_bucket_that_cannot_be_read_is_not_held_against_the_data(cloud, place):
    cloud.capture("--dataset", "table.csv.dvc")
    forget(cloud)
    (cloud.root / ".dvc/config.local").write_text(CONFIG.format(place=place, more=""))
    found = cloud.verify()
    assert (found.code, found.condition) == (11, "unreadable")
    assert "password" not in found.note + str(found.findings)


def test_credentials_are_the_verifiers_own(cloud, remote):
    """DVC's configuration may name keys and endpoints: none of them is used."""
    cloud.capture("--dataset", "table.csv.dvc")
    forget(cloud)
    own = "    access_key_id = nobody\n    secret_access_key = secret\n    endpointurl = http://x\n"
    configure(cloud, remote, own)
    assert cloud.verify().code == 0
    stranger = {**cloud.shell.environ, "AWS_SECRET_ACCESS_KEY": "wrong"}
    found = replace(cloud, shell=Shell(cloud.root, stranger)).verify()
    assert (found.code, found.condition) == (11, "unreadable")


def test_retention_names_a_remote_in_a_bucket(cloud, remote):
    cloud.capture("--dataset", "raw=data/raw.dvc@v1.0.0")
    shutil.rmtree(cloud.root / ".dvc/cache")
    (row,) = cloud.shell("retention", "--key", "auditkit.pub", "--json").document["rows"]
    assert "keeps it in the remote store" in row["detail"]
    assert remote.place


@pytest.fixture
def versioned(cloud: Trial, s3) -> Remote:
    """A cloud-versioned remote, and pointers as DVC 3 rewrites them when it pushes to one."""
    remote = Remote(s3, versions=True)
    configure(cloud, remote, "    version_aware = true\n")
    push(cloud, remote, "v1")
    return remote


def push(trial: Trial, remote: Remote, tag: str) -> None:
    raw = trial.root / "data/raw"
    entries = []
    for path in sorted(each for each in raw.rglob("*") if each.is_file()):
        if path.suffix == ".tmp":
            continue
        name = path.relative_to(raw).as_posix()
        entries.append((name, path, remote.put(f"data/raw/{name}", path.read_bytes())))
    entries.sort()
    lines = ["outs:", "- path: raw", "  hash: md5", "  files:"]
    lines += [line for name, path, version in entries for line in listed(name, path, version)]
    (trial.root / "data/raw.dvc").write_text("\n".join(lines) + "\n")
    table = trial.root / "table.csv"
    version = remote.put("table.csv", table.read_bytes())
    digest = hashlib.md5(table.read_bytes()).hexdigest()
    lines = ["outs:", f"- md5: {digest}", f"  size: {table.stat().st_size}", "  hash: md5"]
    lines += ["  path: table.csv", "  cloud:", "    store:", f"      version_id: '{version}'"]
    (trial.root / "table.csv.dvc").write_text("\n".join(lines) + "\n")
    git(trial.root, "add", "-A", "data/raw.dvc", "table.csv.dvc")
    git(trial.root, "commit", "-q", "-m", tag)
    git(trial.root, "tag", tag)


def listed(name: str, path: Path, version: str) -> list[str]:
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    return [
        f"  - relpath: {name}",
        f"    md5: {digest}",
        f"    size: {path.stat().st_size}",
        "    cloud:",
        "      store:",
        "        etag: x",
        f"        version_id: '{version}'",
    ]


def test_versions_are_read_that_the_pointer_names(cloud, versioned):
    before = versioned.state()
    forget(cloud)
    found = cloud.capture("--dataset", "raw=data/raw.dvc")
    assert found.dvc["readFrom"] == {"remote": 4}
    assert found.dvc["agrees"] is True
    versioned.put("data/raw/a.csv", b"id,name\n9,later\n")
    assert (cloud.verify().code, cloud.verify().condition) == (0, "intact")
    assert set(before) < set(versioned.state())


def test_an_earlier_version_is_found_by_the_pointer_in_git(cloud, versioned):
    cloud.capture("--dataset", "raw=data/raw.dvc", "--dataset", "table=table.csv.dvc")
    (cloud.root / "data/raw/a.csv").write_text("id,name\n3,three\n")
    (cloud.root / "table.csv").write_text("id,x\n1,1\n")
    push(cloud, versioned, "v2")
    forget(cloud)
    found = cloud.verify()
    assert (found.code, found.condition) == (0, "intact")
    earlier = cloud.capture("--dataset", "table.csv.dvc@v1")
    assert earlier.dataset["rows"] == 9
    assert cloud.verify().code == 0


def test_a_version_that_is_gone_from_the_remote_is_missing(cloud, versioned):
    forget(cloud)
    cloud.capture("--dataset", "table.csv.dvc")
    key = f"{versioned.prefix}/table.csv"
    for each, version, _ in versioned.state():
        if each == key:
            versioned.client.delete_object(Bucket=versioned.bucket, Key=key, VersionId=version)
    versioned.put("table.csv", b"id,x\n")
    assert (cloud.verify().code, cloud.verify().condition) == (10, "missing")


@pytest.mark.usefixtures("versioned")
def test_versions_of_another_remote_are_not_asked_for(cloud):
    text = (cloud.root / "table.csv.dvc").read_text()
    (cloud.root / "table.csv.dvc").write_text(text.replace("store:", "other:"))
    forget(cloud)
    done = cloud.shell("capture", "--dataset", "table.csv.dvc")
    assert (done.code, "neither in DVC's workspace" in done.err) == (2, True)


@pytest.mark.usefixtures("versioned")
def test_versions_as_dvc_2_wrote_them(cloud):
    text = (cloud.root / "table.csv.dvc").read_text()
    version = text.partition("version_id: '")[2].partition("'")[0]
    text = text.partition("  cloud:")[0] + f"  version_id: '{version}'\n"
    (cloud.root / "table.csv.dvc").write_text(text.replace("  hash: md5\n", ""))
    forget(cloud)
    found = cloud.capture("--dataset", "table.csv.dvc")
    assert (found.dvc["readFrom"]["remote"], found.dvc["hash"]) == (1, "md5-dos2unix")
