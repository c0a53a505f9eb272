"""Numbers, sizes and times, and the catalogues that say everything else in other languages."""

from __future__ import annotations

import ast
import datetime as dt
import gettext
import io
from collections.abc import Iterator

import generate_catalogues
import msgspec
import pytest
from babel.messages.pofile import read_po
from reports import samples
from reports.hostile import HOSTILE, hostile
from reports.markup import parse

from auditkit.controls.standing import Reason
from auditkit.errors import RenderError, UsageError
from auditkit.reports.html import render_html
from auditkit.reports.language import _translations, language, languages

ENGLISH = language("en")


@pytest.mark.parametrize(
    ("bytes_", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.00 kB"),
        (9_994, "9.99 kB"),
        (9_996, "10.0 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_600, "1.00 MB"),
        (7_340_032, "7.34 MB"),
        (5 * 10**21, "5,000 EB"),
    ],
)
def test_size_has_three_digits(bytes_: int, shown: str) -> None:
    assert ENGLISH.size(bytes_).replace("\u00a0", " ") == shown


def test_exact_size_gives_every_byte() -> None:
    assert ENGLISH.exact_size(7_340_032) == "7.34\u00a0MB (7,340,032 bytes)"
    assert ENGLISH.exact_size(12) == "12\u00a0bytes"


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("2026-03-02T09:30:07.4Z", "7 s"),
        ("2026-03-02T09:31:07Z", "1 min 7 s"),
        ("2026-03-03T10:31:07Z", "25 h 1 min"),
        ("2026-03-02T09:29:59Z", None),
        ("9999-99-99T99:99:99Z", None),
    ],
)
def test_duration(end: str, shown: str | None) -> None:
    found = ENGLISH.duration("2026-03-02T09:30:00Z", end)
    assert (found and found.replace("\u00a0", " ")) == shown


def test_moment_keeps_what_is_no_time() -> None:
    assert ENGLISH.moment("2026-03-02T09:31:07.250Z") == "2026-03-02 09:31:07 UTC"
    assert ENGLISH.moment("2026-99-02T09:31:07Z") == "2026-99-02T09:31:07Z"


def test_english_needs_no_catalogue_and_others_are_listed() -> None:
    assert languages() == ("en", "de")
    assert ENGLISH("{part} of {whole}", part="1", whole="2") == "1 of 2"
    assert ENGLISH("") == ""
    with pytest.raises(UsageError, match="not written in 'fr'") as caught:
        language("fr")
    assert caught.value.hint == "There are: en, de."


def test_catalogues_are_up_to_date_and_complete() -> None:
    for path in generate_catalogues.FOLDER.glob("*.po"):
        text = path.read_text(encoding="utf-8")
        assert generate_catalogues.updated(path.stem, text) == text, "`make vectors`"
        catalog = read_po(io.StringIO(text), abort_invalid=True)
        assert [each.id for each in catalog if each.id and not each.string] == []
        assert [each.id for each in catalog if each.fuzzy and each.id] == []
        assert catalog.num_plurals == 2


def test_every_message_in_the_code_is_found_even_inside_other_strings() -> None:
    known = {each if isinstance(each, str) else each[0] for each in generate_catalogues.messages()}
    said = set()
    for folder in ("reports", "controls"):
        for path in (generate_catalogues.ROOT / "auditkit" / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            said |= {text for node in ast.walk(tree) for text in messages_of(node)}
    assert len(said) > 400
    assert said - known == set()


def messages_of(node: ast.AST) -> Iterator[str]:
    """Yield what a call says, where it is a literal."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    if node.func.id in ("say", "message", "Reason") and isinstance(node.args[0], ast.Constant):
        yield node.args[0].value


def test_german_says_numbers_times_and_counts_its_own_way() -> None:
    german = language("de")
    assert german.number(1_234_567) == "1.234.567"
    assert german.exact_size(7_340_032) == "7,34\u00a0MB (7.340.032 Bytes)"
    assert german.of(3, 1_000) == "3 von 1.000"
    assert german.count(1, "{number} file", "{number} files") == "1 Datei"
    assert german.count(2, "{number} file", "{number} files") == "2 Dateien"
    assert german.moment("2026-03-02T09:31:07.250Z") == "02.03.2026, 09:31:07 UTC"
    assert german.date(dt.date(2027, 12, 2)) == "02.12.2027"
    assert german.fraction(0.15) == "0,15"
    reason = Reason("Approved by {names}.", {"names": "a\u202eb {x}"})
    assert german.reason(reason) == "Freigegeben von a[U+202E]b {x}."


class Recorder(gettext.NullTranslations):
    """Notes what a catalogue does not have."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: list[str] = []

    def gettext(self, message: str) -> str:
        self.missing.append(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.missing.append(msgid1)
        return msgid1 if n == 1 else msgid2


@pytest.mark.parametrize(
    "name", ["passed", "failed", "indeterminate", "unauthenticated", "several"]
)
def test_nothing_is_said_that_the_catalogue_does_not_have(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    monkeypatch.setattr(language("de")._translations, "_fallback", recorder)
    options = msgspec.structs.replace(samples.FULL, language="de")
    render_html(getattr(samples, name)(), options)
    assert recorder.missing == []


def test_a_german_report_marks_what_is_quoted_in_english() -> None:
    options = msgspec.structs.replace(samples.FULL, language="de")
    page = parse(render_html(samples.failed(), options))
    assert page.all("html")[0].attributes["lang"] == "de"
    assert page.all("h1")[0].text == "Nachweisbericht zu einem Trainingslauf"
    quoted = [each.text for each in page.all("span") if each.attributes.get("lang") == "en"]
    assert "a recorded file is missing" in quoted
    assert "Signature manifestations" in quoted
    english = parse(render_html(samples.failed(), samples.FULL))
    assert [each for each in english.all("span") if "lang" in each.attributes] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_never_taken_for_a_message(text: str) -> None:
    options = msgspec.structs.replace(samples.FULL, language="de")
    assert render_html(hostile(text), options).startswith(b"<!DOCTYPE html>")


CATALOGUE = """
msgid ""
msgstr ""
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "{part} of {whole}"
msgstr "%s"
"""


def test_a_translation_cannot_reach_into_values() -> None:
    with pytest.raises(RenderError, match=r"has a place for 'part\.__class__'") as caught:
        _translations((CATALOGUE % "{part.__class__}").encode(), "xx.po")
    assert caught.value.path == "xx.po:8"
    assert _translations((CATALOGUE % "{whole}/{part}").encode(), "xx.po")


@pytest.mark.parametrize("text", ['msgid "a"\nmsgid "b"\n', 'msgid "a\n', "\udcff"])
def test_a_broken_catalogue_is_an_error(text: str) -> None:
    with pytest.raises(RenderError, match="not a catalogue of messages"):
        _translations(text.encode("utf-8", "surrogateescape"), "xx.po")
