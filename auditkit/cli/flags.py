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

    `kind` is a dataclass whose fields are named like the options' parameters.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type] # any dataclass

    def decorate(command: Command) -> Command:
        @wraps(command)
        def wrapped(**values: Any) -> Any:
            return command(kind(**{name: values.pop(name) for name in names}), **values)

        decorated: Command = wrapped
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate
