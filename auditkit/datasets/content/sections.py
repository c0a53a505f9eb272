"""Sections: the parts of a canonical encoding, in order, from which joined encodings are made.

Every array of one type has the same number of sections of the same kinds, so arrays are joined by
joining their sections; no Arrow array is concatenated, and pieces may wait apart from Arrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from auditkit.datasets.content.masks import Mask, pack
from auditkit.datasets.content.spool import Spool, Stored

Buffer: TypeAlias = bytes | memoryview

LARGE_BYTES: Final = 1 << 20
"""Buffers of at least this size are worth a file of their own."""


@dataclass(frozen=True, slots=True)
class Validity:
    """Which of `slots` hold a value; `mask` is None if all do."""

    slots: int
    mask: Mask | None


@dataclass(frozen=True, slots=True)
class Booleans:
    """Truth values, one byte a slot, that are written as a bitmap."""

    values: Mask


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes that are written as they are."""

    buffers: tuple[Buffer | Stored, ...]

    def contents(self) -> Iterator[Buffer]:
        """Yield the bytes as one-dimensional buffers."""
        for buffer in self.buffers:
            if isinstance(buffer, Stored):
                yield from buffer.chunks()
            else:
                yield buffer


Section: TypeAlias = Validity | Booleans | Raw


def join(pieces: Sequence[Sequence[Section]]) -> list[Section]:
    """Return the sections of the concatenation of arrays of one type, from theirs, in order."""
    if len(pieces) == 1:
        return list(pieces[0])
    return [_joined(same) for same in zip(*pieces, strict=True)]


def emit(sections: Iterable[Section]) -> Iterator[Buffer]:
    """Yield the bytes of sections as buffers."""
    for section in sections:
        if isinstance(section, Raw):
            yield from section.contents()
        elif isinstance(section, Booleans):
            yield pack(section.values).data
        elif section.mask is None:
            yield b"\x00"
        else:
            yield b"\x01"
            yield pack(section.mask).data


def raw_buffers(sections: Iterable[Section]) -> list[Buffer | Stored]:
    """Return the buffers of all `Raw` sections, in order."""
    return [b for section in sections if isinstance(section, Raw) for b in section.buffers]


def detach(sections: Iterable[Section]) -> list[Section]:
    """Return sections that hold copies of exactly their bytes and pin no Arrow buffer."""
    return [Raw((b"".join(s.contents()),)) if isinstance(s, Raw) else s for s in sections]


def spooled(sections: Iterable[Section], spool: Spool) -> list[Section]:
    """Return detached sections with every large buffer moved to `spool`; raises OSError."""
    return [
        Raw(tuple(_stored(buffer, spool) for buffer in section.buffers))
        if isinstance(section, Raw)
        else section
        for section in sections
    ]


def _stored(buffer: Buffer | Stored, spool: Spool) -> Buffer | Stored:
    if isinstance(buffer, Stored) or len(buffer) < LARGE_BYTES:
        return buffer
    return spool.store(buffer)


def _joined(same: Sequence[Section]) -> Section:
    first = same[0]
    if isinstance(first, Validity):
        return _joined_validity([part for part in same if isinstance(part, Validity)])
    if isinstance(first, Booleans):
        return Booleans(np.concatenate([p.values for p in same if isinstance(p, Booleans)]))
    return Raw(tuple(raw_buffers(same)))


def _joined_validity(parts: Sequence[Validity]) -> Validity:
    slots = sum(part.slots for part in parts)
    if all(part.mask is None for part in parts):
        return Validity(slots, None)
    masks = [np.ones(p.slots, np.uint8) if p.mask is None else p.mask for p in parts]
    return Validity(slots, np.concatenate(masks))
