"""The language of a report: its sentences, and how it writes numbers, sizes and times.

English stands in the code. Other languages are GNU gettext catalogues, `LANGUAGE.po`, in
`templates/report/language/`; numbers follow Unicode CLDR by way of Babel.
"""

from __future__ import annotations

import datetime as dt
import gettext
import io
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from auditkit import resources
from auditkit.controls.standing import Reason
from auditkit.errors import RenderError, UsageError
from auditkit.reports.text import NOTHING, parse_time, plain

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

SOURCE: Final = "en"
"""The language that the code is written in."""

_TIED: Final = "\u00a0"
_UNITS: Final = ("kB", "MB", "GB", "TB", "PB", "EB")
_PLACES: Final = re.compile(r"\{([^{}]*)\}")


def message(text: str) -> str:
    """Return `text` as it is: it is a message of the catalogues that is said elsewhere."""
    return text


class Language:
    """Says messages and values. Calling it says a message with values in their places."""

    def __init__(self, tag: str, translations: gettext.NullTranslations) -> None:
        self.tag = tag
        self._translations = translations

    def __call__(self, text: str, /, **values: str) -> str:
        """Return a message in this language; a `{name}` in it stands for the value `name`."""
        return self._translations.gettext(text).format_map(values) if text else ""

    def count(self, number: int, one: str, many: str) -> str:
        """Return a counted noun: `{number} file`, `{number} files`."""
        text = self._translations.ngettext(one, many, number)
        return text.format_map({"number": self.number(number)})

    def reason(self, reason: Reason) -> str:
        """Return a sentence about controls; what comes from evidence in it is made visible."""
        return self(
            reason.text,
            **{
                name: self.number(value) if isinstance(value, int) else plain(value)
                for name, value in reason.values.items()
            },
        )

    def number(self, value: int) -> str:
        """Return an integer with its thousands apart."""
        return self._decimal(value, "#,##0")

    def optional(self, value: int | None) -> str:
        """Return a number, or a dash where there is none."""
        return NOTHING if value is None else self.number(value)

    def fraction(self, value: float) -> str:
        """Return a share between 0 and 1 to at most four digits."""
        return self._decimal(value, "0.####")

    def of(self, part: int, whole: int) -> str:
        """Return a count with its denominator: `12 of 12`."""
        return self("{part} of {whole}", part=self.number(part), whole=self.number(whole))

    def share(self, part: str, whole: str) -> str:
        """Return a size with its denominator: `3.2 MB of 14.9 MB`."""
        return self("{part} of {whole}", part=part, whole=whole)

    def size(self, value: int) -> str:
        """Return a size in bytes to three digits in decimal units (IEC 80000-13): `7.34 MB`."""
        if value < 1000:
            return self.count(value, "{number} byte", "{number} bytes").replace(" ", _TIED)
        scaled = float(value)
        for unit in _UNITS:
            scaled /= 1000
            if scaled < 999.5 or unit == _UNITS[-1]:
                break
        digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
        return f"{self._decimal(round(scaled, digits), _DIGITS[digits])}{_TIED}{unit}"

    def exact_size(self, value: int) -> str:
        """Return a size readable and to the byte: `7.34 MB (7,340,032 bytes)`."""
        if value < 1000:
            return self.size(value)
        exact = self.count(value, "{number} byte", "{number} bytes")
        return f"{self.size(value)} ({exact})"

    def moment(self, value: str) -> str:
        """Return an RFC 3339 time to the second, in UTC: `2026-03-02 09:31:07 UTC`.

        What is no such time is returned as text.
        """
        parsed = parse_time(value)
        return plain(value) if parsed is None else parsed.strftime(self("%Y-%m-%d %H:%M:%S UTC"))

    def date(self, value: dt.date) -> str:
        """Return a day: `2026-03-02`."""
        return value.strftime(self("%Y-%m-%d"))

    def duration(self, start: str, end: str) -> str | None:
        """Return the time between two RFC 3339 times, None if either is none or they are reversed.

        To the second below an hour, to the minute below two days, otherwise in days.
        """
        first, last = parse_time(start), parse_time(end)
        if first is None or last is None or last < first:
            return None
        seconds = round((last - first).total_seconds())
        if seconds >= 2 * 86400:
            return self.count(seconds // 86400, "{number} day", "{number} days")
        hours, rest = divmod(seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        if hours:
            shown = self("{hours} h {minutes} min", hours=str(hours), minutes=str(minutes))
        elif minutes:
            shown = self("{minutes} min {seconds} s", minutes=str(minutes), seconds=str(seconds))
        else:
            shown = self("{seconds} s", seconds=str(seconds))
        return shown.replace(" ", _TIED)

    def _decimal(self, value: float, pattern: str) -> str:
        from babel.numbers import format_decimal  # noqa: PLC0415  27 ms, and only reports need it

        return format_decimal(value, format=pattern, locale=self.tag)


_DIGITS: Final = ("#,##0", "#,##0.0", "#,##0.00")


@cache
def language(tag: str) -> Language:
    """Return the language called `tag`, such as `en` or `de`.

    Raises:
        UsageError: there is no catalogue for it.
        RenderError: its catalogue is wrong.
    """
    if tag == SOURCE:
        return Language(SOURCE, gettext.NullTranslations())
    if tag not in languages():
        raise UsageError(
            f"reports are not written in {tag!r}", hint=f"There are: {', '.join(languages())}."
        )
    file = resources.template(f"{_FOLDER}/{tag}.po")
    return Language(tag, _translations(file.read_bytes(), f"{tag}.po"))


def languages() -> tuple[str, ...]:
    """Return the languages there are, English first."""
    folder = resources.template(_FOLDER)
    found = (each.name for each in folder.iterdir()) if folder.is_dir() else ()
    return (SOURCE, *sorted(name.removesuffix(".po") for name in found if name.endswith(".po")))


_FOLDER: Final = "report/language"


def _translations(data: bytes, name: str) -> gettext.GNUTranslations:
    from babel.messages.mofile import write_mo  # noqa: PLC0415  see above
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    try:
        catalog = read_po(io.BytesIO(data), abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise RenderError(f"not a catalogue of messages ({error})", path=name) from error
    _check_places(catalog, name)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _check_places(catalog: Catalog, name: str) -> None:
    """Refuse a translation with other places for values than its message has.

    Whatever stands in braces is looked up when it is said; anything else than the message's own
    names would fail then, or reach into the values.
    """
    for each in catalog:
        originals = [each.id] if isinstance(each.id, str) else list(each.id)
        string = each.string or ""
        said = [string] if isinstance(string, str) else list(string)
        known = {place for text in originals for place in _PLACES.findall(text)}
        used = {place for text in said for place in _PLACES.findall(text)}
        if each.id and not used <= known:
            raise RenderError(
                f"the translation of {originals[0]!r} has a place for {min(used - known)!r}",
                hint="Keep the names in braces as they are in the message.",
                path=f"{name}:{each.lineno}" if each.lineno else name,
            )
