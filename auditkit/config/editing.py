"""The one change that auditkit makes to an `auditkit.toml`: a policy in place of a key."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Final

_KEY_LINE: Final = re.compile(r"(?m)^key[ \t]*=[ \t]*(?P<value>\"[^\"\n]*\"|'[^'\n]*')[ \t]*$")


def with_policy(text: str, policy: str) -> str | None:
    """Return the text of an `auditkit.toml` whose `[verify]` names a policy instead of a key.

    All else stays, comments too. None if it is not written in the way that `auditkit init` writes
    it, so that a person must change it.
    """
    before = tomllib.loads(text)
    for line in _KEY_LINE.finditer(text):
        changed = f"{text[: line.start()]}trust = {json.dumps(policy)}{text[line.end() :]}"
        if _says(changed, {**before, "verify": {"trust": policy}}):
            return changed
    return None


def _says(text: str, expected: dict[str, object]) -> bool:
    try:
        return tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        return False
