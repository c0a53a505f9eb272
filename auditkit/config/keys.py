"""Keys as flags, environment and configuration name them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from auditkit.api.stamping import Stamping
from auditkit.config.settings import Setting, Settings
from auditkit.errors import KeyFileError
from auditkit.signing.certificate import with_certificates
from auditkit.signing.opening import is_uri, open_signer
from auditkit.signing.passphrase import PassphraseSource, passphrase_source
from auditkit.signing.signer import Signer
from auditkit.signing.timestamp import TimestampClient
from auditkit.trust.keys import load_trust
from auditkit.trust.load import PolicyTrust, load_policy
from auditkit.trust.rules import TrustSource

Prompt = Callable[[str], bytes | None]
"""Asks a person for the passphrase of the key it is given the name of; None if nobody is there."""


def signers_from(
    settings: Settings,
    keys: Sequence[str] = (),
    *,
    certificates: Sequence[str] = (),
    allow_open_key: bool = False,
    prompt: Prompt | None = None,
) -> tuple[Signer, ...]:
    """Return the signers that `keys` or the settings name, with their certificates.

    Raises:
        KeyFileError: no key is configured, one cannot be used or is named twice, or a
            certificate is for another key.
        MissingDependencyError: a kind of key whose extra is not installed.
    """
    chosen = settings.sign_keys(keys)
    if not chosen:
        raise KeyFileError(
            "there is no key to sign with",
            hint="Make one with auditkit init, or give --key; --no-sign records without a "
            "signature, to be signed later with auditkit sign.",
        )
    signers = open_keys(settings, chosen, allow_open_key=allow_open_key, prompt=prompt)
    paths = settings.sign_certificates(certificates, chosen[0].source)
    return with_certificates(signers, (Path(_resolved(each)) for each in paths))


def open_keys(
    settings: Settings,
    chosen: Sequence[Setting],
    *,
    allow_open_key: bool = False,
    prompt: Prompt | None = None,
) -> list[Signer]:
    """Return a signer for each of these keys; raises as `signers_from`."""
    signers = [
        open_signer(
            _resolved(setting),
            passphrase=_passphrase(settings, setting, prompt),
            allow_open_permissions=allow_open_key,
            environ=settings.environ,
        )
        for setting in chosen
    ]
    _refuse_twice(signers)
    return signers


def _refuse_twice(signers: Sequence[Signer]) -> None:
    keyids = [each.public_key.keyid for each in signers]
    for keyid in keyids:
        if keyids.count(keyid) > 1:
            raise KeyFileError(
                f"the key {keyid[:16]}… is given twice",
                hint="Give each key once; a second signature by the same key adds nothing.",
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
    path = _near(chosen.setting)
    load = load_policy if chosen.kind == "policy" else load_trust
    return load(path, source=chosen.setting.source)


def policy_from(settings: Settings, policy: str | None = None) -> PolicyTrust | None:
    """Return the trust policy that the flag or the settings name; None where they name a key."""
    chosen = settings.trust(policy=policy)
    if chosen is None or chosen.kind != "policy":
        return None
    return load_policy(_near(chosen.setting), source=chosen.setting.source)


def stamping_from(
    settings: Settings, urls: Sequence[str] = (), *, optional: bool = False
) -> Stamping | None:
    """Return the time-stamping authorities that `urls` or the settings name; None if none.

    Raises:
        UsageError: one of them is no address of an authority.
    """
    chosen = settings.authorities(urls)
    if not chosen:
        return None
    clients = tuple(TimestampClient(url) for url in chosen)
    return Stamping(clients, required=settings.timestamp_required and not optional)


def _resolved(setting: Setting) -> str:
    if is_uri(setting.value):
        return setting.value
    return str(setting.base / Path(setting.value).expanduser())


def _near(setting: Setting) -> Path:
    """Return the path, relative where it was given so or is near the working directory.

    Verdicts and reports name it, and whose machine they were made on is nobody's business.
    """
    here, given = Path.cwd(), Path(setting.value).expanduser()
    if setting.base == here and not given.is_absolute():
        return given
    path = Path(_resolved(setting))
    is_near = path.is_relative_to(here) or here.is_relative_to(path.parent)
    return Path(os.path.relpath(path)) if is_near and ".." not in path.parts else path


def _passphrase(settings: Settings, key: Setting, prompt: Prompt | None) -> PassphraseSource | None:
    setting = settings.passphrase()
    if setting is None:
        return None if prompt is None else lambda: prompt(key.value)
    scheme, _, rest = setting.value.partition(":")
    if scheme == "file":
        rest = str(setting.base / Path(rest).expanduser())
    return passphrase_source(f"{scheme}:{rest}", settings.environ)
