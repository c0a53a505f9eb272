"""Where the passphrase of an encrypted key comes from when nobody is there to type it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from auditkit.errors import KeyFileError
from auditkit.signing.files import read_small_file

PassphraseSource = Callable[[], bytes | None]
"""Asked at most once, and only for an encrypted key; None when there is no passphrase."""

_MAX_FILE_BYTES = 4096


def passphrase_source(reference: str, environ: Mapping[str, str]) -> PassphraseSource:
    """Return the source for `env:NAME` (an environment variable) or `file:PATH`.

    A file's last line ending does not belong to the passphrase. Nothing is read before the
    source is called; it then raises KeyFileError if the variable or file is absent or empty.

    Raises:
        KeyFileError: `reference` has neither form.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env" and rest:
        return lambda: _from_environment(rest, environ)
    if scheme == "file" and rest:
        return lambda: _from_file(Path(rest))
    # The text is not repeated: someone may have put the passphrase itself here.
    raise KeyFileError(
        "the passphrase reference has neither the form env:NAME nor file:PATH",
        hint="Name an environment variable (env:NAME) or a file (file:PATH) that holds it.",
    )


def _from_environment(name: str, environ: Mapping[str, str]) -> bytes:
    value = environ.get(name)
    if not value:
        state = "not set" if value is None else "empty"
        raise KeyFileError(
            f"the environment variable {name} for the passphrase is {state}",
            hint=f"Set {name}, or name another variable.",
        )
    return os.fsencode(value)


def _from_file(path: Path) -> bytes:
    data, _ = read_small_file(path, "passphrase file", _MAX_FILE_BYTES)
    passphrase = data.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase:
        raise KeyFileError(
            "the passphrase file is empty", hint="Write the passphrase to it.", path=str(path)
        )
    return passphrase
