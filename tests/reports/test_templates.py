"""What a team's templates can add to a report, and what they can not."""

from __future__ import annotations

import io
import json
import struct
import zlib
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pikepdf
import pytest
from reports import samples
from reports.hostile import HOSTILE, hostile
from reports.markup import parse

from auditkit.config import load_settings
from auditkit.config.templates import templates_from
from auditkit.errors import AuditkitError, ConfigError, RenderError
from auditkit.evidence import Evidence
from auditkit.reports import render
from auditkit.reports.options import ReportOptions
from auditkit.reports.templates import Templates, read_templates


def png(width: int = 2, height: int = 2) -> bytes:
    """Return a picture of one colour, with a transparent half."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = (b"\x00" + b"\x1d\x4f\x7c\xff" * width) * height if width * height < 100 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


INDEX = b"""
accent = "#6b2d86"
accent-dark = "#d7a8ee"
assertion = "assertion.html"

[logo]
file = "logo.png"
text = "Operations research"

[[sections]]
title = "Review of the model"
template = "review.html"
"""
ASSERTION = b"""<p>We assert for run <code>{{ run.statement.predicate.run.id }}</code>:</p>
<blockquote><p>{{ report.engagement.assertion }}</p></blockquote>"""
REVIEW = b"""<table><thead><tr><th scope="col">Data set</th><th scope="col">Source</th></tr></thead><tbody>
{% for each in report.runs[0].statement.predicate.datasets %}
<tr><th scope="row">{{ each.name }}</th><td>{{ (each.declared|default({})).source|default("not stated") }}</td></tr>
{% endfor %}
</tbody></table>"""
FILES = {
    "report.toml": INDEX,
    "assertion.html": ASSERTION,
    "review.html": REVIEW,
    "logo.png": png(),
}


def made(evidence: Evidence, files: dict[str, bytes]) -> str:
    return render(evidence, "html", options(read_templates(files))).decode()


def options(templates: Templates) -> ReportOptions:
    return msgspec.structs.replace(samples.FULL, templates=templates)


def section(template: str, evidence: Evidence | None = None) -> str:
    """Return the report with one section of its own, which is made from `template`."""
    index = b"[[sections]]\ntitle = 'Own'\ntemplate = 'own.html'\n"
    files = {"report.toml": index, "own.html": template.encode()}
    html = made(evidence or samples.passed(), files)
    return html.partition('<section class="part own">')[2].partition("</section>")[0]


def test_a_team_adds_its_logo_colour_wording_and_sections() -> None:
    html = made(samples.passed(), FILES)
    parse(html.encode())
    assert '<img src="data:image/png;base64,' in html
    assert 'alt="Operations research"' in html
    assert "--accent: #6b2d86;" in html
    assert f"We assert for run <code>{samples.RUN_ID}</code>" in html
    assert " Review of the model</h2>" in html
    assert "This section is the team&#39;s own." in html
    assert "report.toml, logo.png, assertion.html, review.html" in html
    assert html.index("Review of the model</h2>") < html.index("Sign-off</h2>")


def test_each_run_has_its_own_assertion() -> None:
    html = made(samples.several(), {**FILES, "assertion.html": b"<p>For {{ run.source }}.</p>"})
    for run in samples.several().runs:
        said = f"<p>For {run.verdict.source}.</p>" in html
        assert said == (run.statement is not None)
    assert " Review of the model</h2>" in html


def test_the_report_names_and_carries_the_files_it_was_made_with() -> None:
    chosen = options(read_templates(FILES))
    data = json.loads(render(samples.passed(), "json", chosen))
    assert set(data["templates"]) == set(FILES)
    content = render(samples.passed(), "pdf", chosen)
    with pikepdf.open(io.BytesIO(content)) as document:
        carried = {
            name.removeprefix("templates."): spec.get_file().read_bytes()
            for name, spec in document.attachments.items()
            if name.startswith("templates.")
        }
        pictures = [each for each in document.objects if is_picture(each)]
    assert carried == FILES
    assert read_templates(carried) == read_templates(FILES)
    assert len(pictures) >= 1
    assert not any(bool(each.get("/Interpolate", False)) for each in pictures)


def is_picture(item: pikepdf.Object) -> bool:
    return isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"


def test_nobody_asserts_anything_of_a_run_that_is_not_authentic() -> None:
    index = b'assertion = "assertion.html"'
    html = made(samples.unauthenticated(), {"report.toml": index, "assertion.html": ASSERTION})
    assert "We assert for run" not in html


def test_the_colour_is_that_of_the_headings_on_paper() -> None:
    index = b'accent = "#6b2d86"'
    chosen = msgspec.structs.replace(
        samples.OPTIONS, templates=read_templates({"report.toml": index})
    )
    with pikepdf.open(io.BytesIO(render(samples.unauthenticated(), "pdf", chosen))) as document:
        used = {
            tuple(round(float(each) * 255) for each in operands)
            for operands, operator in pikepdf.parse_content_stream(document.pages[1])
            if str(operator) == "rg"
        }
    assert (0x6B, 0x2D, 0x86) in used
    assert (0x1D, 0x4F, 0x7C) not in used


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_are_printed_as_text(text: str) -> None:
    template = (
        "<p>{{ report.runs[0].source }} {{ report.runs[0].statement.predicate.parameters }}"
        "{% for key, value in report.runs[0].statement.predicate.parameters|items %}"
        "{{ key }}={{ value }}{{ value ~ '' }}{% endfor %}</p>"
    )
    own = section(template, hostile(text))
    outer = Tags()
    outer.feed(own)
    assert outer.tags <= {"h2", "span", "p"}
    assert not any(each in own for each in "\u202e\u2066\x1b\x9b\x00")


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("<p>\n{{ 1 + }}</p>", 2, "wrong template"),
        ("<p>\n\n{% if report %}</p>", 3, "wrong template"),
        ("<p>{{ report.nothing.here }}</p>", 1, "the template failed"),
        ("\n<p>{{ 1 / 0 }}</p>", 2, "the template failed (division by zero)"),
        ("\n{% for each in 5 %}{% endfor %}", 2, "the template failed"),
        ("{{ report.__class__ }}", 1, "unsafe"),
        ("{{ report['__class__'] }}", 1, "the template failed"),
        ("{{ ''|attr('__class__') }}", 1, "wrong template (No filter named 'attr'"),
        ("{{ 'x'.ljust(9) }}", 1, "not safely callable"),
        ("{{ '{0.__class__}'.format(report) }}", 1, "not safely callable"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", 1, "not safely callable"),
        ("{{ range(3) }}", 1, "not safely callable"),
        ("{{ 'x' * 1000000000 }}", 1, "the operator * is for numbers"),
        ("{{ 9 ** 9 ** 9 }}", 1, "** is not allowed"),
        ("{{ '%1000000000d' % 1 }}", 1, "the operator % is for numbers"),
        ("{% include 'report.toml' %}", 1, "the template failed"),
        ("{% import '/etc/passwd' as x %}", 1, "the template failed"),
        ("{% extends 'report/report.html' %}", 1, "the template failed"),
        ("{{ report|tojson }}", 1, "No filter named 'tojson'"),
        ("{{ '<p>'|safe }}", 1, "No filter named 'safe'"),
        ("<p>a</p>\n<script>alert(1)</script>", 2, "<script> is not allowed"),
        ("<style>main { display: none }</style>", 1, "<style> is not allowed"),
        ("<p style='position: fixed'>x</p>", 1, "<p style> is not allowed"),
        ("<p onclick='x'>x</p>", 1, "<p onclick> is not allowed"),
        ("<p class='cover'>x</p>", 1, "<p class> is not allowed"),
        ("<p id='summary'>x</p>", 1, "<p id> is not allowed"),
        ("<a href='https://127.0.0.1/'>x</a>", 1, "<a href> is not allowed"),
        ("<a href='javascript:alert(1)'>x</a>", 1, "<a href> is not allowed"),
        ("<img src='data:,x'>", 1, "<img> is not allowed"),
        ("<iframe srcdoc='x'></iframe>", 1, "<iframe> is not allowed"),
        ("<svg><script>x</script></svg>", 1, "<svg> is not allowed"),
        ("<!-- hidden -->", 1, "no whole tag"),
        ("<!DOCTYPE html>", 1, "no whole tag"),
        ("<![CDATA[x]]>", 1, "no whole tag"),
        ("<p>x", 1, "<p> is not closed"),
        ("</section></main>", 1, "</section> closes nothing"),
        ("<p><b>x</p></b>", 1, "</p> closes nothing"),
        ("<p", 1, "no whole tag"),
        ("<p\n<b>x</b></p>", 1, "no whole tag"),
        ("<p title='a\">x</p>", 1, "no whole tag"),
        ("{% autoescape false %}{{ '<script>' }}{% endautoescape %}", 1, "<script> is not allowed"),
        ("{% set x %}<{% endset %}{{ x }}script>", None, "<script> is not allowed"),
        (
            "<table><tr><td>1</td></tr><tr><td>1</td><td>2</td></tr></table>",
            1,
            "rows of a table differ",
        ),
        (
            "{% for a in report.runs[0].datasets %}" * 9 + "{{ a }}" * 99 + "{% endfor %}" * 9,
            None,
            "500,000",
        ),
    ],
)
def test_a_template_that_is_wrong_names_its_file_and_line(
    template: str, line: int | None, message: str
) -> None:
    with pytest.raises(RenderError) as raised:
        section(template)
    assert message in str(raised.value)
    assert raised.value.path == ("own.html" if line is None else f"own.html:{line}")
    assert raised.value.hint


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("accent = 'red'", "report.toml"),
        ("accent = '#ffff00'", "too faint"),
        ("accent-dark = '#202020'", "too faint"),
        ("accent = '#000000; } * { display: none'", "report.toml"),
        ("css = 'own.css'", "unknown field"),
        ("assertion = '../secret.html'", "not the name of a file beside it"),
        ("assertion = '/etc/passwd'", "not the name of a file beside it"),
        ("assertion = 'https://127.0.0.1/x'", "not the name of a file beside it"),
        ("assertion = 'report.toml'", "not the name of a file beside it"),
        ("assertion = 'none.html'", "cannot be read"),
        ("assertion = 'link.html'", "leads out of the folder"),
        ("assertion = 'folder'", "not a file"),
        ("assertion = 'latin.html'", "not UTF-8"),
        ("assertion = 'large.html'", "larger than 1 MiB"),
        ("[logo]\nfile = 'latin.html'\ntext = 'x'", "not a PNG"),
        ("[logo]\nfile = 'wide.png'\ntext = 'x'", "larger than 4000 pixels"),
        ("[logo]\nfile = 'logo.png'", "text"),
        ("not toml", "report.toml"),
    ],
)
def test_a_folder_that_is_wrong_is_refused(tmp_path: Path, index: str, message: str) -> None:
    folder = tmp_path / "templates"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret.html").write_text("<p>secret</p>")
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    (folder / "latin.html").write_bytes(b"<p>\xe4</p>")
    (folder / "large.html").write_bytes(b" " * (1024 * 1024 + 1))
    (folder / "wide.png").write_bytes(png(4001, 1000))
    (folder / "logo.png").write_bytes(png())
    (folder / "report.toml").write_text(index)
    with pytest.raises(ConfigError) as raised:
        templates_from(load_settings(tmp_path), folder)
    assert message in str(raised.value)
    assert str(folder) in str(raised.value)


def test_a_folder_without_an_index_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(AuditkitError, match="cannot be read") as raised:
        templates_from(load_settings(tmp_path), tmp_path)
    assert "report.toml" in str(raised.value.hint)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.tags.add(tag)
