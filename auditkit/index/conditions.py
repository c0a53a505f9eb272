"""Conditions on parameters and metrics as people write them: `lr>0.1`, `optimiser.name=sgd`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditkit.errors import UsageError
from auditkit.index.facts import Scalar

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_CONDITION = re.compile(r"([^<>=!]+?)\s*(<=|>=|!=|<|>|==?)\s*([^<>=!\s].*|)", re.DOTALL)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a value has to be. Numbers compare with numbers, and text only as equal or not."""

    name: str
    comparison: str
    value: Scalar

    def holds(self, values: Mapping[str, Scalar]) -> bool:
        """Return whether `values` have this one, and as it has to be."""
        if self.name not in values:
            return False
        found = values[self.name]
        if _is_number(found) and _is_number(self.value):
            return _COMPARE[self.comparison](found, self.value)
        if self.comparison in {"=", "!="}:
            same = type(found) is type(self.value) and found == self.value
            return same is (self.comparison == "=")
        return False


def parse_condition(text: str) -> Condition:
    """Return the condition in `NAME<VALUE`, or with one of `<= > >= = !=`.

    A value is a number, `true`, `false`, `null`, or text.

    Raises:
        UsageError: it is none of these; or text is to be smaller or greater.
    """
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"not a condition: {text[:80]!r}",
            hint="Write it like lr>0.1, epochs<=3 or optimiser.name=sgd, in quotes for the shell.",
        )
    name, comparison, value = match[1], match[2].replace("==", "="), _value(match[3])
    if comparison not in {"=", "!="} and not _is_number(value):
        raise UsageError(
            f"{match[3][:40]!r} is not a number, so nothing is {comparison} it",
            hint="Compare text with = or !=.",
        )
    return Condition(name, comparison, value)


def _value(text: str) -> Scalar:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
