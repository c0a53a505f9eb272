"""Make a registry in a folder or a bucket, once it is known what that place guarantees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from auditkit.errors import LogError, StoreError
from auditkit.registry.authenticity import authenticate
from auditkit.registry.checkpoint import decode_checkpoint
from auditkit.registry.creation import create
from auditkit.registry.layout import CHECKPOINT_KEY
from auditkit.registry.logkey import LogSigner
from auditkit.registry.notekeys import VerifierKey
from auditkit.stores import atomic
from auditkit.stores.directory import DirectoryStore
from auditkit.stores.opening import StoreSettings, open_store
from auditkit.stores.probe import Guarantees, probe


@dataclass(frozen=True, slots=True)
class PreparedRegistry:
    """A registry that is ready for use, and the store that it lies in.

    `keys` are what others verify its checkpoints with; they are known to who has the log's key.
    `created` says that there was none before; `single_writer` that the place keeps no two writers
    apart.
    """

    location: str
    origin: str
    keys: tuple[VerifierKey, ...]
    guarantees: Guarantees
    created: bool
    single_writer: bool


def prepare_registry(
    uri: str,
    settings: StoreSettings,
    name: str,
    *,
    own_key: LogSigner | None,
    make_key: Callable[[], LogSigner],
) -> PreparedRegistry:
    """Make a registry at `uri` unless there is one; return what is there and what it rests on.

    A folder is made, a bucket is not. Several writers are let loose on the place for a moment.
    `make_key` is called only where a registry has to be made and there is no `own_key`.

    Raises:
        StoreError: the place cannot keep writers apart and `settings` do not say that there is
            one only; or it takes no retention; or it refused or cannot be reached.
        UsageError: the address is none, or `name` is no name.
        KeyFileError: the log's key cannot be used.
    """
    store = open_store(uri, replace(settings, single_writer=False))
    if isinstance(store, DirectoryStore):
        _make_folder(store.root)
    guarantees = probe(store)
    _check(guarantees, single_writer=settings.single_writer)
    if not guarantees.many_writers:
        store = open_store(uri, settings)
    head = store.read_head(CHECKPOINT_KEY)
    if head is None:
        keys = create(store, name, own_key or make_key())
        origin = keys[0].name
    else:
        origin, keys = _join(head.content, own_key)
    return PreparedRegistry(
        store.location,
        origin,
        keys,
        guarantees,
        created=head is None,
        single_writer=not guarantees.many_writers,
    )


def _make_folder(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        known = atomic.storage_error(error, root)
        raise StoreError(known.message, hint=known.hint, path=known.path) from error


def _check(guarantees: Guarantees, *, single_writer: bool) -> None:
    if guarantees.lock_ignored:
        raise StoreError(
            "the server takes a retention and does not keep to it",
            hint="Take another server, or leave --retain out; if it does keep to it, give these "
            "credentials the right s3:GetObjectRetention, to see that.",
            path=guarantees.location,
        )
    if not guarantees.many_writers and not single_writer:
        raise StoreError(
            "this server ignores conditions, so that two writers at once undo each other's work",
            hint="Take another server; or, if only one process will ever write here at a time, "
            "say so with --single-writer.",
            path=guarantees.location,
        )


def _join(content: bytes, own_key: LogSigner | None) -> tuple[str, tuple[VerifierKey, ...]]:
    """Return whose registry is there already; its keys only if one's own key signed for it."""
    signed = decode_checkpoint(content)
    origin = signed.checkpoint.origin
    if own_key is None:
        return origin, ()
    try:
        authenticate(signed, [own_key.trusted(origin)])
    except LogError:
        return origin, ()
    return origin, own_key.keys(origin)
