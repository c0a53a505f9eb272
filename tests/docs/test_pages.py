"""Generated pages are those of the program, and links outside the built site lead somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import generate_cli_reference
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_command_line_reference_is_up_to_date() -> None:
    page = ROOT / "docs" / "reference" / "cli.md"
    assert page.read_text(encoding="utf-8") == generate_cli_reference.generate(), "`make vectors`"


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_links_of_pages_outside_the_site_lead_to_files(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'(?:src|href)="([^"#]+)"', text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (ROOT / target).exists()] == []


def test_a_link_to_nowhere_stops_the_build(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs" / "conf.py", tmp_path)
    (tmp_path / "index.md").write_text("# Page\n\n[nowhere](nowhere.md#at-all)\n", encoding="utf-8")
    options = ["--quiet", "--fail-on-warning"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, tmp_path, tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
