"""Checksums that a server states of objects: hints that cost no reading, and never evidence.

A multipart upload may have one that is made of its parts' checksums (`COMPOSITE`): the same bytes,
uploaded in other parts, then have another. Source: Amazon S3 User Guide, Checking object integrity.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditkit.datasets.base import Part
from auditkit.datasets.s3.address import ObjectAddress
from auditkit.datasets.s3.connection import planning
from auditkit.datasets.s3.source import S3Source
from auditkit.datasets.s3.stream import stated_checksum
from auditkit.errors import DataError, ObjectNotFoundError


@dataclass(frozen=True, slots=True)
class ChecksumAsker:
    """Asks for the checksums of parts in buckets; picklable as sources are."""

    def __call__(self, part: Part) -> str:
        """Return the checksum that is stated now; empty where there is none, or no answer."""
        if not isinstance(part.source, S3Source):
            return ""
        address = ObjectAddress.parse(part.real)
        try:
            with planning(part.source.connection, part.real) as client:
                answer = client.head_object(**address.request(), ChecksumMode="ENABLED")
        except (DataError, ObjectNotFoundError):
            return ""
        return stated_checksum(answer)
