"""Parameters and metrics from files and from `K=V` on the command line.

What is returned are plain values that `manifest.numbers.to_json` takes; it is applied once, when
the manifest is made. Values under names of secrets are replaced by `[redacted]`.
"""

from __future__ import annotations

import json
import math
import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from auditkit.errors import ConfigError, UsageError
from auditkit.manifest import numbers
from auditkit.provenance.redact import redact_values

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 32
_NESTING: Final = f"nested deeper than {MAX_DEPTH} levels"
_MAP_HINT: Final = "Give every value a name, as in `lr: 0.01`."


def read_parameters(path: Path) -> dict[str, Any]:
    """Return the map in a JSON, YAML or TOML file, nested as it is there.

    NaN and infinities are taken from JSON too, since `json.dump` writes them.

    Raises:
        ConfigError: absent, larger than 8 MiB, of another kind, malformed, with a key twice,
            nested deeper than 32 levels, or not a map at its top.
    """
    parse = _PARSERS.get(path.suffix.lower())
    if parse is None:
        raise ConfigError(
            f"cannot tell the format from the ending {path.suffix!r}",
            hint="Name it .json, .yaml, .yml or .toml.",
            path=str(path),
        )
    try:
        value = _checked(parse(_read(path)))
    except RecursionError as error:
        raise ConfigError(_NESTING, path=str(path)) from error
    except ValueError as error:
        raise ConfigError(str(error), hint="Correct the file.", path=str(path)) from error
    if not isinstance(value, dict):
        raise ConfigError("the top level is not a map", hint=_MAP_HINT, path=str(path))
    return value


def parse_assignment(text: str) -> tuple[tuple[str, ...], Any]:
    """Return the key path and the value of `K=V`.

    Dots in K nest. V is read as JSON where it is JSON, else taken as text.

    Raises:
        UsageError: no `=`, an empty part of K, or JSON that has no single meaning.
    """
    name, separator, written = text.partition("=")
    keys = tuple(name.split("."))
    if not separator or not all(keys):
        raise UsageError(
            f"{name[:80]!r} is not of the form NAME=VALUE",
            hint="Write for instance lr=0.01 or optimizer.lr=0.01.",
        )
    try:
        nested = _checked(_nest(keys, _value(written)))
    except (ValueError, RecursionError) as error:
        reason = _NESTING if isinstance(error, RecursionError) else error
        raise UsageError(f"the value of {name[:80]!r} cannot be recorded: {reason}") from error
    for key in keys:
        nested = nested[key]
    return keys, nested


def merge(*maps: Mapping[str, Any]) -> dict[str, Any]:
    """Return one map of all: under one key maps are merged, and of other values the last wins."""
    merged: dict[str, Any] = {}
    for each in maps:
        for key, value in each.items():
            before = merged.get(key)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                merged[key] = merge(before, value)
            else:
                merged[key] = value
    return merged


def read_assignments(texts: Iterable[str]) -> dict[str, Any]:
    """Return the map that `K=V` arguments make together; raises UsageError as each would."""
    return merge(*(_nest(*parse_assignment(text)) for text in texts))


def _read(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError("not a regular file", path=str(path))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(
            f"cannot be read ({reason})", hint="Check the path.", path=str(path)
        ) from error
    if len(data) > MAX_BYTES:
        raise ConfigError(
            f"larger than {MAX_BYTES // 1024**2} MiB",
            hint="Record a file of that size as a data set.",
            path=str(path),
        )
    return data.decode("utf-8-sig")


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique, parse_float=_finite)


def _parse_yaml(text: str) -> Any:
    from auditkit import yamlfile  # noqa: PLC0415 - only YAML files need PyYAML

    return yamlfile.loads(text, max_depth=MAX_DEPTH)


_PARSERS: Final[dict[str, Callable[[str], Any]]] = {
    ".json": _parse_json,
    ".yaml": _parse_yaml,
    ".yml": _parse_yaml,
    ".toml": tomllib.loads,
}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:80]!r} stands twice")
        found[key] = value
    return found


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"number out of range: {text[:40]}")
    return value


def _value(written: str) -> Any:
    try:
        return _parse_json(written)
    except json.JSONDecodeError:
        return written


def _nest(keys: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(keys):
        value = {key: value}
    nested: dict[str, Any] = value
    return nested


def _checked(value: Any) -> Any:
    """Return `value` without secrets; raises ValueError if a manifest cannot hold it."""
    try:
        _check(numbers.to_json(value), MAX_DEPTH)
    except TypeError as error:
        raise ValueError(str(error)) from error
    return redact_values(value)


def _check(value: Any, depth: int) -> None:
    if depth < 0:
        raise ValueError(_NESTING)
    if isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, str) and not value.isascii():
        value.encode()  # a lone surrogate is a ValueError
