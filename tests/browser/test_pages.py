"""Reports in a real browser: no violation of accessibility, no script, and nothing cut off."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from reports import gallery, samples
from reports.hostile import HOSTILE, hostile
from reports.test_templates import FILES

from auditkit.evidence import Evidence
from auditkit.reports.html import render_html
from auditkit.reports.options import ReportOptions
from auditkit.reports.templates import read_templates

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"phone": 390, "laptop": 1280, "desktop": 1600}
GERMAN = msgspec.structs.replace(samples.FULL, language="de")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "this test needs Chromium; scripts/bootstrap test installs it"
    with sync_playwright() as engine:
        started = engine.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


def written(folder: Path, evidence: Evidence, options: ReportOptions) -> str:
    file = folder / "report.html"
    file.write_bytes(render_html(evidence, options))
    return file.as_uri()


def opened(browser: Browser, address: str, width: int = 1280, scheme: Any = "light") -> Page:
    """Return the page with the report's own policy switched off, so that the rules can run in it."""
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page.goto(address)
    return page


def violations(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 20
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_a_report_has_no_violation_at_any_width(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    page = opened(browser, written(tmp_path, samples.failed(), samples.FULL), width, scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("name", ["passed", "indeterminate", "unauthenticated", "several"])
def test_other_reports_have_none_either(browser: Browser, tmp_path: Path, name: str) -> None:
    page = opened(browser, written(tmp_path, getattr(samples, name)(), GERMAN))
    assert violations(page) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_have_reports_of_a_period_or_in_a_teams_own_words(
    browser: Browser, tmp_path: Path, scheme: str
) -> None:
    evidence, options = gallery.quarter(12)
    own = msgspec.structs.replace(options, templates=read_templates(FILES))
    page = opened(browser, written(tmp_path, evidence, own), WIDTHS["phone"], scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]
    assert page.locator(".logo img").evaluate("each => each.naturalWidth") == 2
    page.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_runs_nothing_and_asks_for_nothing(
    browser: Browser, tmp_path: Path, text: str
) -> None:
    address = written(tmp_path, hostile(text), samples.FULL)
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.on("console", lambda message: messages.append(message.text))
    page.goto(address)
    assert asked == [address]
    assert messages == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_it_can_be_read_with_the_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, written(tmp_path, samples.failed(), samples.FULL))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#summary")
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    page.close()


def test_links_from_controls_lead_to_findings_in_view(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, written(tmp_path, samples.failed(), samples.FULL))
    page.locator(".controls a[href='#finding-30']").first.click()
    assert page.locator("#finding-30").is_visible()
    assert page.evaluate("document.getElementById('finding-30').getBoundingClientRect().top") < 900
    page.close()


def test_it_prints_in_colours_and_without_what_is_for_the_screen(
    browser: Browser, tmp_path: Path
) -> None:
    page = opened(browser, written(tmp_path, samples.failed(), samples.FULL))
    page.emulate_media(media="print")
    assert not page.locator(".skip").is_visible()
    assert page.locator("h1").evaluate("each => getComputedStyle(each).color") == "rgb(26, 31, 38)"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
