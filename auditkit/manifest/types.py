r"""Constrained scalar types shared by the documents that auditkit reads and writes.

Patterns end in `\Z`, because Python's `$` would also match before a trailing newline; the JSON
Schema generated from here has the `$` of ECMA-262, which matches at the very end only.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from auditkit.digests import SHA256_HEX
from auditkit.schemes import NAME_PATTERN

Sha256 = Annotated[str, msgspec.Meta(pattern=rf"^{SHA256_HEX}\Z")]
GitObjectId = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})\Z")]
DigestHex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32,128}\Z")]
Name = Annotated[str, msgspec.Meta(pattern=rf"^{NAME_PATTERN}\Z", max_length=128)]
RunId = Annotated[
    str,
    msgspec.Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"),
]
"""A UUIDv7 in canonical text form (RFC 9562, section 5.7)."""
Timestamp = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z\Z"
    ),
]
"""RFC 3339 in UTC. Always the recording machine's own clock: declared, never proof."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""A non-negative integer that every JSON reader represents exactly."""
Text = Annotated[str, msgspec.Meta(max_length=65536)]
MAX_LINE: Final = 500
Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_LINE, pattern=r"^[^\x00-\x1f\x7f]*\Z")
]
"""One line of text as people write it: a name, a role."""
JsonMap = dict[str, Any]

Basis = Literal["observed", "declared", "derived"]
"""How a statement came about: measured by auditkit, told to it, or computed from other records."""

BasisMap = dict[str, Basis]
"""Exceptions to a record's basis: JSON pointer within the record -> basis."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Base of every part of a manifest: frozen, camelCase in JSON, absent rather than null."""


class SidecarRef(Record, frozen=True, kw_only=True):
    """A file beside the bundle, bound by its digest."""

    name: Name
    media_type: Annotated[str, msgspec.Meta(max_length=128)]
    sha256: Sha256
    size: Count
