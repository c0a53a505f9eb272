"""The chain of earlier runs as reports draw it."""

from __future__ import annotations

import io
import logging

import msgspec
import pikepdf
import pytest
from lineage.chains import run
from reports import samples
from reports.hostile import HOSTILE
from reports.markup import parse

from auditkit.evidence import Evidence, LineageGraph
from auditkit.lineage import MemoryRecords, walk
from auditkit.reports.html import render_html
from auditkit.reports.pdf import render_pdf
from auditkit.reports.view import build_view
from auditkit.reports.view.chain import MOST_ON_A_PAGE, Picture

GERMAN = msgspec.structs.replace(samples.OPTIONS, language="de")


def chain(length: int = 2, name: str = "train") -> LineageGraph:
    """Return what leads to the last of so many runs, each of which reads what the one before wrote."""
    runs = [run(f"stage {at}", [f"d{at}"], [f"d{at + 1}"], at=at) for at in range(length)]
    runs[-1] = msgspec.structs.replace(
        run(name, [f"d{length - 1}"], ["model"], at=length, parents=["gone"]), name=name
    )
    return walk(MemoryRecords(runs), [runs[-1]], direction="upstream")


def with_lineage(graph: LineageGraph | None) -> Evidence:
    evidence = samples.passed()
    (only,) = evidence.runs
    return msgspec.structs.replace(evidence, runs=(msgspec.structs.replace(only, lineage=graph),))


def picture(graph: LineageGraph | None) -> Picture | None:
    return build_view(with_lineage(graph), samples.OPTIONS).runs[0].lineage


def test_where_no_earlier_runs_were_looked_for_there_is_none() -> None:
    assert picture(None) is None
    assert picture(walk(MemoryRecords([alone := run("alone")]), [alone])) is None


def test_runs_and_data_are_drawn_with_what_is_missing() -> None:
    drawn = picture(chain())
    assert drawn is not None
    assert drawn.meaning.startswith("3 runs and 2 data sets")
    for words in ("stage 0", "train", "missing run", "declared parent"):
        assert f">{words}" in drawn.svg


def test_too_much_for_a_page_is_said_in_words() -> None:
    drawn = picture(chain(MOST_ON_A_PAGE))
    assert drawn is not None
    assert drawn.svg == ""
    assert "too many to draw here" in drawn.meaning


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    wicked, harmless = (
        parse(render_html(with_lineage(chain(name=each)), samples.OPTIONS))
        for each in (text, "harmless")
    )
    shapes = [
        [
            (each.tag, sorted(each.attributes))
            for each in page.all()
            if each.tag not in {"wbr", "span"}
        ]
        for page in (wicked, harmless)
    ]
    assert shapes[0] == shapes[1]


def test_it_has_a_name_in_the_reports_language() -> None:
    page = parse(render_html(with_lineage(chain()), GERMAN))
    (found,) = [each for each in page.all("svg") if each.all("text")]
    assert "Läufe" in found.all("title")[0].text
    assert found.attributes["role"] == "img"


def test_in_pdf_it_is_a_figure_with_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        plain, drawn = (
            pikepdf.open(io.BytesIO(render_pdf(with_lineage(each), samples.OPTIONS)))
            for each in (None, chain(12))
        )
    assert [record.message for record in caplog.records] == []
    alternatives = [str(each.Alt) for each in figures(drawn)]
    assert len(alternatives) == len(figures(plain)) + 1
    assert sum("13 runs" in each for each in alternatives) == 1


def figures(document: pikepdf.Pdf) -> list[pikepdf.Object]:
    return [
        each
        for each in document.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"
    ]
