"""Ways to rewrite evidence, as somebody with or without a key could."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.manifest.dsse import pae
from auditkit.schemes import PAYLOAD_TYPE
from auditkit.signing.signer import Signer

Pointer = tuple[str | int, ...]


def read(path: Path) -> Bundle:
    return decode_bundle(path.read_bytes())


def replace_payload(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the payload and keep the signature, as somebody without a key would."""
    bundle = read(path)
    document = json.loads(bundle.payload)
    change(document)
    payload = json.dumps(document).encode()
    path.write_bytes(Bundle(payload, bundle.signature, bundle.keyid).encode())


def resign(path: Path, signer: Signer, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the payload and sign it again."""
    document = json.loads(read(path).payload)
    change(document)
    payload = json.dumps(document).encode()
    signature = signer.sign(pae(PAYLOAD_TYPE, payload))
    path.write_bytes(Bundle(payload, signature, signer.public_key.keyid).encode())


def edit_bundle(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the bundle file itself."""
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))


def leaves(value: Any, at: Pointer = ()) -> Iterator[Pointer]:
    """Yield the pointer of every scalar, and of every empty container."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*at, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*at, index))
    else:
        yield at


def altered(document: dict[str, Any], pointer: Pointer) -> dict[str, Any]:
    """Return a copy with another value at `pointer`."""
    result = copy.deepcopy(document)
    parent = result
    for key in pointer[:-1]:
        parent = parent[key]  # type: ignore[index]
    parent[pointer[-1]] = _other(parent[pointer[-1]])  # type: ignore[index]
    return result


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + 0.5
    if isinstance(value, str):
        return value[:-1] + ("0" if not value.endswith("0") else "1")
    return "x"
