"""PDF files of strangers: signatures and attachments, read in a process of their own.

A PDF is compressed in many places and refers to itself in many ways, so that a small one can ask
for any amount of memory and time. The process has a limit on both, and what it finds comes back as
plain values; attachments are files in a folder.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

import msgspec

from auditkit.errors import MissingDependencyError, PdfError
from auditkit.stores.reading import unreadable

MAX_PDF_BYTES: Final = 1024 * 1024 * 1024
MEMORY_BYTES: Final = 3 * 1024 * 1024 * 1024
"""Address space of the process; a report of 100 MB takes about a fifth of it."""
SECONDS: Final = 120

_MAGIC: Final = b"%PDF-"
_WORKER: Final = "auditkit.stores.pdf_worker"


class PdfSignature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature or a document time stamp; `intact` says whether the bytes covered are its own.

    `covers` is how far they reach. `changes` is what was added after the revision it closes:
    nothing, what is `lasting` (more time stamps, and what validates signatures), or some `other`.
    `certificates` are in DER, the signer's first; so are `tokens`, over `value`. A document time
    stamp is a token itself, over the `covered` ranges (offset and length).
    """

    kind: Literal["signature", "timestamp"]
    field: str
    intact: bool
    covers: Literal["file", "revision", "part"]
    changes: Literal["none", "lasting", "other"]
    certifies: bool
    covered: tuple[tuple[int, int], ...]
    certificates: tuple[bytes, ...] = ()
    value: bytes = b""
    tokens: tuple[bytes, ...] = ()
    problem: str = ""


class PdfAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """An attached file: its name, and that of the file in the folder that holds its bytes."""

    name: str
    file: str


class PdfContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a PDF holds besides its pages; `active` are actions that a reader might carry out.

    `unsigned_end` is the size of what was there before the first signature was added.
    """

    producer: str
    pages: int
    signatures: tuple[PdfSignature, ...]
    attachments: tuple[PdfAttachment, ...]
    active: tuple[str, ...]
    unsigned_end: int


class PdfOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the process says: what the PDF holds, or why it could not be read."""

    content: PdfContent | None = None
    problem: str = ""
    missing: bool = False


def is_pdf(path: Path) -> bool:
    """Return whether a file begins as a PDF does; one that cannot be read does not."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def read_pdf(path: Path, folder: Path) -> PdfContent:
    """Return what the PDF at `path` holds, with its attachments written to `folder`.

    Raises:
        PdfError: it is damaged, encrypted, or asks for more memory or time than a report does.
        UnreadableError: the operating system refused.
        MissingDependencyError: pyHanko is not installed.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise unreadable(error, path) from error
    if size > MAX_PDF_BYTES:
        raise PdfError(f"has more than {MAX_PDF_BYTES} bytes", path=str(path))
    outcome = _outcome(path, folder)
    if outcome.missing:
        raise MissingDependencyError(
            "pyHanko is not installed, and reports in PDF are read with it",
            hint="Install it: pip install 'auditkit-manifest[pades]'.",
        )
    if outcome.content is None:
        raise PdfError(outcome.problem, path=str(path))
    return outcome.content


def _outcome(path: Path, folder: Path) -> PdfOutcome:
    # -P: the working directory, which may be a stranger's, is no place to import from.
    command = [sys.executable, "-P", "-m", _WORKER, str(path.absolute()), str(folder)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
        return msgspec.json.decode(done.stdout, type=PdfOutcome)
    except subprocess.TimeoutExpired:
        return PdfOutcome(problem=f"could not be read in {SECONDS} seconds")
    except msgspec.DecodeError:
        return PdfOutcome(problem="could not be read: whatever read it came to an end")
