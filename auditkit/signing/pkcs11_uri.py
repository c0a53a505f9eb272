"""PKCS #11 URIs (RFC 7512), as far as they name one private key on one token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from auditkit.errors import KeyFileError

_TOKEN: Final = frozenset({"token", "manufacturer", "serial", "model", "slot-id"})
_OBJECT: Final = frozenset({"object", "id", "type"})
_QUERY: Final = frozenset({"module-path", "pin-source"})
_HINT: Final = (
    "Write pkcs11:token=NAME;object=LABEL?module-path=/path/to/module.so&pin-source=env:NAME."
)


@dataclass(frozen=True, slots=True)
class Pkcs11Uri:
    """What the URI says, percent-decoded. `token` are the attributes that the token must have.

    `pin_source` is `env:NAME` or `file:PATH`; a PIN itself is never taken from a URI.
    """

    text: str
    token: Mapping[str, str] = field(default_factory=dict)
    label: str | None = None
    id: bytes | None = None
    module_path: str | None = None
    pin_source: str | None = None


def parse_pkcs11_uri(uri: str) -> Pkcs11Uri:
    """Return what `uri` names.

    Raises:
        KeyFileError: not such a URI, an attribute that is unknown or given twice, no key named,
            another object than a private key, or a PIN in the URI.
    """
    # Wherever it stands: with a PIN in it, no error may show the URI.
    if "pin-value" in uri.lower():
        raise KeyFileError(
            "the PIN stands in the key's URI, where lists of processes and logs show it",
            hint="Put it into a variable or file and write pin-source=env:NAME or "
            "pin-source=file:PATH; then change the PIN.",
        )
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    try:
        return _uri(uri, _attributes(path, ";", _TOKEN | _OBJECT), _attributes(query, "&", _QUERY))
    except KeyFileError as error:
        error.path = uri
        raise


def _uri(text: str, path: Mapping[str, bytes], query: Mapping[str, bytes]) -> Pkcs11Uri:
    if path.get("type", b"private") != b"private":
        raise KeyFileError("the URI names something else than a private key", hint=_HINT)
    if "object" not in path and "id" not in path:
        raise KeyFileError("the URI names no key: neither object nor id is given", hint=_HINT)
    return Pkcs11Uri(
        text=text,
        token={name: _text(path[name]) for name in _TOKEN & path.keys()},
        label=_text(path["object"]) if "object" in path else None,
        id=path.get("id"),
        module_path=_text(query["module-path"]) if "module-path" in query else None,
        pin_source=_pin_source(_text(query["pin-source"])) if "pin-source" in query else None,
    )


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if not equals or name not in known or name in found:
            # Values may be secret, and a name is only shown if it looks like one.
            shown = name if re.fullmatch(r"[a-z-]{1,30}", name) else "a part of it"
            raise KeyFileError(
                f"in the key's URI {shown} is unknown, given twice or has no value", hint=_HINT
            )
        found[name] = unquote_to_bytes(value)
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise KeyFileError("the URI is not UTF-8", hint=_HINT) from error


def _pin_source(value: str) -> str:
    """RFC 7512 has a URI or a path here; what starts with a bar would be a command."""
    if value.startswith("/"):
        return f"file:{value}"
    if value.startswith(("env:", "file:")):
        return value
    raise KeyFileError("the pin-source is neither env:NAME nor a file", hint=_HINT)
