"""Which markup a team's templates may make: text, lists and tables, whole, and nothing else.

What they make stands between sections that the program answers for, so it must neither load or
hide anything, nor end the element that it stands in.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_VOID: Final = frozenset({"br", "hr", "wbr"})
_ELEMENTS: Final = _VOID | {
    "a", "abbr", "b", "blockquote", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h4",
    "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "small", "span", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "var",
}  # fmt: skip
_CLASSES: Final = frozenset({"note", "notice", "label", "number"})
_CELLS: Final = frozenset({"td", "th"})


_TAG: Final = re.compile(
    r"""</?[a-z][a-z0-9]*(?:\s+[a-z-]+(?:="[^"<>]*"|='[^'<>]*')?)*\s*/?>""", re.IGNORECASE
)
"""A tag that every reader of HTML takes for the same; nothing else may begin with `<`."""


class FragmentError(Exception):
    """Markup that is not allowed; `element` is where it was found."""

    def __init__(self, message: str, element: str) -> None:
        super().__init__(message)
        self.element = element


def check_fragment(markup: str) -> None:
    """Raise FragmentError unless `markup` is made of whole elements that are allowed.

    Links lead to places in the same report; tables are even, which PDF/UA asks for (ISO 14289-1,
    7.5).
    """
    rest = _TAG.sub("", markup)
    if "<" in rest:
        odd = rest[rest.index("<") :][:20]
        raise FragmentError(f"{odd!r} is no whole tag", odd[1:].split("\n")[0])
    parser = _Checker()
    parser.feed(markup)
    parser.close()
    parser.end()


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._widths: list[list[int]] = []

    def end(self) -> None:
        if self._open:
            raise FragmentError(f"<{self._open[-1]}> is not closed", self._open[-1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS:
            raise FragmentError(f"<{tag}> is not allowed", tag)
        for name, value in attrs:
            if not _is_allowed(tag, name, value or ""):
                raise FragmentError(f"<{tag} {name}> is not allowed", tag)
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "table":
            self._widths.append([])
        elif tag == "tr" and self._widths:
            self._widths[-1].append(0)
        elif tag in _CELLS and self._widths and self._widths[-1]:
            self._widths[-1][-1] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            raise FragmentError(f"<{tag}/> is not closed", tag)
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            raise FragmentError(f"</{tag}> closes nothing", f"/{tag}")
        if tag == "table" and len(set(self._widths.pop())) > 1:
            raise FragmentError("the rows of a table differ in length", tag)


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if name == "class":
        return set(value.split()) <= _CLASSES
    if name == "href":
        return tag == "a" and value.startswith("#")
    if name == "scope":
        return tag == "th" and value in {"row", "col"}
    return name == "lang" or (name == "title" and tag == "abbr")
