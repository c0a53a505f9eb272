"""What is added to evidence after its manifest was signed: statements, tokens, a receipt.

They are files of their own; a bundle is never rewritten. The receipt of a registry is one more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auditkit.digests import sha256_hex
from auditkit.errors import EnvelopeError
from auditkit.schemes import BUNDLE_SUFFIX, MAX_TOKEN_BYTES, RECEIPT_SUFFIX
from auditkit.stores.evidence import (
    ATTACHED_NAME,
    MAX_BUNDLES,
    EvidenceFolder,
    NamedBundle,
    read_bundles,
)
from auditkit.stores.listing import Listing, Listings
from auditkit.stores.reading import read_regular

StatementKind = Literal["approval", "verification", "erasure"]

MAX_TOKEN_FILES = 20
"""Most token files over one signature that are read; real evidence has one or two."""


@dataclass(frozen=True, slots=True)
class NamedToken:
    """A time-stamp token: the file that holds it, which may be a bundle, and its bytes as read."""

    name: str
    data: bytes


def statements(folder: EvidenceFolder, kind: StatementKind) -> tuple[NamedBundle, ...]:
    """Return the bundles that claim to be of this kind, sorted by name and not yet decoded.

    Of verifications these are the last 100, for one may be left every night.

    Raises:
        EnvelopeError: over 100; or one is a link, special, or over 16 MiB; or together they are
            over 64 MiB.
        UnreadableError: the operating system refused.
    """
    names = statement_names(folder, kind)
    return read_bundles(
        folder.sidecar_folder, names[-MAX_BUNDLES:] if kind == "verification" else names
    )


def statement_names(folder: EvidenceFolder, kind: StatementKind) -> tuple[str, ...]:
    """Return the names of the files that claim to be of this kind, sorted; raises UnreadableError.

    Verifications are then in the order of time that their names tell.
    """
    if not folder.sidecar_folder.is_dir() or folder.sidecar_folder.is_symlink():
        return ()
    entries = folder.listings.of(folder.sidecar_folder).names
    matches = (ATTACHED_NAME.fullmatch(name) for name in entries)
    found = (match for match in matches if match and match["kind"].partition(".")[0] == kind)
    return tuple(sorted(match.string for match in found))


def statement_path(
    folder: EvidenceFolder, kind: StatementKind, payload: bytes, keyid: str, time: str = ""
) -> Path:
    """Return where a bundle over the statement `payload` by the key `keyid` goes.

    `time` is RFC 3339 in UTC, and in the name of a verification.
    """
    seconds = re.sub(r"[-:]|\.[0-9]+", "", time)
    parts = (kind, *([seconds] if seconds else []), sha256_hex(payload)[:8], keyid[:8])
    return folder.sidecar_folder / f"{'.'.join(parts)}{BUNDLE_SUFFIX}"


def tokens(folder: EvidenceFolder, bundle: NamedBundle) -> tuple[NamedToken, ...]:
    """Return the token files over the signature of one of a folder's bundles, in their order.

    Raises as `tokens_beside`.
    """
    return tokens_beside(bundle.path, folder.listings)


def tokens_beside(path: Path, listings: Listings) -> tuple[NamedToken, ...]:
    """Return the token files beside a bundle, a receipt or a checkpoint, in their order.

    Raises:
        EnvelopeError: over 20; or one is a link, special, or over 64 KiB.
        UnreadableError: the operating system refused.
    """
    numbers = listings.of(path.parent).tokens(path.name)
    if len(numbers) > MAX_TOKEN_FILES:
        raise EnvelopeError(
            f"{len(numbers)} time-stamp tokens, more than {MAX_TOKEN_FILES}", path=str(path)
        )
    names = (_token_name(path, number) for number in numbers)
    return tuple(
        NamedToken(name, read_regular(path.parent / name, MAX_TOKEN_BYTES, EnvelopeError))
        for name in names
    )


def token_path(bundle_path: Path) -> Path:
    """Return where the next token goes: `manifest.1.tsr` beside a bundle.

    Those over a checkpoint are called like its file: `manifest.tlog-proof.1.tsr`.
    """
    numbers = Listing.read(bundle_path.parent).tokens(bundle_path.name)
    return bundle_path.parent / _token_name(bundle_path, max(numbers, default=0) + 1)


def receipt_path(folder: EvidenceFolder) -> Path:
    """Return where the receipt of the manifest goes; whichever bundle was opened, it is one."""
    main = min(folder.bundle_names, key=lambda name: (len(name), name))
    return folder.folder / (main.removesuffix(BUNDLE_SUFFIX) + RECEIPT_SUFFIX)


def _token_name(bundle_path: Path, number: int) -> str:
    return f"{bundle_path.name.removesuffix(BUNDLE_SUFFIX)}.{number}.tsr"
