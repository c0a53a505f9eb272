"""auditkit.toml, environment and flags become one frozen set of settings: flags beat the rest."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from auditkit.errors import ConfigError
from auditkit.manifest.model import Declarations, Declared, Split, SplitMember
from auditkit.manifest.types import Name
from auditkit.schemes import CONFIG_FILE, EVIDENCE_DIR, NAME_PATTERN, OUTPUT_ROLE

_MAX_CONFIG_BYTES = 1024 * 1024


class _Section(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    pass


class DeclaredSection(_Section, frozen=True):
    """`[datasets.NAME.declared]`."""

    source: str | None = None
    licence: str | None = None
    purpose: str | None = None
    personal_data: bool | None = None
    contact: str | None = None
    notes: str | None = None

    def record(self) -> Declared:
        """Return the manifest's record of these statements."""
        return Declared(**msgspec.structs.asdict(self))


class DatasetSection(_Section, frozen=True):
    """`[datasets.NAME]`."""

    path: str
    role: str = "input"
    schema_version: str | int | None = None
    exclude: tuple[str, ...] = ()
    declared: DeclaredSection | None = None


class OutputSection(_Section, frozen=True):
    """`[outputs.NAME]`."""

    path: str
    schema_version: str | int | None = None
    exclude: tuple[str, ...] = ()
    declared: DeclaredSection | None = None


class SplitSection(_Section, frozen=True):
    """`[splits.NAME]`."""

    rule: str
    members: dict[Name, Name]
    seed: int | None = None
    key: str | None = None
    fractions: dict[Name, float] = {}

    def record(self, name: str) -> Split:
        """Return the manifest's record of this split."""
        return Split(
            basis="declared",
            name=name,
            rule=self.rule,
            seed=self.seed,
            key=self.key,
            members=tuple(
                SplitMember(name=side, dataset=dataset, fraction=self.fractions.get(side))
                for side, dataset in self.members.items()
            ),
        )


class DeclarationsSection(_Section, frozen=True):
    """`[declarations]`."""

    purpose: str | None = None
    owner: str | None = None
    contact: str | None = None
    notes: str | None = None

    def record(self) -> Declarations:
        """Return the manifest's record of these statements."""
        return Declarations(basis="declared", **msgspec.structs.asdict(self))


class SignSection(_Section, frozen=True):
    """`[sign]`."""

    key: str | None = None
    passphrase: str | None = None


class VerifySection(_Section, frozen=True):
    """`[verify]`."""

    key: str | None = None


class CaptureSection(_Section, frozen=True):
    """`[capture]`."""

    params: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class ConfigFile(_Section, frozen=True):
    """The whole of `auditkit.toml`."""

    project: Name | None = None
    name: str | None = None
    evidence: str = EVIDENCE_DIR
    sign: SignSection = SignSection()
    verify: VerifySection = VerifySection()
    capture: CaptureSection = CaptureSection()
    datasets: dict[Name, DatasetSection] = {}
    outputs: dict[Name, str | OutputSection] = {}
    splits: dict[Name, SplitSection] = {}
    declarations: DeclarationsSection | None = None

    @property
    def output_sections(self) -> dict[str, DatasetSection]:
        """`[outputs]` as data sets with the role of outputs; a bare path is a whole section."""
        return {
            name: DatasetSection(path=section, role=OUTPUT_ROLE)
            if isinstance(section, str)
            else DatasetSection(**msgspec.structs.asdict(section), role=OUTPUT_ROLE)
            for name, section in self.outputs.items()
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from."""

    value: str
    source: Literal["flag", "environment", "project", "user"]
    base: Path


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

    def sign_key(self, flag: str | None) -> Setting | None:
        """Return the URI of the private key to sign with."""
        return self._choose(flag, "AUDITKIT_KEY", self.file.sign.key, self.user.sign.key)

    def passphrase(self, flag: str | None = None) -> Setting | None:
        """Return where the key's passphrase is: `env:NAME` or `file:PATH`."""
        return self._choose(
            flag, "AUDITKIT_PASSPHRASE", self.file.sign.passphrase, self.user.sign.passphrase
        )

    def verify_key(self, flag: str | None) -> Setting | None:
        """Return the path of the public key to trust."""
        return self._choose(flag, "AUDITKIT_VERIFY_KEY", self.file.verify.key, self.user.verify.key)

    def _choose(
        self, flag: str | None, variable: str, project: str | None, user: str | None
    ) -> Setting | None:
        if flag is not None:
            return Setting(flag, "flag", Path.cwd())
        if value := self.environ.get(variable):
            return Setting(value, "environment", Path.cwd())
        if project is not None:
            return Setting(project, "project", self.root)
        if user is not None:
            return Setting(user, "user", user_config_dir(self.environ))
        return None


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
        file=_read(path) if path else ConfigFile(),
        user=_read_if_present(user_config_dir(environ) / CONFIG_FILE),
        environ=environ,
    )


def user_config_dir(environ: Mapping[str, str]) -> Path:
    """Return the user's configuration folder (XDG Base Directory Specification)."""
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "auditkit"


def _find(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        candidate = folder / CONFIG_FILE
        if candidate.is_file():
            return candidate
    return None


def _read_if_present(path: Path) -> ConfigFile:
    return _read(path) if path.is_file() else ConfigFile()


def _read(path: Path) -> ConfigFile:
    try:
        if path.stat().st_size > _MAX_CONFIG_BYTES:
            raise ConfigError("larger than 1 MiB", path=str(path))
        document = tomllib.loads(path.read_text("utf-8"))
        _check_names(document, path)
        return msgspec.convert(document, ConfigFile)
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", path=str(path)) from error
    except ValueError as error:  # TOML, UTF-8 and type errors alike
        raise ConfigError(
            f"{error}", path=str(path), hint="See docs/guides/configuration.md for all fields."
        ) from error


def _check_names(document: dict[str, object], path: Path) -> None:
    for table in ("datasets", "outputs", "splits"):
        section = document.get(table)
        for name in section if isinstance(section, dict) else ():
            if not re.fullmatch(NAME_PATTERN, name):
                raise ConfigError(
                    f"[{table}] {name!r} is not a name",
                    path=str(path),
                    hint="Letters, digits, dot, dash and underscore, beginning with a letter.",
                )
