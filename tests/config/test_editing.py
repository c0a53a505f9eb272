"""What auditkit adds to or changes in auditkit.toml, and that nothing else changes."""

from __future__ import annotations

import tomllib

import pytest

from auditkit.config.editing import with_policy, with_values
from auditkit.errors import ConfigError

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


def test_the_key_of_a_log_goes_with_it() -> None:
    text = with_values(BEFORE, "verify", {"log": ["a+1+k", "b+2+k"]})
    assert with_policy(text, "trust.toml") == with_policy(BEFORE, "trust.toml")


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


def test_values_go_into_a_table_that_is_there() -> None:
    text = "[verify]  # whom we trust\nkey = 'a.pub'\n\n[registry]\nuri = 'x'"
    changed = with_values(text, "verify", {"log": "name+1+k", "key": "a.pub"})
    assert changed == (
        "[verify]  # whom we trust\nlog = \"name+1+k\"\nkey = 'a.pub'\n\n[registry]\nuri = 'x'\n"
    )
    assert with_values(changed, "verify", {"log": "name+1+k"}) == changed


@pytest.mark.parametrize("text", ["", "project = 'p'", "project = 'p'\n", "[a]\nb = 1\n"])
def test_a_table_is_made_at_the_end(text: str) -> None:
    changed = with_values(text, "registry", {"uri": "é\\", "on": True, "keys": ["a", "b"]})
    assert changed.startswith(text)
    added = tomllib.loads(changed)["registry"]
    assert added == {"uri": "é\\", "on": True, "keys": ["a", "b"]}


def test_another_value_is_not_overwritten() -> None:
    with pytest.raises(ConfigError, match='uri is "x" already'):
        with_values("[registry]\nuri = 'x'\n", "registry", {"uri": "y"})


@pytest.mark.parametrize(
    "text", ["registry = { uri = 'x' }", "registry.uri = 'x'", "s = '''\n[registry]\n'''\n"]
)
def test_values_go_nowhere_else(text: str) -> None:
    with pytest.raises(ConfigError, match="not changed by a program") as caught:
        with_values(text, "registry", {"on": True})
    assert "on = true" in (caught.value.hint or "")
