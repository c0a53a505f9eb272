"""YAML under its two versions, by both of PyYAML's parsers."""

import math

import pytest
import yaml

from auditkit import yamlfile
from auditkit.yamlfile import loads

BOMB = "a: &a [1, 1]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_what_is_refused(version):
    for text in ("a: {b: [[1]]}", BOMB, "a: &a [*a]", "a: 1\na: 2", "{", "\x07", "a: !!int ''"):
        with pytest.raises(ValueError):
            loads(text, max_depth=3, version=version)


def test_both_parsers_say_the_same(monkeypatch):
    texts = ("a: {b: [1, no, 1:30, 1e-5]}", "", "a: ~", "- &x 1\n- *x")
    by_c = [loads(text, max_depth=4) for text in texts]
    monkeypatch.setitem(yamlfile._LOADERS, "1.1", yaml.SafeLoader)
    assert [loads(text, max_depth=4) for text in texts] == by_c


@pytest.mark.parametrize(
    ("written", "by_1_1", "by_1_2"),
    [
        ("no", False, "no"),
        ("on", True, "on"),
        ("true", True, True),
        ("1:30", 90, "1:30"),
        ("1e-05", "1e-05", 1e-05),
        ("1.5", 1.5, 1.5),
        ("-3", -3, -3),
        ("012", 10, 12),
        ("0o14", "0o14", 12),
        ("0x1F", 31, 31),
        ("'012'", "012", "012"),
        (".inf", math.inf, math.inf),
        ("~", None, None),
        ("", None, None),
        ("1_000", 1000, "1_000"),
        ("<<x", "<<x", "<<x"),
        ("2024-01-02x", "2024-01-02x", "2024-01-02x"),
    ],
)
def test_plain_scalars_of_both_versions(written, by_1_1, by_1_2):
    for version, expected in (("1.1", by_1_1), ("1.2", by_1_2)):
        found = loads(f"a: {written}", max_depth=2, version=version)["a"]
        assert (type(found), found) == (type(expected), expected)


def test_merge_keys_under_the_core_schema():
    text = "a: &a {x: 1, y: no}\nb: {<<: *a, y: 2}"
    assert loads(text, max_depth=3, version="1.2")["b"] == {"x": 1, "y": 2}
