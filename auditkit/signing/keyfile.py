"""Key files on disk: read with care, written so that nobody else can ever read them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from auditkit.errors import KeyFileError, StorageError
from auditkit.signing.files import read_small_file
from auditkit.signing.keys import MAX_KEY_BYTES, PrivateKey, encode_private_key, public_key_of


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The bytes of a key file and whether anybody but its owner has rights to it."""

    data: bytes = field(repr=False)
    open_to_others: bool


def read_key_file(path: Path) -> KeyFile:
    """Return the key file at `path`, public or private, at most 16 KiB.

    Raises:
        KeyFileError: missing, unreadable, not a regular file, or too large.
    """
    data, status = read_small_file(path, "key file", MAX_KEY_BYTES)
    return KeyFile(data, open_to_others=bool(status.st_mode & 0o077))


def public_path(private_path: Path) -> Path:
    """Return where the public half of a key file goes: `k.pub` for `k.pem`."""
    return private_path.with_name(private_path.name.removesuffix(".pem") + ".pub")


def make_key_folder(folder: Path) -> None:
    """Make a folder for private keys, with mode 0700, unless it is there.

    Raises:
        StorageError: the operating system refused.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_key_pair(
    private_path: Path, private_key: PrivateKey, passphrase: bytes | None
) -> tuple[Path, Path]:
    """Write `k.pem` (PKCS8, mode 0600 from the start) and `k.pub`; return both paths.

    Nothing is ever overwritten, and no half pair is left behind.

    Raises:
        KeyFileError: one of the files exists, the folder does not, or a bad passphrase.
        StorageError: the operating system failed to write.
    """
    public = public_path(private_path)
    private_pem = encode_private_key(private_key, passphrase)
    if private_path.suffix == ".pub":
        raise KeyFileError(
            "a private key is not written to a .pub file",
            hint="Choose a name that ends in .pem.",
            path=str(private_path),
        )
    if os.path.lexists(public):
        raise _exists(public)
    _create(private_path, private_pem, 0o600)
    try:
        _create(public, public_key_of(private_key).pem(), 0o644)
    except BaseException:
        private_path.unlink(missing_ok=True)
        raise
    return private_path, public


def _create(path: Path, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise _exists(path) from None
    except FileNotFoundError:
        raise KeyFileError(
            "no such folder", hint="Make it first, with mode 0700.", path=str(path.parent)
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        _sync_folder(path.parent)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exists(path: Path) -> KeyFileError:
    return KeyFileError(
        "already exists, and keys are never overwritten",
        hint="Choose another path with -o, or move the old key away.",
        path=str(path),
    )


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the key cannot be written ({error.strerror})",
        hint="Choose a folder you may write to, with free space; nothing was left behind.",
        path=str(path),
    )
