"""auditkit.toml, environment and flags become one frozen set of settings: flags beat the rest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import asdict

from auditkit.config.file import ConfigFile, read_config, read_config_if_present
from auditkit.errors import ConfigError
from auditkit.schemes import CONFIG_FILE, MANIFEST_BUNDLE, PACK_MARK, UNSIGNED_MANIFEST
from auditkit.stores.s3_client import S3Settings

Source = Literal["flag", "environment", "project", "user"]

_Values = str | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from."""

    value: str
    source: Source
    base: Path


@dataclass(frozen=True, slots=True)
class TrustSetting:
    """The path of a trust policy, or of one public key that is trusted for everything."""

    kind: Literal["key", "policy"]
    setting: Setting


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything configured, before a command's own flags.

    `root` is the folder of `auditkit.toml`, or the working directory where there is none.
    """

    root: Path
    file: ConfigFile
    user: ConfigFile
    environ: Mapping[str, str]

    @property
    def evidence_dir(self) -> Path:
        """Where evidence goes and is looked for."""
        return self.root / self.environ.get("AUDITKIT_EVIDENCE", self.file.evidence)

    @property
    def project(self) -> str | None:
        """The project's name."""
        return self.environ.get("AUDITKIT_PROJECT") or self.file.project

    def sign_keys(self, flags: Sequence[str] = ()) -> tuple[Setting, ...]:
        """Return the URIs of the private keys to sign with: all that the first source names."""
        sources = self._sources(flags, "AUDITKIT_KEY", self.file.sign.key, self.user.sign.key)
        return next((each for each in sources.values() if each), ())

    def sign_certificates(self, flags: Sequence[str], keys: Source) -> tuple[Setting, ...]:
        """Return the paths of certificates: those of flags, else those named beside the keys."""
        file, user = self.file.sign.certificate, self.user.sign.certificate
        sources = self._sources(flags, "AUDITKIT_CERTIFICATE", file, user)
        return sources["flag"] or sources[keys]

    def registry(self, flag: str | None = None) -> Setting | None:
        """Return the address of the registry."""
        file, user = self.file.registry.uri, self.user.registry.uri
        return self._choose(flag, "AUDITKIT_REGISTRY", file, user)

    def log_keys(self, flags: Sequence[str] = ()) -> tuple[Setting, ...]:
        """Return the URIs of the private keys of the log: all that the first source names."""
        file, user = self.file.registry.log_key, self.user.registry.log_key
        sources = self._sources(flags, "AUDITKIT_LOG_KEY", file, user)
        return next((each for each in sources.values() if each), ())

    def verifier_keys(self, flags: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the verifier keys of logs to trust: all that the first source names."""
        file, user = self.file.verify.log, self.user.verify.log
        sources = self._sources(flags, "AUDITKIT_VERIFY_LOG", file, user)
        found = next((each for each in sources.values() if each), ())
        return tuple(each.value for each in found)

    def passphrase(self, flag: str | None = None) -> Setting | None:
        """Return where the key's passphrase is: `env:NAME` or `file:PATH`."""
        file, user = self.file.sign.passphrase, self.user.sign.passphrase
        return self._choose(flag, "AUDITKIT_PASSPHRASE", file, user)

    def authorities(self, flags: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the URLs of time-stamping authorities: all that the first source names."""
        file, user = self.file.timestamp.authorities, self.user.timestamp.authorities
        sources = self._sources(flags, "AUDITKIT_TIMESTAMP", file, user)
        return next(
            (tuple(each.value for each in given) for given in sources.values() if given), ()
        )

    @property
    def timestamp_required(self) -> bool:
        """Whether it is an error that no authority answers."""
        chosen = self.file.timestamp.on_failure or self.user.timestamp.on_failure
        return chosen != "warn"

    @property
    def s3(self) -> S3Settings:
        """How to reach S3, beside what boto3 finds in the environment and in AWS's own files."""
        names = ("endpoint", "region", "profile")
        environment = {name: self.environ.get(f"AUDITKIT_S3_{name.upper()}") for name in names}
        chosen: dict[str, Any] = {}
        for weaker in (asdict(self.user.s3), asdict(self.file.s3), environment):
            chosen |= {name: value for name, value in weaker.items() if value not in {None, ""}}
        return S3Settings(**chosen)

    def trust(self, key: str | None = None, policy: str | None = None) -> TrustSetting | None:
        """Return what to trust: the policy or the one key that the first of these gives.

        Flags (`key`, `policy`), environment, project, user.

        Raises:
            ConfigError: one of them gives both.
        """
        verify, user = self.file.verify, self.user.verify
        chosen_key = self._choose(key, "AUDITKIT_VERIFY_KEY", verify.key, user.key)
        chosen_policy = self._choose(policy, "AUDITKIT_TRUST", verify.trust, user.trust)
        return _first(chosen_key, chosen_policy)

    def _choose(
        self, flag: str | None, variable: str, project: str | None, user: str | None
    ) -> Setting | None:
        sources = self._sources(flag, variable, project, user)
        return next((each[0] for each in sources.values() if each), None)

    def _sources(
        self, flags: _Values, variable: str, project: _Values, user: _Values
    ) -> dict[Source, tuple[Setting, ...]]:
        """Return what each source gives, the strongest first; an empty variable gives nothing."""
        here = Path.cwd()
        return {
            "flag": _settings(flags, "flag", here),
            "environment": _settings(self.environ.get(variable) or None, "environment", here),
            "project": _settings(project, "project", self.root),
            "user": _settings(user, "user", user_config_dir(self.environ)),
        }


def _settings(values: _Values, source: Source, base: Path) -> tuple[Setting, ...]:
    listed = () if values is None else (values,) if isinstance(values, str) else values
    return tuple(Setting(value, source, base) for value in listed)


def _first(key: Setting | None, policy: Setting | None) -> TrustSetting | None:
    order = ("flag", "environment", "project", "user")
    if key is None or policy is None:
        if policy is not None:
            return TrustSetting("policy", policy)
        return TrustSetting("key", key) if key is not None else None
    if key.source == policy.source:
        raise ConfigError(
            f"both a key and a trust policy are given ({key.source})",
            hint="Give one of them: --key or --trust, AUDITKIT_VERIFY_KEY or AUDITKIT_TRUST, "
            "[verify] key or trust.",
        )
    if order.index(key.source) < order.index(policy.source):
        return TrustSetting("key", key)
    return TrustSetting("policy", policy)


def load_settings(
    start: Path | None = None, *, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of the project that `start` (the working directory) stands in.

    Raises:
        ConfigError: `auditkit.toml` cannot be read, is not TOML, or has an unknown or wrong field.
    """
    environ = os.environ if environ is None else environ
    start = (start or Path.cwd()).resolve()
    path = _find(start)
    return Settings(
        root=path.parent if path else start,
        file=read_config(path) if path else ConfigFile(),
        user=read_config_if_present(user_config_dir(environ) / CONFIG_FILE),
        environ=environ,
    )


def user_config_dir(environ: Mapping[str, str]) -> Path:
    """Return the user's configuration folder (XDG Base Directory Specification)."""
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "auditkit"


def user_cache_dir(environ: Mapping[str, str]) -> Path:
    """Return the user's cache folder (XDG Base Directory Specification)."""
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "auditkit"


def user_state_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder for what is remembered for the user (XDG Base Directory Specification)."""
    base = environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "auditkit"


def _find(start: Path) -> Path | None:
    """Return the nearest configuration that is not part of evidence.

    Whoever made the evidence does not get to say what it is verified with: neither in its folder,
    nor anywhere in a pack that was unzipped.
    """
    found = None
    for folder in (start, *start.parents):
        candidate = folder / CONFIG_FILE
        if os.path.lexists(folder / PACK_MARK):
            found = None
        elif found is None and candidate.is_file() and not _holds_evidence(folder):
            found = candidate
    return found


def _holds_evidence(folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in (MANIFEST_BUNDLE, UNSIGNED_MANIFEST))
