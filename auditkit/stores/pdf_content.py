"""What a PDF holds, by pyHanko; only ever imported in the process that reads strangers' files."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from auditkit.stores.pdf import PdfAttachment, PdfContent
from auditkit.stores.pdf_objects import resolved, value
from auditkit.stores.pdf_signatures import signatures_of

MAX_ATTACHMENTS: Final = 5000
MAX_ATTACHED_BYTES: Final = 1024 * 1024 * 1024
"""Of all attachments together, unpacked."""
_MAX_PAGES: Final = 50_000
_MAX_DEPTH: Final = 32
_PASSIVE: Final = {"/GoTo", "/URI"}


def content_of(file: BinaryIO, folder: Path) -> PdfContent:
    """Return what the PDF in `file` holds; attachments are written to `folder`.

    Raises:
        PdfReadError: it is encrypted, or too large in some way; or pyHanko does not read it.
    """
    reader = PdfFileReader(file)
    if reader.encrypted:
        raise PdfReadError("it is encrypted")
    information = value(reader.trailer, "/Info")
    pages = [*_pages(value(reader.root, "/Pages"), 0)]
    return PdfContent(
        producer=str(value(information, "/Producer") or "")[:200],
        pages=len(pages),
        signatures=signatures_of(reader),
        attachments=tuple(_attachments(reader, folder)),
        active=tuple(sorted(set(_active(reader, pages)))),
        unsigned_end=_first_end(file),
    )


def _first_end(file: BinaryIO) -> int:
    """Return where the first revision of the file ends: after its `%%EOF` and line ending."""
    file.seek(0)
    at, tail = 0, b""
    while piece := file.read(1 << 20):
        window = tail + piece
        found = re.search(rb"%%EOF\r?\n?", window)
        if found is not None and found.end() < len(window):
            return at - len(tail) + found.end()
        tail, at = window[-16:], at + len(piece)
    return at


def _pages(node: Any, depth: int) -> Iterator[Any]:
    if depth > _MAX_DEPTH:
        raise PdfReadError("its pages are nested too deep")
    kids = value(node, "/Kids")
    if kids is None:
        yield node
        return
    for count, kid in enumerate(kids):
        if count > _MAX_PAGES:
            raise PdfReadError(f"it has more than {_MAX_PAGES} pages")
        yield from _pages(resolved(kid), depth + 1)


def _attachments(reader: PdfFileReader, folder: Path) -> Iterator[PdfAttachment]:
    """Yield the files of the name tree, and associated files that it does not have."""
    left = MAX_ATTACHED_BYTES
    names = value(value(reader.root, "/Names"), "/EmbeddedFiles")
    listed = [*(_leaves(names, 0) if names is not None else ())]
    known = {id(each) for each in listed}
    listed += [
        each for each in map(resolved, value(reader.root, "/AF") or ()) if id(each) not in known
    ]
    if len(listed) > MAX_ATTACHMENTS:
        raise PdfReadError(f"it has more than {MAX_ATTACHMENTS} attachments")
    for number, specification in enumerate(listed):
        content = _unpacked(value(value(specification, "/EF"), "/F"), left)
        left -= len(content)
        name = value(specification, "/UF") or value(specification, "/F") or ""
        (folder / f"{number}.bin").write_bytes(content)
        yield PdfAttachment(name=str(name), file=f"{number}.bin")


def _leaves(node: Any, depth: int) -> Iterator[Any]:
    """Yield the values of a name tree (ISO 32000-1, 7.9.6)."""
    if depth > _MAX_DEPTH:
        raise PdfReadError("its list of attachments is nested too deep")
    pairs = value(node, "/Names") or ()
    for count, each in enumerate(pairs):
        if count > 2 * MAX_ATTACHMENTS:
            raise PdfReadError(f"it has more than {MAX_ATTACHMENTS} attachments")
        if count % 2:
            yield resolved(each)
    for kid in value(node, "/Kids") or ():
        yield from _leaves(resolved(kid), depth + 1)


def _unpacked(stream: Any, limit: int) -> bytes:
    """Return a stream's bytes; no more than `limit` are ever unpacked."""
    if not isinstance(stream, StreamObject):
        raise PdfReadError("an attachment has no content")
    kind, packed = value(stream, "/Filter"), stream.encoded_data
    if isinstance(kind, list) and len(kind) == 1:
        kind = kind[0]
    if kind is None:
        content = packed
    elif kind == "/FlateDecode" and value(stream, "/DecodeParms") is None:
        content = zlib.decompressobj().decompress(packed, limit + 1)
    else:
        raise PdfReadError("an attachment is packed in a way that reports are not")
    if len(content) > limit:
        raise PdfReadError(f"its attachments have more than {MAX_ATTACHED_BYTES} bytes")
    return content


def _active(reader: PdfFileReader, pages: list[Any]) -> Iterator[str]:
    """Yield what a reader might carry out: scripts, programs, forms that are sent, media."""
    root = reader.root
    if value(value(root, "/Names"), "/JavaScript") is not None:
        yield "/JavaScript"
    if value(value(root, "/AcroForm"), "/XFA") is not None:
        yield "/XFA"
    holders = [root, *pages]
    holders += [resolved(each) for page in pages for each in value(page, "/Annots") or ()]
    for each in holders:
        if value(each, "/AA") is not None:
            yield "/AA"
        for name in ("/A", "/OpenAction"):
            action = value(each, name)
            kind = value(action, "/S") if hasattr(action, "keys") else None
            if kind is not None and (kind not in _PASSIVE or "/Next" in action):
                yield str(kind)[:40]
        if value(each, "/Subtype") == "/FileAttachment":
            yield "/FileAttachment"
