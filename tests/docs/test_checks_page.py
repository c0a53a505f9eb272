"""The page of checks is the program's own catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import generate_checks

from auditkit.findings import STEPS
from auditkit.verification.catalog import CHECKS

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    assert generate_checks.PAGE.read_text("utf-8") == generate_checks.page()


def test_every_check_that_the_engine_names_is_explained() -> None:
    named = set()
    sources = [*(ROOT / "auditkit" / "verification").glob("*.py")]
    sources += [ROOT / "auditkit" / "api" / name for name in ("auditlog.py", "verify_pdf.py")]
    for path in (each for each in sources if not each.name.startswith("catalog")):
        text = path.read_text("utf-8")
        named |= {
            f"log.{name}" for name in re.findall(r'(?:log_finding|unread)\(\s*"([a-z]+)"', text)
        }
        named |= set(re.findall(r'check="([a-z.]+)"', text))
        named |= {f"dataset.{name}" for name in re.findall(r'report\(\s*"([a-z]+)"', text)}
        named |= set(re.findall(r'\(\d+, "([a-z.]+)"\)', text))
        named |= set(re.findall(r'"(report\.[a-z]+)"', text))
    assert named - {"dataset."} == CHECKS.keys() - {"retention"}


def test_each_check_belongs_to_a_step() -> None:
    assert {info.step for info in CHECKS.values()} | {10} == STEPS.keys() | {11}
