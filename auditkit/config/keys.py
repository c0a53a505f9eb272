"""Keys as flags, environment and configuration name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from auditkit.config.settings import Setting, Settings
from auditkit.errors import KeyFileError
from auditkit.signing.passphrase import PassphraseSource, passphrase_source
from auditkit.signing.signer import Signer, open_signer
from auditkit.trust.keys import KeyTrust, load_trust

Prompt = Callable[[str], bytes | None]
"""Asks a person for the passphrase of the key it is given the name of; None if nobody is there."""


def signer_from(
    settings: Settings,
    key: str | None,
    *,
    allow_open_key: bool = False,
    prompt: Prompt | None = None,
) -> Signer:
    """Return the signer that `key` or the settings name.

    Raises:
        KeyFileError: no key is configured, or it cannot be used.
    """
    setting = settings.sign_key(key)
    if setting is None:
        raise KeyFileError(
            "there is no key to sign with",
            hint="Make one with auditkit init, or give --key; --no-sign records without a "
            "signature, to be signed later with auditkit sign.",
        )
    return open_signer(
        _resolved(setting),
        passphrase=_passphrase(settings, setting, prompt),
        allow_open_permissions=allow_open_key,
        environ=settings.environ,
    )


def trust_from(settings: Settings, key: str | None) -> KeyTrust | None:
    """Return the key to trust, or None where none is given or configured anywhere."""
    setting = settings.verify_key(key)
    if setting is None:
        return None
    return load_trust(Path(_resolved(setting)), source=setting.source)


def _resolved(setting: Setting) -> str:
    if setting.value.startswith("env:"):
        return setting.value
    return str(setting.base / Path(setting.value).expanduser())


def _passphrase(settings: Settings, key: Setting, prompt: Prompt | None) -> PassphraseSource | None:
    setting = settings.passphrase()
    if setting is None:
        return None if prompt is None else lambda: prompt(key.value)
    scheme, _, rest = setting.value.partition(":")
    if scheme == "file":
        rest = str(setting.base / Path(rest).expanduser())
    return passphrase_source(f"{scheme}:{rest}", settings.environ)
