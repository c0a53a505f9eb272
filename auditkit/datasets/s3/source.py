"""Objects of S3 as parts of data sets."""

from __future__ import annotations

from dataclasses import dataclass

from auditkit.datasets.s3.address import ObjectAddress
from auditkit.datasets.s3.connection import Connection
from auditkit.datasets.s3.stream import ObjectStream
from auditkit.stores.s3_client import S3Settings


@dataclass(frozen=True, slots=True)
class S3Source:
    """Objects on one server, by the text of an `ObjectAddress`; see `Source`.

    The connection is that of this process; in another one the source makes its own.
    """

    connection: Connection

    @property
    def waits(self) -> bool:
        """Return True."""
        return True

    @classmethod
    def of(cls, settings: S3Settings) -> S3Source:
        """Return the source under these settings; nothing is sent yet."""
        return cls(Connection(settings))

    def open(self, real: str, size: int) -> ObjectStream:
        """Open the object at this address; see `Source` for what is raised."""
        return ObjectStream(self.connection, ObjectAddress.parse(real), size)

    def stamp(self, real: str) -> str:
        """Return the address, which names one state."""
        return real
