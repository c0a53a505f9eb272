"""`auditkit.toml` as it is written: its sections, read strictly."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from auditkit.api.options import ContentChoice
from auditkit.digests import FurtherDigest
from auditkit.errors import ConfigError
from auditkit.manifest.model import Declarations, Declared, Split, SplitMember
from auditkit.manifest.types import Line, Name
from auditkit.schemes import EVIDENCE_DIR, NAME_PATTERN, OUTPUT_ROLE

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
    content: ContentChoice | None = None
    row_digests: bool | None = None
    digests: tuple[FurtherDigest, ...] | None = None
    declared: DeclaredSection | None = None


class OutputSection(_Section, frozen=True):
    """`[outputs.NAME]`."""

    path: str
    schema_version: str | int | None = None
    exclude: tuple[str, ...] = ()
    content: ContentChoice | None = None
    row_digests: bool | None = None
    digests: tuple[FurtherDigest, ...] | None = None
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
    """`[sign]`. Several keys sign the same manifest, each in a bundle of its own."""

    key: str | tuple[str, ...] = ()
    certificate: str | tuple[str, ...] = ()
    passphrase: str | None = None


class VerifySection(_Section, frozen=True):
    """`[verify]`."""

    key: str | None = None
    trust: str | None = None
    log: str | tuple[str, ...] = ()


class RegistrySection(_Section, frozen=True):
    """`[registry]`: where evidence is recorded, and the keys of its log, where they are at hand."""

    uri: str | None = None
    log_key: str | tuple[str, ...] = ()
    record: bool = False
    retention: str | None = None
    single_writer: bool = False


class TimestampSection(_Section, frozen=True):
    """`[timestamp]`: authorities to ask, and what it means that none of them answers."""

    authorities: str | tuple[str, ...] = ()
    on_failure: Literal["error", "warn"] | None = None


class S3Section(_Section, frozen=True):
    """`[s3]`: how to reach S3, for data sets and registries alike."""

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    requester_pays: bool | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0, le=3600)] | None = None
    attempts: Annotated[int, msgspec.Meta(ge=1, le=20)] | None = None


class RetentionSection(_Section, frozen=True):
    """`[retention]`: how many years after a run its data must still be readable."""

    years: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10


class ReportSection(_Section, frozen=True):
    """`[report]`: in which language, for whom and about which frameworks reports are.

    `templates` is a folder with a team's own; `packs` are files with its own packs.
    `not_applicable` is by pack and by control, with the reason. Addressee, purpose, restrictions,
    responsible party and assertion are printed as stated.
    """

    language: str | None = None
    templates: str | None = None
    addressee: str | None = None
    purpose: str | None = None
    restrictions: str | None = None
    responsible: str | None = None
    assertion: str | None = None
    frameworks: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    not_applicable: dict[str, dict[str, Line]] = {}


class CaptureSection(_Section, frozen=True):
    """`[capture]`."""

    params: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    content: ContentChoice | None = None
    row_digests: bool | None = None
    digests: tuple[FurtherDigest, ...] = ()


class ConfigFile(_Section, frozen=True):
    """The whole of `auditkit.toml`."""

    project: Name | None = None
    name: str | None = None
    evidence: str = EVIDENCE_DIR
    sign: SignSection = SignSection()
    verify: VerifySection = VerifySection()
    timestamp: TimestampSection = TimestampSection()
    registry: RegistrySection = RegistrySection()
    s3: S3Section = S3Section()
    retention: RetentionSection = RetentionSection()
    report: ReportSection = ReportSection()
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


def read_config_if_present(path: Path) -> ConfigFile:
    """Return what `read_config` does, or an empty file's settings where there is none."""
    return read_config(path) if path.is_file() else ConfigFile()


def read_config(path: Path) -> ConfigFile:
    """Return the settings in the file at `path`.

    Raises:
        ConfigError: it cannot be read, is not TOML, or has an unknown or wrong field.
    """
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
