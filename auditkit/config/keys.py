"""Keys as flags, environment and configuration name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from auditkit.config.settings import Setting, Settings
from auditkit.errors import KeyFileError
from auditkit.signing.passphrase import PassphraseSource, passphrase_source
from auditkit.signing.signer import Signer, open_signer
from auditkit.trust.keys import load_trust
from auditkit.trust.load import load_policy
from auditkit.trust.rules import TrustSource

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


def trust_from(
    settings: Settings, key: str | None = None, policy: str | None = None
) -> TrustSource | None:
    """Return what to trust, or None where nothing is given or configured anywhere.

    `key` and `policy` are flags; either beats everything that is configured.

    Raises:
        ConfigError: both are given at once, or the policy is wrong.
        KeyFileError: a key, or the policy, cannot be read or used.
    """
    chosen = settings.trust(key, policy)
    if chosen is None:
        return None
    path = Path(_resolved(chosen.setting))
    load = load_policy if chosen.kind == "policy" else load_trust
    return load(path, source=chosen.setting.source)


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
