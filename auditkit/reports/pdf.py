"""The report as an archivable, accessible PDF: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1).

WeasyPrint writes PDF/A-3a; the PDF/UA identification is added to its XMP metadata. Nothing is
fetched: the only address scheme that is answered is `data:`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditkit.digests import sha256_hex
from auditkit.errors import MissingDependencyError, RenderError
from auditkit.evidence import Attachment, Evidence
from auditkit.reports.attached import VERDICT_NAME
from auditkit.reports.handed import handed_over, with_hashes
from auditkit.reports.html import page
from auditkit.reports.options import ReportOptions
from auditkit.reports.text import escaped, instant
from auditkit.reports.xmp import declare_pdfua
from auditkit.schemes import BUNDLE_SUFFIX

if TYPE_CHECKING:
    import weasyprint

_VARIANT = "pdf/a-3a"
_SAMPLES = (
    '<html lang="en"><title>Samples</title><body style="font-family: \'DejaVu Sans\', sans-serif">'
    "<p>Hamburgefonstiv fi ff {characters}</p><p><b>{characters}</b> <i>{characters}</i></p>"
    "<p style=\"font-family: 'DejaVu Sans Mono', monospace\">{characters} <b>{characters}</b></p>"
)
_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"


def render_pdf(evidence: Evidence, options: ReportOptions) -> bytes:
    """Return the report as PDF, with bundles, sidecars and verdict attached.

    The same input, fonts and WeasyPrint give the same bytes. A character that no installed font
    has is printed as its code point, because PDF/A allows no missing glyph (6.2.11.8).

    Raises:
        MissingDependencyError: WeasyPrint or a system library is not installed.
        RenderError: the pages could not be made.
        UsageError: there is no such language.
    """
    return typeset(evidence, options)[0]


def typeset(evidence: Evidence, options: ReportOptions) -> tuple[bytes, str]:
    """Return the report as PDF, and the name of the fonts and libraries that it is set with.

    The name is a digest over a page with all characters of the report. Raises as `render_pdf`.
    """
    generated_at = options.generated_at
    handed = handed_over(evidence, options)
    html = page(evidence, options, handed)
    name = _typesetting(html, generated_at)
    attachments = with_hashes(handed, name)
    document, missing = _write(html, attachments, generated_at)
    if missing:
        # Markup is ASCII, so only text can change here.
        printable = html.translate({point: escaped(chr(point)) for point in missing if point > 127})
        document = _write(printable, attachments, generated_at)[0]
    return document, name


def _typesetting(html: str, generated_at: str) -> str:
    printable = (each for each in set(html) if each.isprintable())
    characters = "".join(f"&#{point};" for point in sorted(map(ord, printable)))
    return sha256_hex(_write(_SAMPLES.format(characters=characters), (), generated_at)[0])


def _write(
    html: str, attachments: tuple[Attachment, ...], generated_at: str
) -> tuple[bytes, frozenset[int]]:
    """Return the PDF and the code points that no font had."""
    engine = _engine()
    with _missing_glyphs() as missing, warnings.catch_warnings():
        # WeasyPrint leaves the file of its colour profile to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            document = engine.HTML(string=html, url_fetcher=_fetcher(engine)).render(
                pdf_variant=_VARIANT, pdf_tags=True
            )
            document.metadata.attachments = [
                _embedded(engine, each, generated_at) for each in attachments
            ]
            declare_pdfua(document.metadata)
            content = document.write_pdf(
                pdf_variant=_VARIANT,
                pdf_tags=True,
                pdf_identifier=_identifier(html, attachments),
            )
        except (ValueError, OSError, ArithmeticError, LookupError, AssertionError) as error:
            raise RenderError(f"the PDF could not be made ({error})") from error
    return bytes(content), frozenset(missing)


def _engine() -> Any:
    """Return the `weasyprint` module; it prints a banner where a library is missing."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint  # noqa: PLC0415  an optional extra, and slow to import
    except ImportError as error:
        raise MissingDependencyError(
            "WeasyPrint is not installed, and PDF reports need it",
            hint="pip install 'auditkit-manifest[pdf]'",
        ) from error
    except OSError as error:
        raise MissingDependencyError(
            f"a system library that PDF reports need is missing ({error})",
            hint=f"On Debian or Ubuntu: apt-get install {_PACKAGES}",
        ) from error
    return weasyprint


def _fetcher(engine: Any) -> Any:
    return engine.urls.URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)


def _embedded(engine: Any, each: Attachment, generated_at: str) -> weasyprint.Attachment:
    when = instant(generated_at)
    signed = each.name == VERDICT_NAME or each.name.endswith(BUNDLE_SUFFIX)
    return engine.Attachment(
        string=each.content,
        name=each.name,
        description=each.description,
        created=when,
        modified=when,
        relationship="Source" if signed else "Data",
    )


def _identifier(html: str, attachments: tuple[Attachment, ...]) -> bytes:
    digest = hashlib.sha256(html.encode())
    for each in attachments:
        digest.update(hashlib.sha256(each.content).digest())
    return digest.digest()[:16]


@contextlib.contextmanager
def _missing_glyphs() -> Iterator[set[int]]:
    """Collect the code points that WeasyPrint warns about as rendered `.notdef`."""
    logger, found = logging.getLogger("weasyprint"), set[int]()

    def note(record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(".notdef") and isinstance(record.args, tuple):
            found.add(ord(str(record.args[0])[:1]))
            return False
        return True

    logger.addFilter(note)
    try:
        yield found
    finally:
        logger.removeFilter(note)
