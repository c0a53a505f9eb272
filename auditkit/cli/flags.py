"""A set of flags that several commands share arrives as one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, TypeVar

Flags = TypeVar("Flags")
Command = Callable[..., Any]


def grouped(
    kind: type[Flags], options: Sequence[Callable[[Command], Command]]
) -> Callable[[Command], Command]:
    """Return a decorator that adds `options` to a command and hands them over as `kind`.

    Several of them on one command hand over their values in the order in which they stand.
    `kind` is a dataclass whose fields are named like the options' parameters.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type] # any dataclass

    def decorate(command: Command) -> Command:
        @wraps(command)
        def wrapped(*groups: Any, **values: Any) -> Any:
            own = kind(**{name: values.pop(name) for name in names})
            return command(*groups, own, **values)

        decorated: Command = wrapped
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate
