"""Types that msgspec reads, resolved by one thread.

msgspec resolves the fields of a type when it is first decoded into. Where two threads do that for
one type at the same moment, the process ends with a segmentation fault (seen with msgspec 0.22).
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

Kind = TypeVar("Kind", bound=type[Any])

_LOCK = threading.Lock()
_resolved: set[type[Any]] = set()


def resolved(kind: Kind) -> Kind:
    """Return `kind`, a struct, once its fields are resolved; any number of threads may ask."""
    if kind not in _resolved:
        with _LOCK:
            msgspec.json.Decoder(kind)
            _resolved.add(kind)
    return kind
