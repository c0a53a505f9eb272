"""The registry, and the keys of its log, as flags, environment and configuration name them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from auditkit.api.checkpoints import read_seen
from auditkit.api.cosign import Cosigner
from auditkit.api.record import Recording
from auditkit.config.keys import Prompt, open_keys, policy_from
from auditkit.config.settings import Setting, Settings, user_state_dir
from auditkit.errors import ConfigError, KeyFileError
from auditkit.registry.authenticity import TrustedLog
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.notekeys import LOG_TYPES, VerifierKey, parse_verifier_key
from auditkit.registry.registry import Registry
from auditkit.signing.opening import is_uri
from auditkit.stores.opening import StoreSettings, open_store
from auditkit.stores.retention import Retention
from auditkit.stores.s3_client import S3Settings
from auditkit.trust.rules import TrustSource
from auditkit.verification.log_view import LogTrust, LogView

_HURRY_SECONDS: Final = 60.0
"""How long a capture waits for a registry; `auditkit record --pending` takes the time it needs."""


def registry_from(
    settings: Settings, flag: str | None = None, *, in_a_hurry: bool = False
) -> Registry:
    """Return the registry that the flag or the settings name; nothing is asked of it yet.

    `in_a_hurry` gives up after seconds instead of minutes where it cannot be reached.

    Raises:
        ConfigError: none is given or configured, or its settings are wrong.
        UsageError: its address is none.
        MissingDependencyError: an address in S3, and the extra for it is not installed.
    """
    chosen = settings.registry(flag)
    if chosen is None:
        raise ConfigError(
            "no registry is given or configured",
            hint="Give --registry URI, set AUDITKIT_REGISTRY, or set [registry] uri in "
            "auditkit.toml.",
        )
    section = settings.file.registry
    store = StoreSettings(
        s3=_hurried(settings.s3) if in_a_hurry else settings.s3,
        retention=Retention.parse(section.retention) if section.retention else None,
        single_writer=section.single_writer,
    )
    return Registry(open_store(registry_address(chosen.value, chosen.base), store))


def log_signer_from(
    settings: Settings, flags: Sequence[str] = (), *, prompt: Prompt | None = None
) -> LogSigner | None:
    """Return the log's keys that the flags or the settings name; None where there are none.

    One of them signs checkpoints; others, such as ML-DSA-44, add cosignatures.

    Raises:
        KeyFileError: one cannot be used, or not exactly one is Ed25519 or ECDSA P-256.
    """
    chosen = [each for each in settings.log_keys(flags) if _is_at_hand(each)]
    if not chosen:
        return None
    signers = open_keys(settings, chosen, prompt=prompt)
    own = [each for each in signers if each.public_key.algorithm in LOG_TYPES]
    if len(own) != 1:
        raise KeyFileError(
            f"a log needs exactly one key of {' or '.join(LOG_TYPES)}; {len(own)} are given",
            hint="Give one such key as log key, and besides it ML-DSA-44 keys at most.",
        )
    return LogSigner(own[0], tuple(each for each in signers if each is not own[0]))


def trusted_logs_from(
    settings: Settings, flags: Sequence[str] = (), *, trust: TrustSource | None = None
) -> tuple[TrustedLog, ...]:
    """Return the logs to trust: those of a trust policy, otherwise by their verifier keys.

    Raises:
        ConfigError: verifier keys are given as flags beside a trust policy.
        KeyFileError: a text is no verifier key.
    """
    if trust is not None and trust.describe().kind == "policy":
        if flags:
            raise ConfigError(
                "a verifier key of a log is given, and a trust policy",
                hint="Name the log in the policy, under [[logs]].",
            )
        return trust.rules.logs
    keys: dict[str, list[VerifierKey]] = {}
    for text in settings.verifier_keys(flags):
        key = parse_verifier_key(text)
        keys.setdefault(key.name, []).append(key)
    return tuple(_log(origin, own) for origin, own in keys.items())


def recording_from(
    settings: Settings,
    registry: str | None = None,
    log_keys: Sequence[str] = (),
    *,
    in_a_hurry: bool = False,
    prompt: Prompt | None = None,
) -> Recording:
    """Return where to record, whose receipts count, and the log's key where one is named.

    Raises as `registry_from`, `trusted_logs_from` and `log_signer_from`.
    """
    opened = registry_from(settings, registry, in_a_hurry=in_a_hurry)
    logs = trusted_logs_from(settings, trust=policy_from(settings))
    key = log_signer_from(settings, log_keys, prompt=prompt)
    integrator = None
    if key is not None:
        origin = logs[0].origin if len(logs) == 1 else None
        integrator = Integrator(opened, key, memory_from(settings), origin)
    return Recording(opened, logs, integrator, _HURRY_SECONDS if in_a_hurry else None)


def log_trust_from(
    settings: Settings,
    flags: Sequence[str] = (),
    *,
    trust: TrustSource | None = None,
    checkpoints: Sequence[Path] = (),
) -> LogTrust:
    """Return whose logs count, the checkpoints in these files, and what is remembered.

    Raises as `trusted_logs_from` and `read_seen`.
    """
    logs = trusted_logs_from(settings, flags, trust=trust)
    authorities = () if trust is None else trust.rules.authorities
    seen = tuple(each for path in checkpoints for each in read_seen(path, logs, authorities))
    required = trust is not None and trust.rules.require.consistency
    return LogTrust(logs, seen, memory_from(settings), required, authorities)


def log_view_from(
    settings: Settings, trust: LogTrust, registry: str | None = None, *, offline: bool = False
) -> LogView:
    """Return the registry that the flag or the settings name, if any, as a verification sees it.

    With `offline` there is none. Raises as `registry_from`.
    """
    if offline or settings.registry(registry) is None:
        return LogView(trust)
    return LogView(trust, registry_from(settings, registry))


def memory_from(settings: Settings) -> CheckpointMemory:
    """Return where the user's programs remember the last checkpoint of each log."""
    return CheckpointMemory(user_state_dir(settings.environ) / "logs")


def cosigner_from(
    settings: Settings, key: str, name: str, *, prompt: Prompt | None = None
) -> Cosigner:
    """Return who cosigns logs with this key, and what it remembers of them.

    That is apart from what verifications remember, which may have seen what was never cosigned.

    Raises:
        KeyFileError: the key cannot be used or cannot cosign, or the name cannot name a key.
    """
    (signer,) = open_keys(settings, settings.sign_keys((key,)), prompt=prompt)
    folder = user_state_dir(settings.environ) / "cosigned" / signer.public_key.keyid[:16]
    cosigner = Cosigner(signer, name, CheckpointMemory(folder))
    _ = cosigner.key
    return cosigner


def _log(origin: str, keys: Sequence[VerifierKey]) -> TrustedLog:
    own = tuple(each for each in keys if not each.is_cosigner)
    cosigners = tuple(each for each in keys if each.is_cosigner)
    return TrustedLog(origin, own, cosigners, needed=len(cosigners))


def _is_at_hand(key: Setting) -> bool:
    """Many share a project's auditkit.toml, and few have the log's key."""
    path = key.base / Path(key.value).expanduser()
    return key.source != "project" or is_uri(key.value) or path.exists()


def _hurried(s3: S3Settings) -> S3Settings:
    return replace(s3, timeout=min(s3.timeout, 10), attempts=min(s3.attempts, 2))


def registry_address(uri: str, base: Path) -> str:
    """Return the address of a registry, with a relative folder starting from `base`."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", uri):
        return uri
    return os.path.normpath(base / Path(uri).expanduser())
