"""Whether the log's key also signs manifests: whoever holds it could then forge both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from auditkit.config.keys import trust_from
from auditkit.config.settings import Setting, Settings
from auditkit.errors import ConfigError, KeyFileError
from auditkit.signing.keyfile import public_path, read_key_file
from auditkit.signing.keys import PublicKey, load_public_key
from auditkit.signing.opening import is_uri

_WARNING = (
    "the log's key also signs manifests: whoever has it could write false evidence and rewrite "
    "the log to fit; give the log a key of its own"
)


def shared_key_warnings(
    settings: Settings, log_keys: Iterable[PublicKey], flags: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the warning that a key of the log signs manifests too; nothing if none is known to.

    What is known are the keys that the project trusts, the public halves of those it signs with,
    and the URIs of both. No private key is opened for it.

    Args:
        settings: The project's.
        log_keys: The log's public keys.
        flags: URIs of the log's private keys, where they come from flags.
    """
    signers = {key.keyid for key in _signing_keys(settings)}
    places = {_place(each) for each in settings.sign_keys()}
    shared = any(key.keyid in signers for key in log_keys) or any(
        _place(each) in places for each in settings.log_keys(flags)
    )
    return (_WARNING,) if shared else ()


def _signing_keys(settings: Settings) -> Iterator[PublicKey]:
    """Yield what can be read; a key that cannot be is for the commands that need it to report."""
    with suppress(ConfigError, KeyFileError):
        trust = trust_from(settings)
        yield from (key.public_key for _, key in trust.rules.all_keys()) if trust else ()
    for each in settings.sign_keys():
        if not is_uri(each.value):
            with suppress(KeyFileError):
                yield load_public_key(read_key_file(public_path(Path(_place(each)))).data)


def _place(key: Setting) -> str:
    return key.value if is_uri(key.value) else str(key.base / Path(key.value).expanduser())
