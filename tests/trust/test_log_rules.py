"""What a trust policy says about transparency logs, and what it may not say."""

from __future__ import annotations

from pathlib import Path

import pytest
from keypool import key_signer
from policies import new_signer, policy, signer_table

from auditkit.errors import ConfigError, KeyFileError
from auditkit.registry.notekeys import verifier_key
from auditkit.trust.explain import describe
from auditkit.trust.rules import Rules

LOG = verifier_key(key_signer("ecdsa-p256").public_key, "churn/1")
WITNESS = verifier_key(key_signer("ed25519", 1).public_key, "witness", cosigner=True)
SECOND = verifier_key(key_signer("ml-dsa-44", 1).public_key, "second", cosigner=True)


def rules(folder: Path, text: str) -> Rules:
    return policy(folder, signer_table("ci", "ci") + text, ci=new_signer()).rules


def logs(*cosigners: object, rest: str = "") -> str:
    names = ", ".join(f'"{each}"' for each in cosigners)
    return f'[[logs]]\norigin = "churn/1"\nkeys = ["{LOG}"]\ncosigners = [{names}]\n{rest}\n'


def test_a_log_with_its_keys_and_cosigners(tmp_path: Path) -> None:
    found = rules(tmp_path, logs(WITNESS, SECOND, rest="cosignatures = 2"))
    (log,) = found.logs
    assert (log.origin, log.keys, log.cosigners, log.needed) == (
        "churn/1",
        (LOG,),
        (WITNESS, SECOND),
        2,
    )
    assert "2 of 2 cosigners must have signed its checkpoint." in describe(found)


@pytest.mark.parametrize(
    ("cosigners", "rest", "needed"),
    [((), "", 0), ((WITNESS, SECOND), "", 1), ((WITNESS,), "cosignatures = 0", 0)],
)
def test_how_many_cosigners_are_needed(
    tmp_path: Path, cosigners: tuple[object, ...], rest: str, needed: int
) -> None:
    assert rules(tmp_path, logs(*cosigners, rest=rest)).logs[0].needed == needed


def test_an_earlier_checkpoint_can_be_required(tmp_path: Path) -> None:
    found = rules(tmp_path, logs() + "[require]\nlog = true\nconsistency = true\n")
    assert found.require.consistency
    assert "Every log must be held against an earlier checkpoint of it." in describe(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[require]\nlog = true\n", "no log is trusted"),
        ("[require]\nconsistency = true\n", "no log is trusted"),
        (logs(WITNESS, rest="cosignatures = 2"), "2 cosignatures are required"),
        (logs(WITNESS, WITNESS, rest="cosignatures = 2"), "2 cosignatures are required"),
        (logs(LOG), "does not cosign"),
        (logs().replace(str(LOG), str(WITNESS)), "only cosigns"),
        (logs() + logs(), "two logs"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        rules(tmp_path, text)


def test_a_key_under_another_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="not that of the key"):
        rules(tmp_path, logs().replace(LOG.key_id.hex(), "00000000"))
