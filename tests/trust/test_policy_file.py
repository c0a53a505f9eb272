"""What a trust policy may say, and what is refused before it is used."""

from __future__ import annotations

import base64
import hashlib
import json
import tomllib
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jsonschema import Draft202012Validator
from policies import new_signer, policy, signer_table, write_policy
from timestamping import make_root

from auditkit.errors import ConfigError, KeyFileError
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import generate_private_key
from auditkit.trust.load import load_policy
from auditkit.trust.policy import decode_policy

ROOT = Path(__file__).resolve().parents[2]

FULL = """
description = "Everything a policy can say."
layout = "strict"

[require]
signatures = 2
timestamp = true
log = true
steps = ["code", "lineage"]

[require.approvals]
"model owner" = 1

[algorithms]
allowed = ["ed25519", "rsa-pss"]
minimum-rsa-bits = 4096

[[signers]]
name = "churn CI"
kind = "machine"
projects = ["churn", "churn-*"]
statements = ["training-run"]
not-before = 2026-01-01T00:00:00Z
not-after = 2028-01-01T00:00:00+01:00
keys = ["ci.pub", { key = "old.pub", revoked-at = 2026-06-01T00:00:00Z, reason = "superseded" }]

[[signers]]
name = "release"
kind = "machine"
require = "all"
keys = ["a.pub", "b.pub"]

[[signers]]
name = "Jane Doe"
kind = "person"
role = "model owner"
keys = ["jane.pub"]

[[authorities]]
name = "a stamper"
roots = ["root.pem"]

[[logs]]
origin = "example.org/log"
keys = ["PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
"""


def full_files() -> dict[str, object]:
    names = ("ci", "old", "a", "b", "jane")
    return {**{name: new_signer() for name in names}, "root": make_root().pem}


def test_everything_it_can_say_arrives(tmp_path: Path) -> None:
    trust = policy(tmp_path, FULL, **full_files())
    rules = trust.rules
    assert [each.name for each in rules.principals] == ["churn CI", "release", "Jane Doe"]
    ci, release, jane = rules.principals
    assert ci.validity.not_after == datetime.fromisoformat("2027-12-31T23:00:00Z")
    assert [key.validity.reason for key in ci.keys] == [None, "superseded"]
    assert (release.require, release.needed) == ("all", 2)
    assert (jane.kind, jane.role, jane.statements) == ("person", "model owner", {"approval"})
    assert rules.require.steps == {"code", "lineage", "log"}
    assert rules.require.approvals == {"model owner": 1}
    assert (rules.strict_layout, rules.require.timestamp, rules.require.signatures) == (
        True,
        True,
        2,
    )
    assert [each.name for each in rules.authorities] == ["a stamper"]
    assert rules.logs[0].origin == "example.org/log"


def test_the_verdict_names_the_file_and_every_file_it_refers_to(tmp_path: Path) -> None:
    described = policy(tmp_path, FULL, **full_files()).describe()
    digest = hashlib.sha256((tmp_path / "trust.toml").read_bytes()).hexdigest()
    assert (described.kind, described.source, described.sha256) == ("policy", "flag", digest)
    assert {each.path for each in described.files} >= {"ci.pub", "jane.pub", "root.pem"}
    for each in described.files:
        assert hashlib.sha256((tmp_path / each.path).read_bytes()).hexdigest() == each.sha256


def test_the_schema_takes_what_the_model_takes() -> None:
    schema = json.loads((ROOT / "schemas" / "trust.v1.json").read_text())
    document = tomllib.loads("version = 1\n" + FULL)
    Draft202012Validator(schema).validate(json.loads(json.dumps(document, default=str)))
    decode_policy(("version = 1\n" + FULL).encode())


def test_a_key_may_stand_in_the_policy_itself(tmp_path: Path) -> None:
    signer = new_signer()
    text = f'[[signers]]\nname = "a"\nkind = "machine"\nkeys = ["""{signer.public_key.pem().decode()}"""]'
    trust = policy(tmp_path, text)
    assert trust.rules.principals[0].keys[0].public_key == signer.public_key
    assert trust.files == ()


CI = signer_table("ci", "ci")
JANE = signer_table("Jane", "jane", kind="person", rest='role = "owner"')

REFUSED = {
    "no signers": ("", "signers"),
    "unknown field": ('extra = "x"\n' + CI, "unknown field `extra`"),
    "unknown field of a signer": (CI + 'extra = "x"', "unknown field `extra`"),
    "misspelt kind": (CI.replace("machine", "robot"), "robot"),
    "a date without a time": (CI + "not-after = 2027-01-01", "date"),
    "a time without an offset": (CI + "not-after = 2027-01-01T00:00:00", "timezone"),
    "an empty window": (
        CI + "not-before = 2027-01-01T00:00:00Z\nnot-after = 2026-01-01T00:00:00Z",
        "not-before is not before",
    ),
    "revoked without a reason": (CI + "revoked-at = 2027-01-01T00:00:00Z", "go together"),
    "a reason without a time": (CI + 'reason = "retired"', "go together"),
    "an unknown reason": (CI + 'revoked-at = 2027-01-01T00:00:00Z\nreason = "bored"', "bored"),
    "a machine that approves": (CI + 'statements = ["approval"]', "a machine cannot approve"),
    "an approver without a role": (JANE.replace('role = "owner"', "") + CI, "needs a role"),
    "no keys": (CI.replace('["ci.pub"]', "[]"), "keys or a certificate"),
    "two of one name": (CI + CI.replace("ci.pub", "jane.pub"), "two signers are named 'ci'"),
    "one key for two": (CI + CI.replace('"ci"', '"other"'), "named twice"),
    "one key twice": (CI.replace('"ci.pub"', '"ci.pub", "ci.pub"'), "named twice"),
    "an algorithm that is not allowed": (
        CI + '[algorithms]\nallowed = ["ecdsa-p256"]',
        "ed25519, which is not allowed",
    ),
    "an unknown algorithm": (CI + '[algorithms]\nallowed = ["rot13"]', "unknown algorithm"),
    "a weak minimum": (CI + "[algorithms]\nminimum-rsa-bits = 1024", "3072"),
    "a timestamp of nobody": (CI + "[require]\ntimestamp = true", "no authority is trusted"),
    "more signatures than signers": (CI + "[require]\nsignatures = 2", "1 signers may sign"),
    "approvers who do not sign runs": (
        CI + JANE + "[require]\nsignatures = 2",
        "1 signers may sign",
    ),
    "an approval nobody can give": (
        CI + '[require.approvals]\n"owner" = 1',
        "0 signers can give one",
    ),
    "more approvals than persons": (
        CI + JANE + '[require.approvals]\n"owner" = 2',
        "1 signers can give one",
    ),
    "an unknown step": (CI + '[require]\nsteps = ["dance"]', "dance"),
    "no TOML": ("[[[", "not a trust policy"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_policy_may_be(tmp_path: Path, name: str) -> None:
    text, message = REFUSED[name]
    with pytest.raises(ConfigError) as caught:
        policy(tmp_path, text, ci=new_signer(), jane=new_signer())
    assert message in caught.value.message
    assert caught.value.path == str(tmp_path / "trust.toml")


def test_a_version_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = write_policy(tmp_path, CI, ci=new_signer())
    path.write_text(path.read_text().replace("version = 1", "version = 2"))
    with pytest.raises(ConfigError):
        load_policy(path, source="flag")


@pytest.mark.parametrize("bits", [1024, 2048])
def test_weak_rsa_keys_are_refused_when_the_policy_is_loaded(tmp_path: Path, bits: int) -> None:
    key = rsa.generate_private_key(65537, bits).public_key()
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(KeyFileError, match="RSA key of") as caught:
        policy(tmp_path, CI.replace("ci.pub", "weak.pem"), weak=pem)
    assert caught.value.path == str(tmp_path / "weak.pem")
    assert "signer 'ci'" in caught.value.message


def test_a_policy_may_ask_for_larger_rsa_keys(tmp_path: Path) -> None:
    signer = new_signer("rsa-pss")
    policy(tmp_path, CI, ci=signer)
    with pytest.raises(ConfigError, match="3072 bits, fewer than 4096"):
        policy(tmp_path, CI + "[algorithms]\nminimum-rsa-bits = 4096", ci=signer)


def test_small_order_keys_are_refused_when_the_policy_is_loaded(tmp_path: Path) -> None:
    prefix = bytes.fromhex("302a300506032b6570032100")
    pem = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"
    small = pem.format(base64.b64encode(prefix + b"\x01" + bytes(31)).decode()).encode()
    with pytest.raises(KeyFileError, match="small order"):
        policy(tmp_path, CI.replace("ci.pub", "weak.pem"), weak=small)


@pytest.mark.parametrize("content", [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAA"])
def test_what_is_no_root_certificate(tmp_path: Path, content: bytes) -> None:
    text = CI + '[[authorities]]\nname = "t"\nroots = ["root.pem"]'
    with pytest.raises(KeyFileError, match="authority 't': not a certificate"):
        policy(tmp_path, text, ci=new_signer(), root=content)


def test_a_private_key_is_never_read_as_a_signer(tmp_path: Path) -> None:
    private, _ = write_key_pair(tmp_path / "k.pem", generate_private_key("ed25519"), None)
    with pytest.raises(KeyFileError, match="private key") as caught:
        policy(tmp_path, CI.replace("ci.pub", "k.pem"))
    assert private.read_text().splitlines()[1] not in str(caught.value)


def test_a_missing_policy_names_its_path(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="no such trust policy"):
        load_policy(tmp_path / "nowhere.toml", source="flag")
