"""Lists of files that take little memory: a million small files are no reason to fail.

A list of Python objects costs some 500 bytes a file. Here names, sizes and digests lie in one
buffer each, about 60 bytes a file beside its path, and objects are made as they are asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple, Self, TypeVar, overload

from auditkit.datasets.companion import Companion
from auditkit.datasets.local_files import LOCAL
from auditkit.datasets.source import Source
from auditkit.digests import DIGEST_SIZES, FURTHER_DIGESTS, FurtherDigest

DIGEST_BYTES: Final = DIGEST_SIZES["sha256"]

Item_co = TypeVar("Item_co", covariant=True)


class Part(NamedTuple):
    """One file of a data set: POSIX path relative to the data set, and its size in bytes.

    `source` opens it under the address `real`: on local disk its absolute path, with no symbolic
    link on the way. For a data set of kind `file`, `path` is the file's own name. A `companion` is
    a second digest to make of its bytes.
    """

    path: str
    real: str
    size: int
    source: Source = LOCAL
    companion: Companion | None = None


class FileEntry(NamedTuple):
    """One file as read: digests in hex, None where not computed, `rows` None where not counted.

    `companion` is empty where none was asked for, `stated` where the place states no checksum.
    """

    path: str
    size: int
    sha256: str | None
    rows: int | None = None
    companion: bytes = b""
    sha512: str | None = None
    blake3: str | None = None
    stated: str = ""


class Packed(Sequence[Item_co]):
    """A sequence whose items are made on demand; equal to any sequence of equal items."""

    __slots__ = ()

    def _item(self, index: int) -> Item_co:
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> Item_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item_co, ...]: ...
    def __getitem__(self, index: int | slice) -> Item_co | tuple[Item_co, ...]:
        if isinstance(index, slice):
            return tuple(self._item(each) for each in range(*index.indices(len(self))))
        return self._item(range(len(self))[index])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


class Paths(Packed[str]):
    """Paths in one buffer of UTF-8."""

    __slots__ = ("ends", "text")

    def __init__(self, paths: Iterable[str]) -> None:
        self.text = bytearray()
        self.ends = array("q", [0])
        self.extend(paths)

    def extend(self, paths: Iterable[str]) -> None:
        """Add paths at the end."""
        for path in paths:
            self.text += path.encode()
            self.ends.append(len(self.text))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def _item(self, index: int) -> str:
        return self.text[self.ends[index] : self.ends[index + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        text = self.text
        return (text[start:end].decode() for start, end in pairwise(self.ends))


class Parts(Packed[Part]):
    """The files of a plan.

    Those that `source` has under `root` are packed, with what their addresses have behind the path.
    Those elsewhere, which links lead to, are kept one by one. All have the same `companion`.
    """

    __slots__ = ("_companion", "_elsewhere", "_pins", "_prefix", "_source", "paths", "sizes")

    def __init__(
        self,
        parts: Iterable[Part],
        root: str = "",
        source: Source = LOCAL,
        companion: Companion | None = None,
    ) -> None:
        self.sizes = array("q")
        self._prefix = root.rstrip("/") + "/"
        self._source = source
        self._companion = companion
        self._elsewhere: dict[int, tuple[str, Source]] = {}
        self._pins = Paths(())
        self.paths = Paths(self._take(parts))

    def _take(self, parts: Iterable[Part]) -> Iterator[str]:
        for index, (path, real, size, source, _) in enumerate(parts):
            expected, pin = self._prefix + path, ""
            if source != self._source or not real.startswith(expected):
                self._elsewhere[index] = real, source
            elif real != expected:
                pin = real[len(expected) :]
            if pin or self._pins:
                self._pins.extend(("",) * (index - len(self._pins)))
                self._pins.extend((pin,))
            self.sizes.append(size)
            yield path

    def __len__(self) -> int:
        return len(self.sizes)

    def _item(self, index: int) -> Part:
        return self._part(index, self.paths[index], self.sizes[index])

    def __iter__(self) -> Iterator[Part]:
        for index, (path, size) in enumerate(zip(self.paths, self.sizes, strict=True)):
            yield self._part(index, path, size)

    def _part(self, index: int, path: str, size: int) -> Part:
        pin = self._pins[index] if index < len(self._pins) else ""
        real, source = self._elsewhere.get(index) or (self._prefix + path + pin, self._source)
        return Part(path, real, size, source, self._companion)

    @property
    def waits(self) -> bool:
        """Whether reading any of them waits for a network."""
        packed = len(self._elsewhere) < len(self) and self._source.waits
        return packed or any(source.waits for _, source in self._elsewhere.values())

    @property
    def bytes(self) -> int:
        """Sum of the sizes."""
        return sum(self.sizes)


class Entries(Packed[FileEntry]):
    """The files of a scan: `digests` has 32 bytes for each, or nothing in metadata mode.

    `companions` has as many bytes for each as the companion digest has, or nothing at all.
    `further` has the digests of other algorithms that were asked for, packed in the same way.
    `stated` has the checksums that the files' place states, by number.
    """

    __slots__ = ("companions", "digests", "further", "paths", "rows", "sizes", "stated")

    def __init__(
        self,
        paths: Paths,
        sizes: array[int],
        digests: bytes | bytearray,
        rows: Mapping[int, int] | None = None,
        companions: bytes | bytearray = b"",
        further: Mapping[FurtherDigest, bytes | bytearray] | None = None,
        stated: Mapping[int, str] | None = None,
    ) -> None:
        self.stated = stated or {}
        self.companions = companions
        self.further = further or {}
        self.paths = paths
        self.sizes = sizes
        self.digests = digests
        self.rows = rows or {}

    @classmethod
    def of(cls, entries: Iterable[Any]) -> Self:
        """Return the same entries packed; raises ValueError if only some have a digest."""
        items = list(entries)
        further = {name: _packed(items, name) for name in FURTHER_DIGESTS}
        return cls(
            Paths(each.path for each in items),
            array("q", (each.size for each in items)),
            _packed(items, "sha256"),
            {index: each.rows for index, each in enumerate(items) if each.rows is not None},
            b"".join(getattr(each, "companion", b"") for each in items),
            {name: digests for name, digests in further.items() if digests},
            {index: each.stated for index, each in enumerate(items) if getattr(each, "stated", "")},
        )

    def __len__(self) -> int:
        return len(self.sizes)

    def _item(self, index: int) -> FileEntry:
        return FileEntry(
            self.paths[index],
            self.sizes[index],
            self._digest(index),
            self.rows.get(index),
            _chosen(self.companions, len(self.companions) // len(self), [index]),
            **{
                name: _chosen(packed, DIGEST_SIZES[name], [index]).hex()
                for name, packed in self.further.items()
            },
            stated=self.stated.get(index, ""),
        )

    def only(self, indices: Sequence[int]) -> Entries:
        """Return some of the entries, whose rows are not counted."""
        return Entries(
            Paths(self.paths[index] for index in indices),
            array("q", (self.sizes[index] for index in indices)),
            _chosen(self.digests, DIGEST_BYTES, indices),
            companions=_chosen(self.companions, len(self.companions) // max(len(self), 1), indices),
            further={
                name: _chosen(packed, DIGEST_SIZES[name], indices)
                for name, packed in self.further.items()
            },
            stated={
                number: self.stated[index]
                for number, index in enumerate(indices)
                if index in self.stated
            },
        )

    def lists_the_same(self, other: Entries) -> bool:
        """Tell whether paths, sizes, and the digests that both have are the same.

        Rows and companions are not looked at.
        """
        both = self.further.keys() & other.further.keys()
        return (self.paths.ends, self.sizes, self.digests, self.paths.text) == (
            other.paths.ends,
            other.sizes,
            other.digests,
            other.paths.text,
        ) and all(self.further[name] == other.further[name] for name in both)

    def _digest(self, index: int) -> str | None:
        start = index * DIGEST_BYTES
        return self.digests[start : start + DIGEST_BYTES].hex() if self.digests else None

    @property
    def bytes(self) -> int:
        """Sum of the sizes."""
        return sum(self.sizes)

    def iter_digests(self) -> Iterator[tuple[str, str]]:
        """Yield (path, SHA-256 hex); nothing in metadata mode."""
        if self.digests:
            for index, path in enumerate(self.paths):
                start = index * DIGEST_BYTES
                yield path, self.digests[start : start + DIGEST_BYTES].hex()


def _chosen(packed: bytes | bytearray, width: int, indices: Sequence[int]) -> bytes:
    return b"".join(packed[index * width : (index + 1) * width] for index in indices)


def _packed(items: Iterable[Any], name: str) -> bytes:
    """Return the digests of one algorithm end to end; raises ValueError if only some have one."""
    found = [getattr(each, name) or "" for each in items]
    digests = bytes.fromhex("".join(found))
    if len(digests) not in {0, DIGEST_SIZES[name] * len(found)}:
        raise ValueError("some files have no digest")
    return digests
