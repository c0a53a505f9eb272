"""The page as a browser and a screen reader meet it."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest
from reports import samples
from reports.hostile import HOSTILE, hostile
from reports.markup import Element, parse

from auditkit.errors import RenderError
from auditkit.evidence import Evidence
from auditkit.reports import html as html_module
from auditkit.reports.html import render_html
from auditkit.reports.options import ReportOptions
from auditkit.resources import template

NAMES = ["passed", "failed", "indeterminate", "unauthenticated", "several"]
ELEMENTS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "header",
        "nav",
        "main",
        "section",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "div",
        "span",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "ul",
        "ol",
        "li",
        "code",
        "pre",
        "wbr",
        "strong",
        "blockquote",
        "figure",
        "figcaption",
        "svg",
        "rect",
        "path",
    ]
)


def page(evidence: Evidence) -> Element:
    return parse(render_html(evidence, samples.FULL))


@pytest.mark.parametrize("name", NAMES)
def test_structure_is_sound(name: str) -> None:
    document = page(getattr(samples, name)())
    levels = [int(each.tag[1]) for each in document.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = [each.attributes["id"] for each in document.all() if "id" in each.attributes]
    assert [each for each, times in Counter(ids).items() if times > 1] == []
    targets = [str(each.attributes["href"]) for each in document.all("a")]
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    for landmark in ("header", "nav", "main", "footer"):
        assert len(document.all(landmark)) == 1
    assert document.all("html")[0].attributes["lang"] == "en"
    assert document.all("a")[0].attributes["class"] == "skip"


@pytest.mark.parametrize("name", NAMES)
def test_tables_are_captioned_and_scoped(name: str) -> None:
    for table in page(getattr(samples, name)()).all("table"):
        captions = table.all("caption")
        assert [bool(each.text.strip()) for each in captions] == [True]
        assert all(each.attributes.get("scope") in {"row", "col"} for each in table.all("th"))
        rows = {len(row.children) for row in table.all("tr")}
        assert len(rows) == 1


def test_nothing_is_loaded_or_run() -> None:
    document = page(samples.several())
    assert {each.tag for each in document.all()} <= ELEMENTS
    policy = next(
        str(each.attributes["content"])
        for each in document.all("meta")
        if each.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    css = "".join(each.text for each in document.all("style"))
    assert "url(" not in css
    assert "@import" not in css


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Whatever the text, the page has the elements that it has with harmless text."""
    wicked, harmless = page(hostile(text)), page(hostile("harmless"))
    # Names and digests differ in where their lines may break.
    skeletons = [
        [
            (each.tag, sorted(each.attributes))
            for each in document.all()
            if each.tag not in {"wbr", "span"}
        ]
        for document in (wicked, harmless)
    ]
    assert skeletons[0] == skeletons[1]
    assert {each.tag for each in wicked.all()} <= ELEMENTS
    for element in wicked.all():
        assert not [name for name in element.attributes if name.startswith("on")]
        assert str(element.attributes.get("href", "#")).startswith("#")
        assert re.fullmatch(r"(width: \d+%)?", str(element.attributes.get("style", "")))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00\x1b\x9b]", wicked.text)
    assert "x" * 301 not in wicked.text


def test_template_syntax_is_printed_and_not_run() -> None:
    text = page(hostile("{{7*191}}")).text
    assert "{{7*191}}" in text
    assert "1337" not in text


@pytest.mark.parametrize("name", ["passed", "several"])
def test_the_same_input_gives_the_same_bytes(name: str) -> None:
    sample = getattr(samples, name)
    first = render_html(sample(), samples.OPTIONS)
    assert first == render_html(sample(), samples.OPTIONS)
    assert first != render_html(sample(), ReportOptions(generated_at="2027-01-01T00:00:00Z"))


def test_a_broken_template_names_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    load = html_module._load
    broken = {"report/sections/summary.html": "fine\n{% if %}\n"}
    monkeypatch.setattr(html_module, "_load", lambda name: broken.get(name) or load(name))
    html_module._environment.cache_clear()
    try:
        with pytest.raises(RenderError, match=r"report/sections/summary\.html:2: wrong template"):
            render_html(samples.passed(), samples.OPTIONS)
    finally:
        html_module._environment.cache_clear()


def test_an_undefined_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    load = html_module._load
    broken = {"report/sections/summary.html": "{{ report.no_such_thing }}"}
    monkeypatch.setattr(html_module, "_load", lambda name: broken.get(name) or load(name))
    html_module._environment.cache_clear()
    try:
        with pytest.raises(RenderError, match="no_such_thing"):
            render_html(samples.passed(), samples.OPTIONS)
    finally:
        html_module._environment.cache_clear()


PAIRS = (
    ("ink", "paper", 7.0),
    ("ink", "panel", 7.0),
    ("ink", "passed-panel", 7.0),
    ("ink", "indeterminate-panel", 7.0),
    ("muted", "paper", 4.5),
    ("accent", "paper", 4.5),
    ("passed", "paper", 4.5),
    ("passed", "passed-panel", 4.5),
    ("indeterminate", "paper", 4.5),
    ("indeterminate", "indeterminate-panel", 4.5),
    ("on-failed", "failed-fill", 4.5),
    ("failed", "paper", 3.0),
)


@pytest.mark.parametrize("sheet", ["base.css", "screen.css"])
def test_colours_have_contrast(sheet: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 for text; 1.4.11: 3 for borders. Running text gets 7 (1.4.6)."""
    css = template(f"report/{sheet}").read_text(encoding="utf-8")
    palette = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))
    for front, back, least in PAIRS:
        assert contrast(palette[front], palette[back]) >= least, (front, back)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB colour (WCAG 2.2, glossary)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
