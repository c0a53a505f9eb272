"""A store under a process that dies: at any one write, before it took place or right after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from auditkit.stores.store import Head, Store


class Death(BaseException):
    """The process is gone: nothing catches this but the test."""


@dataclass
class FaultyStore:
    """Does what `store` does until the write number `dies_at`, counted from 1; 0 means never.

    After its death every call fails, as nothing runs on in a dead process. `written` has the
    writes that took place: method and key.
    """

    store: Store
    dies_at: int = 0
    after: bool = False
    written: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0
    dead: bool = False

    @property
    def location(self) -> str:
        return self.store.location

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        return self._write("put_new", key, lambda: self.store.put_new(key, content, retain=retain))

    def swap_head(self, key: str, content: bytes, expected: Head | None) -> bool:
        return self._write("swap_head", key, lambda: self.store.swap_head(key, content, expected))

    def remove(self, key: str) -> None:
        self._write("remove", key, lambda: self.store.remove(key))

    def get(self, key: str, *, limit: int, latest: bool = False) -> bytes:
        self._check()
        return self.store.get(key, limit=limit, latest=latest)

    def list(self, prefix: str) -> Iterator[str]:
        self._check()
        return self.store.list(prefix)

    def read_head(self, key: str) -> Head | None:
        self._check()
        return self.store.read_head(key)

    def _write(self, method: str, key: str, act: Callable[[], Any]) -> Any:
        self._check()
        self.calls += 1
        dies = self.calls == self.dies_at
        self.dead = dies
        if dies and not self.after:
            raise Death
        result = act()
        self.written.append((method, key))
        if dies:
            raise Death
        return result

    def _check(self) -> None:
        if self.dead:
            raise Death
