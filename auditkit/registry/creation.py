"""Making a registry: an empty log under a name that it keeps wherever it is moved."""

from __future__ import annotations

import re
import uuid

from auditkit.errors import StoreError, UsageError
from auditkit.merkle import EMPTY_ROOT
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.layout import CHECKPOINT_KEY
from auditkit.registry.logkey import LogSigner
from auditkit.registry.notekeys import VerifierKey
from auditkit.schemes import NAME_PATTERN
from auditkit.stores.store import Store


def create(store: Store, name: str, key: LogSigner) -> tuple[VerifierKey, ...]:
    """Make an empty registry in `store` and return what others verify its checkpoints with.

    The log's origin is `<name>/<uuid>`, so that no two registries are ever taken for each other.

    Raises:
        UsageError: `name` is not one, or there is a registry already.
        KeyFileError: the key's algorithm does not sign checkpoints.
        StoreError: the store refused.
    """
    if not re.fullmatch(NAME_PATTERN, name) or len(name) > 128:
        raise UsageError(
            f"{name[:80]!r} is not a registry's name",
            hint="Letters, digits, dot, dash and underscore, beginning with a letter.",
        )
    if store.read_head(CHECKPOINT_KEY) is not None:
        raise UsageError("there is a registry here already", path=store.location)
    origin = f"{name}/{uuid.uuid4()}"
    signed = key.sign(Checkpoint(origin, 0, EMPTY_ROOT))
    if not store.swap_head(CHECKPOINT_KEY, signed.encode(), None):
        raise StoreError("somebody else made a registry here just now", path=store.location)
    return key.keys(origin)
