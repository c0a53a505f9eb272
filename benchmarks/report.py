"""What reports cost: HTML, PDF beside WeasyPrint alone on the same pages, and a long period.

PDF and WeasyPrint alone run in turn, in processes of their own that time themselves in processor
seconds after their imports; of the rounds the median ratio is taken.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import Cost, interleaved

ROUNDS = int(os.environ.get("BENCH_RUNS", "5"))
RUNS = int(os.environ.get("BENCH_PERIOD_RUNS", "500"))
TESTS = Path(__file__).parent.parent / "tests"

_BEGIN = """
import sys, time
sys.path.insert(0, {tests!r})
from reports import gallery, samples
from auditkit.reports import render
import weasyprint
"""
_HTML = """
began = time.process_time()
render(samples.passed(), "html", samples.FULL)
print(time.process_time() - began)
"""
_PDF = """
began = time.process_time()
render(samples.passed(), "pdf", samples.FULL)
print(time.process_time() - began)
"""
_ALONE = """
html = render(samples.passed(), "html", samples.FULL).decode()
began = time.process_time()
weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
print(time.process_time() - began)
"""
_PERIOD = """
evidence, options = gallery.quarter({runs})
began = time.process_time()
render(evidence, "pdf", options)
print(time.process_time() - began)
"""


def measure() -> dict[str, float]:
    """Return processor seconds by form, the ratio to WeasyPrint alone, and peak megabytes."""
    with tempfile.TemporaryDirectory() as name:
        costs = interleaved(
            {"html": _program(_HTML), "pdf": _program(_PDF), "alone": _program(_ALONE)},
            cwd=Path(name),
            runs=ROUNDS,
            self_timed=("html", "pdf", "alone"),
        )
        period = interleaved(
            {"period": _program(_PERIOD.format(runs=RUNS))},
            cwd=Path(name),
            runs=1,
            self_timed=("period",),
        )
    ratios = [
        pdf.seconds / alone.seconds for pdf, alone in zip(costs["pdf"], costs["alone"], strict=True)
    ]
    return {
        "report_html_cpu_seconds": _seconds(costs["html"]),
        "report_pdf_cpu_seconds": _seconds(costs["pdf"]),
        "report_pdf_to_weasyprint": statistics.median(ratios),
        "report_pdf_peak_mb": _peak(costs["pdf"]),
        f"report_period_{RUNS}_runs_cpu_seconds": _seconds(period["period"]),
        f"report_period_{RUNS}_runs_peak_mb": _peak(period["period"]),
    }


def _program(script: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-c", _BEGIN.format(tests=str(TESTS)) + script]


def _seconds(costs: list[Cost]) -> float:
    return statistics.median(each.seconds for each in costs)


def _peak(costs: list[Cost]) -> float:
    return max(each.peak_bytes for each in costs) / 1e6
