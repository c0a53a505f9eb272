"""What the PDF claims, it has: read back with pikepdf."""

from __future__ import annotations

import io
import itertools
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pikepdf
import pytest
from jsonschema import Draft202012Validator
from reports import samples
from reports.hostile import HOSTILE, hostile

from auditkit.digests import sha256_hex
from auditkit.errors import MissingDependencyError, RenderError
from auditkit.evidence import Attachment
from auditkit.findings import decode_verdict
from auditkit.reports import render
from auditkit.reports.handed import handed_over, with_hashes
from auditkit.reports.pdf import render_pdf
from auditkit.reports.xmp import declare_pdfua
from auditkit.resources import schema

A4_WIDTH, MARGIN = 210 / 25.4 * 72, 20 / 25.4 * 72
SCHEMA = Draft202012Validator(json.loads(schema("hashes.v1.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def passed() -> Iterator[pikepdf.Pdf]:
    content = render(samples.passed(), "pdf", samples.FULL)
    with pikepdf.open(io.BytesIO(content)) as document:
        yield document


def test_it_identifies_as_pdf_a_3a_and_pdf_ua_1(passed: pikepdf.Pdf) -> None:
    assert passed.check_pdf_syntax() == []
    with passed.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"].startswith("Training-run evidence report: 0192f7a4")
        assert metadata["xmp:CreateDate"] == samples.GENERATED_AT
    xmp = passed.Root.Metadata.read_bytes()
    assert xmp.count(b"<rdf:RDF") == 1
    assert b"PDF/UA identification schema" in xmp


def test_it_is_tagged_titled_and_in_a_language(passed: pikepdf.Pdf) -> None:
    root = passed.Root
    assert bool(root.MarkInfo.Marked)
    assert root.StructTreeRoot.K
    assert str(root.Lang) == "en"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert all(str(page.obj.Tabs) == "/S" for page in passed.pages)
    assert root.OutputIntents[0].S == pikepdf.Name.GTS_PDFA1
    assert root.OutputIntents[0].DestOutputProfile.read_bytes()[36:40] == b"acsp"
    assert root.Outlines.Count != 0
    tags = structure(root.StructTreeRoot)
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Caption", "/L"} <= tags
    assert "/H6" not in tags


def test_every_font_is_embedded(passed: pikepdf.Pdf) -> None:
    descriptors = [each for each in passed.objects if kind(each) == "/FontDescriptor"]
    assert descriptors
    for each in descriptors:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(each.keys())
    assert {str(each.FontName).split("+")[1][:6] for each in descriptors} == {"DejaVu"}


def test_attachments_are_the_evidence_byte_for_byte(passed: pikepdf.Pdf) -> None:
    evidence = samples.passed()
    name = json.loads(passed.attachments["hashes.json"].get_file().read_bytes())["typesetting"]
    carried = with_hashes(handed_over(evidence, samples.FULL), name)
    wanted = {each.name: sha256_hex(each.content) for each in carried}
    found = {
        name: sha256_hex(spec.get_file().read_bytes()) for name, spec in passed.attachments.items()
    }
    assert found == wanted
    assert set(found) > {"manifest.sigstore.json", "verdict.json", "packages.json"}
    verdict = passed.attachments["verdict.json"].get_file().read_bytes()
    assert decode_verdict(verdict) == evidence.verdict
    kinds = {str(spec.UF): str(spec.AFRelationship) for spec in passed.Root.AF}
    assert set(kinds) == set(found)
    assert kinds["manifest.sigstore.json"] == kinds["verdict.json"] == "/Source"
    assert kinds["packages.json"] == "/Data"


def test_the_list_of_digests_names_every_other_attachment(passed: pikepdf.Pdf) -> None:
    listed = json.loads(passed.attachments["hashes.json"].get_file().read_bytes())
    SCHEMA.validate(listed)
    found = {
        name: sha256_hex(spec.get_file().read_bytes())
        for name, spec in passed.attachments.items()
        if name != "hashes.json"
    }
    assert listed["files"] == found
    assert {"evidence.json", "controls.eu-ai-act.json"} <= set(found)


def test_it_carries_the_policy_that_the_verdict_names() -> None:
    text = b"version = 1\n"
    policy = Attachment(
        name="trust-policy.toml", media_type="application/toml", description="Policy", content=text
    )
    evidence = msgspec.structs.replace(samples.unauthenticated(), policy=policy)
    with pikepdf.open(io.BytesIO(render_pdf(evidence, samples.OPTIONS))) as document:
        assert document.attachments["trust-policy.toml"].get_file().read_bytes() == text


def test_other_programs_find_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    options = msgspec.structs.replace(samples.FULL, language="de")
    file.write_bytes(render_pdf(samples.failed(), options))
    done = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No syntax or stream encoding errors found" in done.stdout
    with pikepdf.open(file) as document:
        assert str(document.Root.Lang) == "de"
        assert_pictures_have_words(document)
        assert_headings_descend(document)
        assert_rows_are_even(document)


def assert_pictures_have_words(document: pikepdf.Pdf) -> None:
    figures = [each for each in elements(document) if each.S == "/Figure"]
    assert len(figures) > 5
    assert [each for each in figures if not str(each.get("/Alt", ""))] == []
    assert [each for each in figures if "/BBox" not in each.A] == []


def assert_headings_descend(document: pikepdf.Pdf) -> None:
    """A level is never skipped on the way down (ISO 14289-1, 7.4.2)."""
    kinds = (str(each.S) for each in elements(document))
    levels = [int(kind[2]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def assert_rows_are_even(document: pikepdf.Pdf) -> None:
    for table in (each for each in elements(document) if each.S == "/Table"):
        rows = [each for each in below(table) if each.S == "/TR"]
        widths = {sum(each.S in ("/TH", "/TD") for each in children(row)) for row in rows}
        assert len(widths) == 1


def test_bookmarks_are_the_numbered_headings(passed: pikepdf.Pdf) -> None:
    with passed.open_outline() as outline:
        (top,) = outline.root
        titles = [each.title for each in top.children]
    assert titles[0] == "1 Summary"
    assert titles[-1] == "15 Appendices"
    assert len(titles) == 15


def test_links_say_where_they_lead(passed: pikepdf.Pdf) -> None:
    links = [each for page in passed.pages for each in page.obj.get("/Annots", [])]
    assert len(links) > 100
    assert [each for each in links if not str(each.get("/Contents", ""))] == []
    assert {str(each.Subtype) for each in links} == {"/Link"}


def test_nothing_is_transparent_and_no_picture_is_smoothed(passed: pikepdf.Pdf) -> None:
    """What PDF/A allows only under conditions that these pages do not need."""
    for each in passed.objects:
        if "/ca" in keys(each) or "/CA" in keys(each):
            assert float(each.get("/ca", 1)) == float(each.get("/CA", 1)) == 1
        assert not bool(each.get("/Interpolate", False)) if kind(each) == "/XObject" else True


def test_dates_are_those_of_the_report(passed: pikepdf.Pdf) -> None:
    assert str(passed.docinfo["/CreationDate"]).startswith("D:20260914081230")
    dates = {str(spec.EF.F.Params.ModDate) for spec in passed.Root.AF}
    assert dates == {"D:20260914081230Z"}


def test_the_same_input_gives_the_same_bytes_and_no_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        first = render_pdf(samples.unauthenticated(), samples.OPTIONS)
        second = render_pdf(samples.unauthenticated(), samples.OPTIONS)
    assert first == second
    assert [record.message for record in caplog.records] == []


def test_hostile_text_fetches_nothing_and_embeds_nothing(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, server: HTTPServer
) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("a secret that no report may carry")
    address = f"http://127.0.0.1:{server.server_port}/x"
    text = (
        f"<link rel=attachment href={canary.as_uri()}><img src={address}>"
        f"</style><style>@import '{address}';a{{background:url({canary.as_uri()})}}</style>"
        "<script>alert(1)</script> {{7*7}} \u202e\x00"
    )
    evidence = hostile(text)
    with caplog.at_level(logging.WARNING):
        content = render_pdf(evidence, samples.OPTIONS)
    assert [record.message for record in caplog.records] == []
    assert server.asked_for == []  # type: ignore[attr-defined]
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.check_pdf_syntax() == []
        embedded = [each for each in document.objects if kind(each) == "/EmbeddedFile"]
        assert len(embedded) == len(with_hashes(handed_over(evidence, samples.OPTIONS), ""))
        assert not any(b"a secret that" in each.read_bytes() for each in embedded)
        assert not [each for each in document.objects if keys(each) & {"/JS", "/URI", "/Launch"}]
        assert not [name for name in document.attachments if "/" in name]


def test_long_and_turned_texts_stay_on_the_page_and_do_nothing(tmp_path: Path) -> None:
    chosen = [text for text in HOSTILE if len(text) > 1_000 or "\u202e" in text]
    runs = [hostile(text).runs[0] for text in chosen]
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(samples.evidence(*runs), samples.OPTIONS))
    with pikepdf.open(file) as document:
        assert document.check_pdf_syntax() == []
        active = {"/JS", "/URI", "/Launch", "/OpenAction", "/AA", "/SubmitForm", "/RichMedia"}
        assert not [each for each in document.objects if keys(each) & active]
        assert not [name for name in document.attachments if "/" in name]
    words = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True)
    ends = [float(end) for end in re.findall(rb'<word .*?xMax="([0-9.]+)"', words.stdout)]
    assert len(ends) > 1_000
    assert max(ends) < A4_WIDTH - MARGIN + 1


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """Serve on the loopback and remember what was asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked_for.append(self.path)  # type: ignore[attr-defined]
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.asked_for = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def test_a_character_without_a_font_is_printed_as_its_code_point() -> None:
    """Hieroglyphs are in no font that the tests install; PDF/A allows no missing glyph."""
    evidence = samples.unauthenticated()
    target = evidence.runs[0].verdict
    named = msgspec.structs.replace(target, source="inbox/\U00013000.json")
    run = msgspec.structs.replace(evidence.runs[0], verdict=named)
    content = render_pdf(samples.evidence(run), samples.OPTIONS)
    with pikepdf.open(io.BytesIO(content)) as document, document.open_metadata() as metadata:
        assert metadata["dc:title"].endswith("[U+13000].json")


def test_without_weasyprint_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingDependencyError) as caught:
        render_pdf(samples.unauthenticated(), samples.OPTIONS)
    assert caught.value.hint == "pip install 'auditkit-manifest[pdf]'"


def test_without_pango_the_packages_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """WeasyPrint prints a banner and raises OSError where a library is missing."""
    stand_in = "print('banner')\nraise OSError('cannot load library libpango-1.0-0')\n"
    (tmp_path / "weasyprint.py").write_text(stand_in)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingDependencyError, match="libpango") as caught:
        render_pdf(samples.unauthenticated(), samples.OPTIONS)
    assert "libpangoft2-1.0-0" in str(caught.value.hint)
    assert capsys.readouterr().out == ""


def test_metadata_that_cannot_be_extended_is_an_error() -> None:
    metadata = SimpleNamespace(generate_rdf_metadata=lambda: b"<other/>")
    declare_pdfua(metadata)
    with pytest.raises(ValueError, match="no rdf:RDF"):
        metadata.generate_rdf_metadata()


def test_a_failure_of_the_engine_is_a_render_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_metadata: object) -> None:
        raise ValueError("the engine gave up")

    monkeypatch.setattr("auditkit.reports.pdf.declare_pdfua", fail)
    with pytest.raises(RenderError, match="the engine gave up"):
        render_pdf(samples.unauthenticated(), samples.OPTIONS)


def kind(item: pikepdf.Object) -> str:
    return str(item.get("/Type")) if "/Type" in keys(item) else ""


def keys(item: pikepdf.Object) -> set[str]:
    is_map = isinstance(item, pikepdf.Dictionary | pikepdf.Stream)
    return set(item.keys()) if is_map else set()


def elements(document: pikepdf.Pdf) -> list[pikepdf.Object]:
    """Return the elements of the tag tree in the order they are read."""
    return list(below(document.Root.StructTreeRoot))


def below(item: pikepdf.Object) -> Iterator[pikepdf.Object]:
    for child in children(item):
        yield child
        yield from below(child)


def children(item: pikepdf.Object) -> Iterator[pikepdf.Object]:
    kids = item.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid


def structure(root: pikepdf.Object) -> set[str]:
    """Return every structure type below the root of the tag tree."""
    found, waiting = set(), [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Array):
            waiting.extend(item)
        elif isinstance(item, pikepdf.Dictionary):
            if "/S" in item:
                found.add(str(item.S))
            if "/K" in item:
                waiting.append(item.K)
    return found
