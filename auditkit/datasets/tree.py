"""A folder somewhere, asked for what lies in it: the port for formats that name their own files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from auditkit.datasets.base import Part, Parts
from auditkit.datasets.location import absolute
from auditkit.datasets.names import printable
from auditkit.datasets.requests import PlanRequest
from auditkit.errors import DataNotFoundError, UnreadableError, UnsafePathError
from auditkit.schemes import S3_SCHEME

if TYPE_CHECKING:
    from auditkit.datasets.s3.state import BucketState


class Tree(Protocol):
    """Files by relative POSIX paths; every method raises UnreadableError where the place fails."""

    @property
    def location(self) -> str:
        """An absolute path, or a URL."""

    def list(self, folder: str) -> list[Part]:
        """Return the files right in a folder, sorted; none where there is no such folder."""

    def find(self, paths: Iterable[str]) -> Iterator[Part | None]:
        """Yield for each path the file, or None where there is none.

        Raises UnsafePathError for a path that leads out of the tree.
        """

    def pack(self, parts: Iterable[Part]) -> Parts:
        """Return files of the tree, packed."""

    def state(self, parts: Iterable[Part]) -> BucketState | None:
        """Return what a bucket says of files of the tree, None on disk."""


def open_tree(request: PlanRequest) -> Tree:
    """Return the folder that a request is about, in the recorded versions where there are any.

    Raises:
        DataNotFoundError: there is no such folder.
        UsageError: no bucket is named.
    """
    if request.reference.location.startswith(S3_SCHEME):
        from auditkit.datasets.s3.tree import S3Tree  # noqa: PLC0415 -- an extra

        return S3Tree(request)
    location = absolute(request.base / request.reference.location)
    if not location.exists():
        raise DataNotFoundError("no such folder", hint="Check the path.", path=str(location))
    return LocalTree(location)


class LocalTree:
    """A folder on local disk."""

    def __init__(self, location: Path) -> None:
        self.location = str(location)
        self._root = os.path.realpath(location)
        self._inside: dict[str, bool] = {}

    def list(self, folder: str) -> list[Part]:
        """Return the files right in a folder, sorted; none where there is no such folder."""
        where = os.path.join(self._root, folder)  # noqa: PTH118 -- as text all the way
        try:
            names = sorted(os.listdir(where), key=os.fsencode)  # noqa: PTH208
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _unreadable(where, error) from error
        found = self.find(f"{folder}/{name}" for name in names)
        return [part for part in found if part is not None]

    def find(self, paths: Iterable[str]) -> Iterator[Part | None]:
        """Yield for each path the file, or None where there is none."""
        for path in paths:
            real = f"{self._root}/{path}"
            try:
                status = os.stat(real)  # noqa: PTH116 -- a Path for each of millions is slow
            except (FileNotFoundError, NotADirectoryError):
                yield None
                continue
            except OSError as error:
                raise _unreadable(real, error) from error
            regular = stat.S_ISREG(status.st_mode)
            yield Part(path, self._resolved(real), status.st_size) if regular else None

    def pack(self, parts: Iterable[Part]) -> Parts:
        """Return files of the tree, packed."""
        return Parts(parts, self._root)

    def state(self, parts: Iterable[Part]) -> BucketState | None:  # noqa: ARG002 -- see `Tree`
        """Return None."""
        return None

    def _resolved(self, real: str) -> str:
        folder, _, name = real.rpartition("/")
        if folder not in self._inside:
            self._inside[folder] = os.path.realpath(folder) == folder
        if self._inside[folder] and not os.path.islink(real):  # noqa: PTH114
            return f"{folder}/{name}"
        resolved = os.path.realpath(real)
        if not resolved.startswith(self._root.rstrip("/") + "/"):
            raise UnsafePathError("the symbolic link leads out of the data set", path=real)
        return resolved


def _unreadable(path: str, error: OSError) -> UnreadableError:
    return UnreadableError(f"cannot be read ({error.strerror})", path=printable(path))
