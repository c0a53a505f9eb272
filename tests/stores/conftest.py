"""The stores that have to keep the contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from auditkit.stores.directory import DirectoryStore
from auditkit.stores.store import Store


@dataclass(frozen=True)
class Place:
    """An empty store, and what opens it again in another process."""

    store: Store
    reopen: Callable[[], Store]


@pytest.fixture
def place(tmp_path):
    root = tmp_path / "registry"
    root.mkdir()
    reopen = partial(DirectoryStore, root)
    return Place(reopen(), reopen)


@pytest.fixture
def store(place):
    return place.store
