"""Templates of a team, run where they reach nothing but the report as data.

Everything that they print is escaped and made visible. They call no method and no function, load
no file, and have only filters that neither make markup nor give other results another time.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from auditkit.errors import RenderError
from auditkit.reports.fragment import FragmentError, check_fragment
from auditkit.reports.text import NOTHING, plain, revealed

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

LONGEST: Final = 2_000
"""Characters of one value that a template prints."""

_MOST_CHARACTERS: Final = 500_000
_FILTERS: Final = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby",
    "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject",
    "rejectattr", "replace", "reverse", "round", "select", "selectattr", "sort", "string",
    "sum", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
_HINT: Final = "See docs/guides/templates.md for what templates can use."


def render_fragment(source: str, name: str, values: Mapping[str, Any]) -> str:
    """Return the markup that the template `name` makes of `values`, checked.

    Raises:
        RenderError: the template is wrong, fails, or makes markup that is not allowed; names the
            file and the line.
    """
    import jinja2  # noqa: PLC0415  slow to import, and few reports need it

    try:
        code = _environment().compile(source, name, name)
        template = jinja2.Template.from_code(_environment(), code, {})
        markup = revealed("".join(_bounded(template.generate(values))))
    except jinja2.TemplateSyntaxError as error:
        raise _wrong(f"wrong template ({error.message})", name, error.lineno) from error
    except (
        jinja2.TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise _wrong(f"the template failed ({error})", name, _line(error, name)) from error
    try:
        check_fragment(markup)
    except FragmentError as error:
        line = _line_with(source, error.element)
        raise _wrong(f"markup that a template must not make ({error})", name, line) from error
    return markup


@cache
def _environment() -> SandboxedEnvironment:
    import jinja2  # noqa: PLC0415  see above
    from jinja2.exceptions import SecurityError  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Sandbox(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%"})

        def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002  nothing is
            """Refuse every call: methods of values can fill the memory, macros recurse."""
            return False

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            """Refuse what makes long texts and huge numbers out of short ones."""
            numbers = isinstance(left, int | float) and isinstance(right, int | float)
            if not numbers or operator == "**":
                raise SecurityError(f"the operator {operator} is for numbers, ** is not allowed")
            return super().call_binop(context, operator, left, right)

    environment = Sandbox(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    return environment


def _shown(value: Any) -> Any:
    if value is None:
        return NOTHING
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return plain(value, LONGEST)
    return plain(str(value), LONGEST) if isinstance(value, list | dict) else value


def _bounded(pieces: Any) -> Any:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > _MOST_CHARACTERS:
            raise ValueError(f"it prints more than {_MOST_CHARACTERS:,} characters")
        yield piece


def _line(error: BaseException, name: str) -> int | None:
    """Return the template's own line that an error came from: the innermost of them."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((each.lineno for each in reversed(frames) if each.filename == name), None)


def _line_with(source: str, element: str) -> int | None:
    place = source.lower().find(f"<{element.lower()}")
    return None if place < 0 else source.count("\n", 0, place) + 1


def _wrong(message: str, name: str, line: int | None) -> RenderError:
    where = name if line is None else f"{name}:{line}"
    return RenderError(message, path=where, hint=_HINT)
