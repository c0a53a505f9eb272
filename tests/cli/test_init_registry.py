"""Making a registry from the command line, in a folder and in buckets of several kinds."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import s3proxy
from commands import Shell
from s3server import S3Server

CONDITIONS = frozenset({"if-none-match", "if-match"})


def settings(shell: Shell) -> dict[str, Any]:
    return tomllib.loads((shell.cwd / "auditkit.toml").read_text())


def key_folder(shell: Shell) -> Path:
    return Path(shell.environ["XDG_CONFIG_HOME"]) / "auditkit" / "keys"


def test_a_registry_in_a_folder(sample: Shell) -> None:
    done = sample("init", "--registry", "../registry")
    assert done.code == 0
    assert "created by one of several writers" in done.out
    assert "whoever may write to this folder can change and delete" in done.out
    assert (sample.cwd / "../registry/checkpoint").is_file()
    log_key = key_folder(sample) / "sample-log.pem"
    assert log_key.stat().st_mode & 0o777 == 0o600
    written = settings(sample)
    assert written["registry"] == {"uri": "../registry", "log-key": str(log_key)}
    assert written["verify"]["key"] == "auditkit.pub"
    assert written["verify"]["log"] in done.out
    assert written["verify"]["log"].startswith("sample/")


def test_it_is_safe_to_run_twice(sample: Shell) -> None:
    first = sample("init", "--registry", "registry", "--json").document
    text = (sample.cwd / "auditkit.toml").read_text()
    second = sample("init", "--registry", "registry", "--json").document
    assert first["registry"]["created"]
    assert not second["registry"]["created"]
    assert second["written"] == []
    assert second["registry"]["verifier_keys"] == first["registry"]["verifier_keys"]
    assert (sample.cwd / "auditkit.toml").read_text() == text


def test_it_goes_on_where_it_stopped(sample: Shell) -> None:
    text = (sample.cwd / "auditkit.toml").read_text()
    origin = sample("init", "--registry", "registry", "--json").document["registry"]["origin"]
    (sample.cwd / "auditkit.toml").write_text(text)
    again = sample("init", "--registry", "registry", "--json").document
    assert again["registry"]["origin"] == origin
    assert again["written"] == ["auditkit.toml"]
    assert settings(sample)["verify"]["log"].startswith(origin)


def test_a_colleague_joins_without_the_log_key(sample: Shell, tmp_path: Path) -> None:
    sample("init", "--registry", "registry")
    (key_folder(sample) / "sample-log.pem").unlink()
    done = sample("init", "--registry", "registry")
    assert done.code == 0
    assert "found the registry" in done.out
    assert not (key_folder(sample) / "sample-log.pem").exists()
    other = Shell(tmp_path / "other", {**sample.environ, "XDG_CONFIG_HOME": str(tmp_path / "c2")})
    other.cwd.mkdir()
    joined = other("init", "--project", "other", "--registry", str(sample.cwd / "registry"))
    assert joined.code == 0
    assert "get its verifier key from who keeps the log" in joined.out
    assert settings(other)["registry"] == {"uri": str(sample.cwd / "registry")}
    assert "log" not in settings(other)["verify"]


def test_what_people_wrote_stays(sample: Shell) -> None:
    path = sample.cwd / "auditkit.toml"
    path.write_text(f"# ours\n{path.read_text()}\n[datasets.train]\npath = 'data/train.csv' # here")
    before = path.read_text()
    assert sample("init", "--registry", "registry").code == 0
    after = path.read_text().splitlines()
    assert [line for line in before.splitlines() if line not in after] == []


def test_with_a_policy_the_verifier_key_is_for_people_to_add(sample: Shell) -> None:
    assert sample("trust", "init").code == 0
    done = sample("init", "--registry", "registry")
    assert "put the verifier key into your trust policy, under [[logs]]" in done.out
    assert settings(sample)["verify"] == {"trust": "trust.toml"}


def test_a_first_policy_has_the_log(sample: Shell) -> None:
    sample("init", "--registry", "registry")
    key = settings(sample)["verify"]["log"]
    assert sample("trust", "init").code == 0
    assert settings(sample)["verify"] == {"trust": "trust.toml"}
    policy = tomllib.loads((sample.cwd / "trust.toml").read_text())
    assert policy["logs"] == [{"origin": key.split("+")[0], "keys": [key]}]
    assert sample("trust", "check").code == 0
    assert sample("init", "--registry", "registry").code == 0
    assert settings(sample)["verify"] == {"trust": "trust.toml"}


def test_recorded_evidence_is_in_the_log_that_init_made(sample: Shell) -> None:
    sample("init", "--registry", "registry")
    captured = sample("capture", "--dataset", "train=data/train.csv", "--record")
    assert captured.code == 0
    assert "is entry 0 of 1" in captured.out + captured.err
    verified = sample("verify", "--json").document
    inclusion = [
        each for each in verified["targets"][0]["findings"] if each["check"] == "log.inclusion"
    ]
    assert [each["status"] for each in inclusion] == ["passed"]


def test_without_the_log_key_a_recording_waits(sample: Shell) -> None:
    sample("init", "--registry", "registry")
    (key_folder(sample) / "sample-log.pem").rename(sample.cwd / "log.pem")
    captured = sample("capture", "--dataset", "train=data/train.csv", "--record")
    assert captured.code == 0
    assert "waits for auditkit log integrate" in captured.out + captured.err
    assert sample("log", "integrate").code == 2
    assert sample("log", "integrate", "--log-key", "log.pem").code == 0


def test_another_registry_is_not_taken_by_accident(sample: Shell) -> None:
    sample("init", "--registry", "one")
    done = sample("init", "--registry", "two")
    assert done.code == 2
    assert "has another registry: one" in done.err
    assert not (sample.cwd / "two").exists()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--retain", "compliance:7"], "about a registry"),
        (["--single-writer"], "about a registry"),
        (["--registry", "r", "--retain", "forever"], "is no retention"),
        (["--registry", "r", "--retain", "compliance:7"], "cannot keep anybody from deleting"),
        (["--registry", "gs://bucket/r"], "a folder or under s3://"),
        (["--registry", "s3://u:secret@bucket/r"], "neither a bucket"),
    ],
)
def test_what_cannot_be_meant(sample: Shell, flags: list[str], said: str) -> None:
    done = sample("init", *flags)
    assert done.code == 2
    assert said in done.err
    assert "secret" not in done.err
    assert "registry" not in settings(sample)
    assert not (key_folder(sample) / "sample-log.pem").exists()


def test_a_registry_that_locks_what_it_keeps(sample: Shell, s3: S3Server) -> None:
    bucket, prefix = s3.place(lock=True)
    uri = f"s3://{bucket}/{prefix}"
    done = sample("init", "--registry", uri, "--retain", "governance:1", "--json", **s3.environ)
    assert done.code == 0
    made = done.document["registry"]
    assert made["location"] == uri
    assert made["guarantees"]["bucket"] == {
        "versions": True,
        "default_lock": False,
        "lock": "held",
    }
    assert settings(sample)["registry"]["retention"] == "governance:1"
    again = sample("init", "--registry", uri, **s3.environ)
    assert again.code == 0
    assert "cannot be deleted before its time (tried)" in again.out


def test_a_bucket_without_locks_takes_no_retention(sample: Shell, s3: S3Server) -> None:
    bucket, prefix = s3.place()
    uri = f"s3://{bucket}/{prefix}"
    done = sample("init", "--registry", uri, "--retain", "compliance:1", **s3.environ)
    assert done.code == 1
    assert "no retention here" in done.err
    assert "Object Lock" in done.err
    assert "registry" not in settings(sample)


def test_a_server_that_ignores_conditions_is_for_one_writer(sample: Shell, s3: S3Server) -> None:
    bucket, prefix = s3.place()
    uri = f"s3://{bucket}/{prefix}"
    with s3proxy.serve(s3, ignore=CONDITIONS) as proxy:
        environ = {**s3.environ, "AWS_ENDPOINT_URL_S3": proxy.endpoint}
        refused = sample("init", "--registry", uri, **environ)
        assert refused.code == 1
        assert "ignores conditions" in refused.err
        assert "--single-writer" in refused.err
        assert "registry" not in settings(sample)
        taken = sample("init", "--registry", uri, "--single-writer", **environ)
        assert taken.code == 0
        assert "each undoing the other's work" in taken.out
        assert "only one process writes here" in taken.out
        assert settings(sample)["registry"]["single-writer"] is True
        again = sample("init", "--registry", uri, **environ)
        assert again.code == 0
        assert not sample("init", "--registry", uri, "--json", **environ).document["written"]


def test_who_says_single_writer_without_need_gets_many(sample: Shell) -> None:
    assert sample("init", "--registry", "registry", "--single-writer").code == 0
    assert "single-writer" not in settings(sample)["registry"]


def test_a_server_that_is_not_there(sample: Shell, s3: S3Server) -> None:
    toml = sample.cwd / "auditkit.toml"
    toml.write_text(toml.read_text() + "\n[s3]\nattempts = 1\ntimeout = 1\n")
    environ = {**s3.environ, "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}
    done = sample("init", "--registry", "s3://bucket/registry", **environ)
    assert done.code == 1
    assert "no complete answer" in done.err
    assert s3.secret_key not in done.err
    assert not (key_folder(sample) / "sample-log.pem").exists()


def test_a_log_key_that_signs_manifests_too_is_warned_of(sample: Shell) -> None:
    own = str(key_folder(sample) / "sample.pem")
    assert "warning" not in sample("init", "--registry", "apart").err
    (sample.cwd / "auditkit.toml").unlink()
    assert sample("init", "--project", "sample").code == 0
    done = sample("init", "--registry", "shared", AUDITKIT_LOG_KEY=own)
    assert done.code == 0
    assert "give the log a key of its own" in done.err
    again = sample("init", "--registry", "shared", "--json", AUDITKIT_LOG_KEY=own)
    assert len(again.document["registry"]["warnings"]) == 1
    integrated = sample("log", "integrate", "--log-key", own)
    assert (integrated.code, "rewrite the log to fit" in integrated.err) == (0, True)
    (sample.cwd / "auditkit.pub").unlink()
    document = sample("log", "integrate", "--log-key", own, "--json").document
    assert len(document["warnings"]) == 1
