"""Names that announce a secret."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORDS: Final = frozenset(
    ("auth", "authorization", "cookie", "jwt", "oauth", "pass", "pwd", "secrets")
)
_SECRET_ENDINGS: Final = (
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "secret",
)
_KEY_KINDS: Final = frozenset(
    ("access", "account", "api", "auth", "deploy", "encryption", "private", "secret", "signing")
)
_TEXT_TOKENS: Final = frozenset(
    (
        *("bos", "class", "cls", "end", "eos", "first", "image", "last", "mask", "max", "min"),
        *("n", "new", "next", "num", "pad", "per", "sep", "special", "start", "unk"),
    )
)
"""Before `token` these mean a piece of text, not a secret."""

_QUERY_NAMES: Final = frozenset(("code", "key", "sig", "signature"))


def is_secret_name(name: str) -> bool:
    """Return whether an option, variable or field called `name` probably holds a secret.

    `api-key`, `HF_TOKEN` and `dbPassword` do; `tokenizer`, `max_tokens`, `pad_token` and
    `token_dim`, which training code is full of, do not.
    """
    if name in {"PWD", "OLDPWD"}:
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    ahead = ["", *words]
    return (
        any(word in _SECRET_WORDS or word.endswith(_SECRET_ENDINGS) for word in words)
        or any(
            word in {"key", "keys"} and kind in _KEY_KINDS
            for kind, word in zip(ahead, words, strict=False)
        )
        or (ahead[-1].endswith("token") and not _is_piece_of_text(ahead))
    )


def is_secret_parameter(name: str) -> bool:
    """Return whether a parameter of a URL's query probably holds a secret."""
    return name.lower() in _QUERY_NAMES or name.lower().startswith("x-amz-") or is_secret_name(name)


def _is_piece_of_text(words: list[str]) -> bool:
    return words[-1] == "token" and words[-2] in _TEXT_TOKENS
