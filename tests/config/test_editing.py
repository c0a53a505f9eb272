"""A policy takes the place of a key in auditkit.toml, and nothing else changes."""

from __future__ import annotations

import tomllib

import pytest

from auditkit.config.editing import with_policy

BEFORE = """# ours
project = "p"  # the project

[sign]
key = "k.pem"

[verify]
# who is trusted
key = "auditkit.pub"

[outputs]
model = "m"
"""


def test_only_the_key_of_verify_is_replaced() -> None:
    after = with_policy(BEFORE, "policies/trust.toml")
    assert after == BEFORE.replace('key = "auditkit.pub"', 'trust = "policies/trust.toml"')


@pytest.mark.parametrize("name", ['a"b.toml', "a\\b", "é.toml"])
def test_any_name_is_written_as_toml(name: str) -> None:
    after = with_policy(BEFORE, name)
    assert after is not None
    assert tomllib.loads(after)["verify"] == {"trust": name}


@pytest.mark.parametrize(
    "text",
    [
        'verify = { key = "auditkit.pub" }\n',
        '[verify]\nkey = "a"  # ours\n',
        '[sign]\nkey = "a"\n',
        '[verify]\ntrust = "a"\n',
        'verify.key = "a"\n',
        'note = """\nkey = "a"\n"""\n[verify]\nkey="""b"""\n',
        "",
    ],
)
def test_what_is_written_otherwise_is_left_alone(text: str) -> None:
    assert with_policy(text, "trust.toml") is None
