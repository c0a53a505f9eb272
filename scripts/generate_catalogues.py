"""Bring `templates/report/language/*.po` up to date with the messages of code and templates.

What is translated stays; a message without a translation is left empty for a translator, and one
that nothing says any more is dropped.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "templates" / "report" / "language"

Message = str | tuple[str, ...]

_Keywords = dict[str, tuple[int, ...] | None]

_PYTHON: _Keywords = {"say": None, "self": None, "message": None, "Reason": None, "count": (2, 3)}
_TEMPLATE: _Keywords = {"say": None}


def messages() -> list[Message]:
    """Return every message once, a counted noun as its two forms, in alphabetical order."""
    found = {each for each in (*_in_code(), *_in_templates()) if each}
    return sorted(found, key=lambda each: each if isinstance(each, str) else each[0])


def _in_code() -> Iterator[Message]:
    for folder in ("reports", "controls"):
        for path in sorted((ROOT / "auditkit" / folder).rglob("*.py")):
            yield from _extracted("python", path, _PYTHON)


def _in_templates() -> Iterator[Message]:
    for path in sorted((ROOT / "templates" / "report").rglob("*.html")):
        yield from _extracted("jinja2.ext:babel_extract", path, _TEMPLATE)


def _extracted(method: str, path: Path, keywords: _Keywords) -> Iterator[Message]:
    with path.open("rb") as file:
        options = {"encoding": "utf-8", "trimmed": "true"}
        for _, said, _, _ in extract(method, file, keywords=keywords, options=options):
            yield said


def updated(language: str, text: str) -> str:
    """Return the catalogue in `text` with today's messages."""
    before = read_po(io.StringIO(text), locale=language) if text else Catalog(locale=language)
    catalog = Catalog(
        locale=language,
        header_comment="# Sentences of the report. The names in braces stand for values.",
    )
    for each in messages():
        key = each if isinstance(each, str) else each[0]
        known = before.get(key)
        catalog.add(each, string=known.string if known else None)
    output = io.BytesIO()
    write_po(output, catalog, width=100, no_location=True, omit_header=False, sort_output=True)
    return _without_dates(output.getvalue().decode())


def _without_dates(text: str) -> str:
    """Leave out what would differ each day, and who nobody is."""
    kept = ("Language:", "MIME", "Content", "Plural")
    head, _, rest = text.partition("\n\n")
    lines = [
        line
        for line in head.splitlines()
        if (not line.startswith('"') or line.lstrip('"').startswith(kept)) and line != "#, fuzzy"
    ]
    return "\n".join(lines) + "\n\n" + rest


def main() -> None:
    """Write every catalogue that there is."""
    for path in sorted(FOLDER.glob("*.po")):
        path.write_text(updated(path.stem, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
