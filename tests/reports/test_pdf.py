"""What the PDF claims, it has: read back with pikepdf."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pikepdf
import pytest
from reports import samples
from reports.hostile import hostile

from auditkit.digests import sha256_hex
from auditkit.errors import MissingDependencyError, RenderError
from auditkit.findings import decode_verdict
from auditkit.reports import render
from auditkit.reports.attached import all_attachments
from auditkit.reports.pdf import render_pdf
from auditkit.reports.xmp import declare_pdfua


@pytest.fixture(scope="module")
def passed() -> Iterator[pikepdf.Pdf]:
    content = render(samples.passed(), "pdf", samples.OPTIONS)
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
    wanted = {each.name: sha256_hex(each.content) for each in all_attachments(evidence)}
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
        assert len(embedded) == len(all_attachments(evidence))
        assert not any(b"a secret that" in each.read_bytes() for each in embedded)
        assert not [each for each in document.objects if keys(each) & {"/JS", "/URI", "/Launch"}]
        assert not [name for name in document.attachments if "/" in name]


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
