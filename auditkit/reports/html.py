"""The report as one HTML file: no script, no outside resource, everything escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from auditkit import resources
from auditkit.errors import RenderError
from auditkit.evidence import Attachment, Evidence
from auditkit.reports.handed import handed_over
from auditkit.reports.language import language
from auditkit.reports.options import ReportOptions
from auditkit.reports.text import chunks, is_digest, pieces
from auditkit.reports.view import build_view

if TYPE_CHECKING:
    import jinja2

_PAGE = "report/report.html"


def render_html(evidence: Evidence, options: ReportOptions) -> bytes:
    """Return the report as UTF-8 HTML; the same input gives the same bytes.

    Raises:
        RenderError: a template cannot be read or is wrong; names the file and line.
        UsageError: there is no such language.
    """
    return page(evidence, options, handed_over(evidence, options)).encode()


def page(evidence: Evidence, options: ReportOptions, handed: tuple[Attachment, ...]) -> str:
    """Return the report as HTML; `handed` are the files that it names, from `handed_over`.

    Raises:
        RenderError, UsageError: see `render_html`.
    """
    import jinja2  # noqa: PLC0415  slow to import, and no other command needs it

    view = build_view(evidence, options, handed)
    try:
        template = _environment().get_template(_PAGE)
        return template.render(report=view, say=language(options.language))
    except jinja2.TemplateSyntaxError as error:
        where = f"{error.name}:{error.lineno}"
        raise RenderError(f"wrong template ({error.message})", path=where) from error
    except jinja2.TemplateError as error:
        raise RenderError(f"the report's template failed ({error})", path=_PAGE) from error


@cache
def _environment() -> jinja2.Environment:
    import jinja2  # noqa: PLC0415  see above

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(_load),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["chunks"] = chunks
    environment.filters["pieces"] = pieces
    environment.tests["digest"] = is_digest
    environment.tests["lines"] = _is_lines
    return environment


def _load(name: str) -> str | None:
    file = resources.template(name)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _is_lines(value: object) -> bool:
    return isinstance(value, tuple)
