"""Draw the pages of the reports in the gallery: `docs/reports/NAME-PAGE.png`.

The evidence is that of the tests and never changes, so neither do the pictures where the same
fonts are installed. Whole reports go to `docs/_build/gallery/`.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import msgspec
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from reports import gallery, samples  # noqa: E402  the tests' own evidence

from auditkit.evidence import Evidence  # noqa: E402
from auditkit.reports import ReportOptions, render  # noqa: E402

PICTURES = ROOT / "docs" / "reports"
WHOLE = ROOT / "docs" / "_build" / "gallery"
PAGES = {"passed": 4, "altered": 6, "expired": 3, "period": 5, "german": 4}
"""How many pages of each report are shown, from the cover on."""

_DOTS_PER_INCH = 72
_COLOURS = 24


def main() -> None:
    """Write the reports and the pictures of their first pages."""
    WHOLE.mkdir(parents=True, exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    for name, (evidence, options) in reports().items():
        file = WHOLE / f"{name}.pdf"
        file.write_bytes(render(evidence, "pdf", options))
        for page in range(1, PAGES[name] + 1):
            (PICTURES / f"{name}-{page}.png").write_bytes(_picture(file, page))


def reports() -> dict[str, tuple[Evidence, ReportOptions]]:
    """Return the reports of the gallery, by name."""
    options = gallery.plain()
    return {
        "passed": (samples.passed(), options),
        "altered": (samples.failed(), options),
        "expired": (gallery.expired(), options),
        "period": gallery.quarter(),
        "german": (samples.failed(), msgspec.structs.replace(options, language="de")),
    }


def _picture(file: Path, page: int) -> bytes:
    """Return one page as a PNG with few colours: text on paper needs no more."""
    command = ["pdftoppm", "-r", str(_DOTS_PER_INCH), "-f", str(page), "-l", str(page), "-png"]
    drawn = subprocess.run([*command, str(file)], check=True, capture_output=True).stdout
    picture = Image.open(io.BytesIO(drawn)).convert("RGB").quantize(_COLOURS)
    output = io.BytesIO()
    picture.save(output, "PNG", optimize=True)
    return output.getvalue()


if __name__ == "__main__":
    main()
