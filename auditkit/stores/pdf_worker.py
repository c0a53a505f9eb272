"""The process that reads a PDF: within limits, into plain values on its standard output."""

from __future__ import annotations

import contextlib
import logging
import resource
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path

import msgspec

from auditkit.stores.pdf import MEMORY_BYTES, SECONDS, PdfOutcome

_PROBLEMS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    OSError,
    zlib.error,
)
"""What pyHanko lets out where a file breaks its assumptions."""


def main() -> None:
    """Read the PDF named first, write its attachments to the folder named second."""
    _limit()
    logging.disable()
    outcome = _read(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


def _limit() -> None:
    for kind, amount in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not on every system
            resource.setrlimit(kind, (amount, amount))


def _read(path: Path, folder: Path) -> PdfOutcome:
    if find_spec("pyhanko") is None:
        return PdfOutcome(missing=True)
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 - under the limits

    from auditkit.stores.pdf_content import content_of  # noqa: PLC0415 - the same

    try:
        with path.open("rb") as file:
            return PdfOutcome(content=content_of(file, folder))
    except MemoryError:
        return PdfOutcome(problem="asks for more memory than a report does")
    except RecursionError:
        return PdfOutcome(problem="refers to itself without end")
    except (PdfError, *_PROBLEMS) as error:
        return PdfOutcome(problem=f"is no PDF that can be read ({str(error)[:200]})")


if __name__ == "__main__":
    main()
