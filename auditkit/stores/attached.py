"""What is added to evidence after its manifest was signed: approvals, tokens, a receipt.

They are files of their own; a bundle is never rewritten. The receipt of a registry is one more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auditkit.errors import EnvelopeError
from auditkit.schemes import BUNDLE_SUFFIX, MAX_TOKEN_BYTES, RECEIPT_SUFFIX
from auditkit.stores.evidence import (
    APPROVAL_NAME,
    EvidenceFolder,
    NamedBundle,
    read_bundles,
)
from auditkit.stores.listing import Listing
from auditkit.stores.reading import read_regular

MAX_TOKEN_FILES = 20
"""Most token files over one signature that are read; real evidence has one or two."""


@dataclass(frozen=True, slots=True)
class NamedToken:
    """A time-stamp token: the file that holds it, which may be a bundle, and its bytes as read."""

    name: str
    data: bytes


def approvals(folder: EvidenceFolder) -> tuple[NamedBundle, ...]:
    """Return the bundles that claim to be approvals, sorted by name and not yet decoded.

    Raises:
        EnvelopeError: over 100; or one is a link, special, or over 16 MiB; or together they are
            over 64 MiB.
        UnreadableError: the operating system refused.
    """
    if not folder.sidecar_folder.is_dir() or folder.sidecar_folder.is_symlink():
        return ()
    entries = folder.listings.of(folder.sidecar_folder).names
    names = (name for name in entries if APPROVAL_NAME.fullmatch(name))
    return read_bundles(folder.sidecar_folder, sorted(names))


def approval_path(folder: EvidenceFolder, statement_digest: str, keyid: str) -> Path:
    """Return where an approval goes: both digests are hex, and their first 8 digits name it."""
    name = f"approval.{statement_digest[:8]}.{keyid[:8]}{BUNDLE_SUFFIX}"
    return folder.sidecar_folder / name


def tokens(folder: EvidenceFolder, bundle: NamedBundle) -> tuple[NamedToken, ...]:
    """Return the token files over the signature of one of a folder's bundles, in their order.

    Raises:
        EnvelopeError: over 20; or one is a link, special, or over 64 KiB.
        UnreadableError: the operating system refused.
    """
    beside = bundle.path.parent
    numbers = folder.listings.of(beside).tokens(bundle.name)
    if len(numbers) > MAX_TOKEN_FILES:
        raise EnvelopeError(
            f"{len(numbers)} time-stamp tokens, more than {MAX_TOKEN_FILES}", path=str(bundle.path)
        )
    names = (_token_name(bundle.path, number) for number in numbers)
    return tuple(
        NamedToken(name, read_regular(beside / name, MAX_TOKEN_BYTES, EnvelopeError))
        for name in names
    )


def token_path(bundle_path: Path) -> Path:
    """Return where the next token over this bundle's signature goes: `manifest.1.tsr`."""
    numbers = Listing.read(bundle_path.parent).tokens(bundle_path.name)
    return bundle_path.parent / _token_name(bundle_path, max(numbers, default=0) + 1)


def receipt_path(folder: EvidenceFolder) -> Path:
    """Return where the receipt of the manifest goes; whichever bundle was opened, it is one."""
    main = min(folder.bundle_names, key=lambda name: (len(name), name))
    return folder.folder / (main.removesuffix(BUNDLE_SUFFIX) + RECEIPT_SUFFIX)


def _token_name(bundle_path: Path, number: int) -> str:
    return f"{bundle_path.name.removesuffix(BUNDLE_SUFFIX)}.{number}.tsr"
