"""YAML from strangers: no objects, no bombs, one meaning per key.

PyYAML keeps the last of two equal keys, expands aliases without end, and its C parser follows
deep nesting until the stack is gone. All three are refused before anything is built.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final, Literal

import yaml

MAX_NODES: Final = 1_000_000
"""Values in a document after its aliases are expanded."""

_SAFE: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = _TAG + "merge"

_CORE_SCHEMA: Final = (
    ("null", r"~|null|Null|NULL|", ("", *"~nN")),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("merge", r"<<", "<"),
)
"""Plain scalars of YAML 1.2.2, section 10.3.2; merge keys of 1.1 beside them, as writers do."""


class _CoreLoader(_SAFE):  # type: ignore[misc] # which of the two is known at run time only
    """The safe loader under the core schema: `no` is text, `1:30` is text, `1e-5` a number."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


def _construct_int(_: Any, node: yaml.ScalarNode) -> int:
    text = node.value
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


for _name, _pattern, _first in _CORE_SCHEMA:
    _CoreLoader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), list(_first))
_CoreLoader.add_constructor(_TAG + "int", _construct_int)

_LOADERS: Final[dict[str, type[Any]]] = {"1.1": _SAFE, "1.2": _CoreLoader}


class _RefusedError(ValueError):
    def __init__(self, reason: str, mark: Any) -> None:
        super().__init__(f"{reason} (line {mark.line + 1})")


def loads(text: str, *, max_depth: int, version: Literal["1.1", "1.2"] = "1.1") -> Any:
    """Return the value of the document of a stream.

    Under YAML 1.1 it is what PyYAML's safe loader reads. Under 1.2 plain scalars follow the core
    schema.

    Raises:
        ValueError: not YAML, an unknown tag, a key twice in one map, nested deeper than
            `max_depth`, an alias within itself, or more than `MAX_NODES` values.
    """
    opened = _LOADERS[version]
    try:
        _check_depth(text, opened, max_depth)
        loader = opened(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _measure(node, {})
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = f" (line {mark.line + 1})" if mark else ""
        raise ValueError(f"{error.problem or error.context}{at}") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error).partition("\n")[0]) from error
    except (AttributeError, LookupError, TypeError) as error:
        # What PyYAML's constructors raise for `!!bool x`, `!!timestamp x` and the like.
        raise ValueError("a value does not fit its tag") from error


def _check_depth(text: str, opened: type[Any], max_depth: int) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=opened):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > max_depth:
                raise _RefusedError(f"nested deeper than {max_depth} levels", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _measure(node: Any, sizes: dict[int, int]) -> int:
    """Return how many values `node` has with its aliases expanded."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in sizes:
        size = sizes[id(node)]
        if not size:
            raise _RefusedError("an alias stands within what it names", node.start_mark)
        return size
    sizes[id(node)] = 0
    children = node.value
    if isinstance(node, yaml.MappingNode):
        _check_keys(node)
        children = [each for pair in node.value for each in pair]
    size = 1 + sum(_measure(child, sizes) for child in children)
    if size > MAX_NODES:
        raise _RefusedError(f"more than {MAX_NODES} values", node.start_mark)
    sizes[id(node)] = size
    return size


def _check_keys(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _RefusedError("a key is not text", key.start_mark)
        if key.value in seen and key.tag != _MERGE:
            raise _RefusedError(f"the key {key.value[:80]!r} stands twice", key.start_mark)
        seen.add(key.value)
