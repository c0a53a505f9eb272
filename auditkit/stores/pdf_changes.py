"""What was added to a PDF after a revision of it: only what keeps signatures verifiable, or more.

ISO 32000-2, 12.8.2.2.2 lets document time stamps and a security store be added to a document whose
author's signature allows no change. Every object that such an update redefines is compared here
with what it was: new fields are document time stamps that nobody sees, and all else is as it was.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final, Literal

from pyhanko.pdf_utils.generic import IndirectObject, Reference, StreamObject
from pyhanko.pdf_utils.metadata.xmp_xml import parse_xmp
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from auditkit.stores.pdf_objects import resolved

Changes = Literal["none", "lasting", "other"]

_STATED: Final = {"ModifyDate", "MetadataDate", "Producer"}
_GROWS: Final = {"/AcroForm", "/DSS", "/Extensions", "/Version"}


def changes_after(reader: PdfFileReader, revision: int) -> Changes:
    """Return what kind of changes were made after `revision`, the oldest of which is 0."""
    xrefs = reader.xrefs
    later = range(revision + 1, xrefs.total_revisions)
    if not later:
        return "none"
    if any(xrefs.refs_freed_in_revision(each) for each in later):
        return "other"
    old = reader.get_historical_resolver(revision)
    redefined = {
        ref for each in later for ref in xrefs.explicit_refs_in_revision(each) if _is_in(old, ref)
    }
    same = _Comparison(old, reader).lasting(redefined)
    return "lasting" if same else "other"


def _is_in(old: HistoricalResolver, ref: Reference) -> bool:
    try:
        return old.get_object(ref) is not None
    except PdfReadError:
        return False


class _Comparison:
    """A file as it was and as it is now; each method says whether a part grew as it may."""

    def __init__(self, old: HistoricalResolver, now: PdfFileReader) -> None:
        self._old = old
        self._now = now

    def lasting(self, redefined: set[Reference]) -> bool:
        """Return whether only what may be redefined was, and how it may."""
        if _plain(self._old.trailer_view.raw_get("/Root")) != _plain(
            self._now.trailer.raw_get("/Root")
        ):
            return False
        allowed = self._allowed()
        return all(ref.idnum in allowed for ref in redefined) and all(
            check() for check in set(allowed.values())
        )

    def _allowed(self) -> dict[int, Callable[[], bool]]:
        """Return by object number what may be redefined, with what has to hold for it."""
        root = self._old.root
        found: dict[int, Callable[[], bool]] = {}
        for holder, name, check in (
            (self._old.trailer_view, "/Root", self._root),
            (self._old.trailer_view, "/Info", self._information),
            (root, "/Metadata", self._metadata),
            (root, "/AcroForm", self._form),
            (root["/AcroForm"], "/Fields", self._form),
            (root, "/DSS", _always),
        ):
            _note(found, holder, name, check)
        for name in ("/Certs", "/CRLs", "/OCSPs", "/VRI"):
            _note(found, root.get("/DSS"), name, _always)
        first = self._first_page(self._old)
        found[first.container_ref.idnum] = self._page
        _note(found, first, "/Annots", self._page)
        return found

    def _root(self) -> bool:
        return _kept(self._old.root, self._now.root, _GROWS)

    def _information(self) -> bool:
        old, now = self._old.trailer_view["/Info"], self._now.trailer["/Info"]
        return _kept(old, now, {"/ModDate", "/Producer"})

    def _metadata(self) -> bool:
        old, now = self._old.root["/Metadata"], self._now.root["/Metadata"]
        return _stated(old) == _stated(now)

    def _form(self) -> bool:
        old, now = self._old.root["/AcroForm"], self._now.root["/AcroForm"]
        return _kept(old, now, {"/Fields", "/SigFlags"}) and all(
            _is_stamp(each) for each in _added(old["/Fields"], now["/Fields"])
        )

    def _page(self) -> bool:
        old, now = self._first_page(self._old), self._first_page(self._now)
        fields = {_plain(each) for each in _raw(self._now.root["/AcroForm"]["/Fields"])}
        added = _added(old.get("/Annots", []), now.get("/Annots", []), fields)
        return _kept(old, now, {"/Annots"}) and all(_is_stamp(each) for each in added)

    @staticmethod
    def _first_page(handler: HistoricalResolver | PdfFileReader) -> Any:
        node = handler.root["/Pages"]
        for _ in range(32):
            if "/Kids" not in node:
                return node
            node = node["/Kids"][0]
        raise PdfReadError("its pages are nested too deep")


def _stated(metadata: StreamObject) -> dict[str, Any]:
    """Return what XMP metadata says, but for when and by what the file was last written."""
    parts = parse_xmp(io.BytesIO(metadata.data))
    return {
        str(name): value for part in parts for name, value in part if name.local_name not in _STATED
    }


def _always() -> bool:
    """What is in the security store is not shown, and judged by whoever uses it."""
    return True


def _note(
    found: dict[int, Callable[[], bool]], holder: Any, name: str, check: Callable[[], bool]
) -> None:
    if holder is not None and name in holder:
        value = holder.raw_get(name)
        if isinstance(value, IndirectObject):
            found[value.idnum] = check


def _kept(old: Any, now: Any, except_for: set[str]) -> bool:
    """Return whether two dictionaries differ in nothing else."""
    keys = (set(old) | set(now)) - except_for
    return all(
        key in old and key in now and _plain(old.raw_get(key)) == _plain(now.raw_get(key))
        for key in keys
    )


def _added(old: Any, now: Any, among: set[Any] | None = None) -> list[Any]:
    """Return what was put at the end of an array; something wrong if it changed otherwise."""
    before, after = _raw(old), _raw(now)
    if [*map(_plain, after[: len(before)])] != [*map(_plain, before)]:
        return [None]
    new = after[len(before) :]
    if among is not None and any(_plain(each) not in among for each in new):
        return [None]
    return [resolved(each) for each in new]


def _is_stamp(field: Any) -> bool:
    """Return whether a field is a document time stamp that shows nothing and does nothing."""
    return (
        field is not None
        and not {"/Kids", "/AP", "/A", "/AA", "/Parent", "/MK"} & set(field)
        and field.get("/FT") == "/Sig"
        and field["/V"].get("/Type") == "/DocTimeStamp"
    )


def _raw(array: Any) -> list[Any]:
    return [array.raw_get(place) for place in range(len(array))]


def _plain(item: Any) -> Any:
    """Return a value that can be compared: references by number, whoever resolves them."""
    if isinstance(item, IndirectObject):
        return ("reference", item.idnum, item.generation)
    if isinstance(item, StreamObject):
        return ("stream", item.encoded_data)
    if isinstance(item, dict):
        return tuple(sorted((str(key), _plain(value)) for key, value in dict.items(item)))
    if isinstance(item, list):
        return tuple(_plain(each) for each in list.__iter__(item))
    return item
