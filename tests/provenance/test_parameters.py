"""Parameters and metrics from files and assignments."""

import json
import math
import os
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.errors import ConfigError, UsageError
from auditkit.manifest import numbers
from auditkit.provenance.parameters import (
    merge,
    parse_assignment,
    read_assignments,
    read_parameters,
)


def written(tmp_path, name: str, content: str | bytes):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.json", '{"lr": 0.1, "model": {"layers": [1, 2], "name": "größe"}, "on": true}'),
        ("p.JSON", '\ufeff{"lr": 0.1, "model": {"layers": [1, 2], "name": "größe"}, "on": true}'),
        ("p.yaml", "lr: 0.1\nmodel:\n  layers: [1, 2]\n  name: größe\non: true\n"),
        ("p.yml", "{lr: 0.1, model: {layers: [1, 2], name: größe}, 'on': yes}"),
        ("p.toml", 'lr = 0.1\non = true\n[model]\nlayers = [1, 2]\nname = "größe"\n'),
    ],
)
def test_nested_keys_are_kept(tmp_path, name, content):
    found = read_parameters(written(tmp_path, name, content))
    found = {"on" if key is True else key: value for key, value in found.items()}
    assert found == {"lr": 0.1, "model": {"layers": [1, 2], "name": "größe"}, "on": True}


def test_numbers_that_json_cannot_carry(tmp_path):
    for name, content in (
        ("m.json", '{"loss": NaN, "best": -Infinity, "n": 9007199254740993}'),
        ("m.yaml", "{loss: .nan, best: -.inf, n: 9007199254740993}"),
        ("m.toml", "loss = nan\nbest = -inf\nn = 9007199254740993\n"),
    ):
        found = read_parameters(written(tmp_path, name, content))
        assert math.isnan(found["loss"])
        assert numbers.to_json(found) == {
            "loss": {"$number": "NaN"},
            "best": {"$number": "-Infinity"},
            "n": {"$number": "9007199254740993"},
        }


def test_dates_become_text_in_a_manifest(tmp_path):
    found = read_parameters(written(tmp_path, "p.yaml", "day: 2025-01-31\n"))
    assert found == {"day": date(2025, 1, 31)}
    assert numbers.to_json(found) == {"day": "2025-01-31"}


def test_anchors_and_merge_keys_are_read(tmp_path):
    content = (
        "base: &base {lr: 1, x: 1}\nrun: &run\n  <<: *base\n  x: 2\nmore:\n  <<: *run\n  x: 3\n"
    )
    found = read_parameters(written(tmp_path, "p.yaml", content))
    assert found["run"] == {"lr": 1, "x": 2}
    assert found["more"] == {"lr": 1, "x": 3}


def test_secrets_do_not_get_in(tmp_path):
    content = '{"hf_token": "hush", "db": {"password": 1234, "host": "h"}, "max_tokens": 512}'
    found = read_parameters(written(tmp_path, "p.json", content))
    assert found == {
        "hf_token": "[redacted]",
        "db": {"password": "[redacted]", "host": "h"},
        "max_tokens": 512,
    }
    assert parse_assignment("db.password=hush") == (("db", "password"), "[redacted]")


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.json", "", "Expecting value"),
        ("p.json", "[1]", "the top level is not a map"),
        ("p.yaml", "", "the top level is not a map"),
        ("p.yaml", "- 1", "the top level is not a map"),
        ("p.json", '{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("p.yaml", "x: 1\na: 1\na: 2\n", r"the key 'a' stands twice \(line 3\)"),
        ("p.yaml", "x: {1: a, '1': b}\n", r"the key '1' stands twice \(line 1\)"),
        ("p.toml", "a = 1\na = 2\n", r"line 2"),
        ("p.json", '{\n"a": }', "line 2"),
        ("p.yaml", "a: 1\nb: [\n", "line 3"),
        ("p.json", '{"a": 1e999}', "number out of range"),
        ("p.json", '{"a": ' + "9" * 5000 + "}", "integer string conversion"),
        ("p.json", '{"a": "\\ud800"}', "surrogates"),
        ("p.json", b'{"a": "\xff"}', "utf-8"),
        ("p.json", '{"a": ' + "[" * 40 + "]" * 40 + "}", "nested deeper than 32"),
        ("p.json", '{"a": ' + "[" * 100_000, "nested deeper than 32"),
        ("p.toml", "a = " + "[" * 100_000, "nested deeper than 32"),
        ("p.yaml", "a: " + "[" * 1_000_000, r"nested deeper than 32 levels \(line 1\)"),
        ("p.yaml", BOMB, "more than 1000000 values"),
        ("p.yaml", "a: &a [*a]", "an alias stands within what it names"),
        ("p.yaml", "a: *b", "undefined alias"),
        ("p.yaml", "a: !!python/object/apply:os.system [x]", "could not determine a constructor"),
        ("p.yaml", "a: !!bool maybe", "does not fit its tag"),
        ("p.yaml", "a: !!timestamp noon", "does not fit its tag"),
        ("p.yaml", "a: !!int ''", "does not fit its tag"),
        ("p.yaml", "a: 2025-13-45", "month must be"),
        ("p.yaml", "a: !!binary aGk=", "has no JSON form"),
        ("p.yaml", "a: !!set {x}", "has no JSON form"),
        ("p.yaml", "? [1, 2]\n: x\n", "a key is not text"),
        ("p.yaml", "null: x\n", "a map key of type NoneType is not text"),
        ("p.yaml", "a: 1\n---\nb: 2\n", "line 2"),
        ("p.yaml", "a: \x00", "control characters"),
        ("p.ini", "a=1", "cannot tell the format"),
        ("p", "a=1", "cannot tell the format"),
    ],
)
def test_what_cannot_be_read_names_the_file_and_the_place(tmp_path, name, content, message):
    path = written(tmp_path, name, content)
    with pytest.raises(ConfigError, match=message) as caught:
        read_parameters(path)
    assert caught.value.path == str(path)


def test_absent_special_and_oversized_files(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        read_parameters(tmp_path / "absent.json")
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(ConfigError, match="not a regular file"):
        read_parameters(tmp_path / "pipe.json")
    with pytest.raises(ConfigError, match="larger than 8 MiB"):
        read_parameters(written(tmp_path, "big.json", b" " * (8 * 1024 * 1024 + 1)))


@pytest.mark.parametrize(
    ("text", "keys", "value"),
    [
        ("lr=0.01", ("lr",), 0.01),
        ("lr=1e-3", ("lr",), 0.001),
        ("optimizer.lr=1", ("optimizer", "lr"), 1),
        ("name=resnet", ("name",), "resnet"),
        ("name=", ("name",), ""),
        ("name=a=b", ("name",), "a=b"),
        ('name="1"', ("name",), "1"),
        ("on=true", ("on",), True),
        ("none=null", ("none",), None),
        ("layers=[1, 2]", ("layers",), [1, 2]),
        ('nested={"a": {"b": 1}}', ("nested",), {"a": {"b": 1}}),
        ("broken={a", ("broken",), "{a"),
        ("best=-Infinity", ("best",), -math.inf),
    ],
)
def test_assignments(text, keys, value):
    assert parse_assignment(text) == (keys, value)


@pytest.mark.parametrize(
    "text",
    [
        *("lr", "=1", "", "a..b=1", ".a=1", "a.=1", 'a={"b": 1, "b": 2}', "a=1e999", "a=\udcff"),
        *("a=" + "[" * 100_000, ".".join("a" * 50) + "=1"),
    ],
)
def test_assignments_that_cannot_be_recorded(text):
    with pytest.raises(UsageError):
        parse_assignment(text)


def test_assignments_make_one_map():
    found = read_assignments(["a.b=1", "a.c=2", "d=3", "d.e=4", "a.b=5"])
    assert found == {"a": {"b": 5, "c": 2}, "d": {"e": 4}}


def test_merging_leaves_what_was_merged_alone():
    one, other = {"a": {"b": 1}, "x": [1]}, {"a": {"c": 2}, "x": [2]}
    assert merge(one, other) == {"a": {"b": 1, "c": 2}, "x": [2]}
    assert one == {"a": {"b": 1}, "x": [1]}
    assert merge() == {}


KEYS = st.text("abc$.", min_size=1, max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("xyz", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES))
def test_what_json_wrote_is_read_as_it_was(tmp_path_factory, values):
    path = written(tmp_path_factory.mktemp("p"), "p.json", json.dumps(values))
    found = read_parameters(path)
    assert repr(numbers.from_json(numbers.to_json(found))) == repr(values)


@given(st.lists(st.dictionaries(KEYS, st.dictionaries(KEYS, st.integers()))))
def test_merging_in_groups_is_merging_at_once(maps):
    assert merge(*maps) == merge(merge(*maps[:1]), merge(*maps[1:]))
