"""A registry in memory, and the key of its log."""

from __future__ import annotations

import pytest
from keypool import key_signer
from registry.logs import MemoryStore, new_registry

from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry


@pytest.fixture(scope="session")
def key() -> LogSigner:
    return LogSigner(key_signer("ed25519"))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def registry(store: MemoryStore, key: LogSigner) -> Registry:
    return new_registry(store, key)
