"""YAML from strangers: no objects, no bombs, one meaning per key.

PyYAML keeps the last of two equal keys, expands aliases without end, and its C parser follows
deep nesting until the stack is gone. All three are refused before anything is built.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

MAX_NODES: Final = 1_000_000
"""Values in a document after its aliases are expanded."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE: Final = "tag:yaml.org,2002:merge"


class _RefusedError(ValueError):
    def __init__(self, reason: str, mark: Any) -> None:
        super().__init__(f"{reason} (line {mark.line + 1})")


def loads(text: str, *, max_depth: int) -> Any:
    """Return the value of a document of one YAML 1.1 stream, as PyYAML's safe loader reads it.

    Raises:
        ValueError: not YAML, an unknown tag, a key twice in one map, nested deeper than
            `max_depth`, an alias within itself, or more than `MAX_NODES` values.
    """
    try:
        _check_depth(text, max_depth)
        loader = _LOADER(text)
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


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
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
