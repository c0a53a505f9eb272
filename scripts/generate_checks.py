"""Write docs/checks.md, one section per check, from the catalogue that `auditkit explain` uses."""

from __future__ import annotations

from pathlib import Path

from auditkit.verification.catalog import CHECKS
from auditkit.verification.checkinfo import CheckInfo

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
_OUTCOMES = ("passed", "failed", "indeterminate", "skipped")


def page() -> str:
    """Return the page's text."""
    head = (
        "# Checks\n\nGenerated from the program by `scripts/generate_checks.py`; "
        "`auditkit explain CHECK` prints the same.\n"
    )
    return head + "".join(_section(info) for info in CHECKS.values())


def _section(info: CheckInfo) -> str:
    step = f"Step {info.step}"
    if info.id.startswith("dataset."):
        step += "; step 10 for outputs"
    outcomes = "".join(
        f"- **{outcome}**: {getattr(info, outcome)}\n"
        for outcome in _OUTCOMES
        if getattr(info, outcome)
    )
    action = f"\nWhat to do: {info.action}\n" if info.action else ""
    return f"\n## `{info.id}`: {info.title}\n\n{step}. {info.what}\n\n{outcomes}{action}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
