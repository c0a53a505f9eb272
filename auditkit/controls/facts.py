"""The closed list of facts that a pack can name as evidence, as they stand in its file.

`auditkit.controls.standing` says how each is looked up; nothing in a pack is ever run.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from auditkit.manifest.types import Line

Role = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]*\Z", max_length=64)]
CheckId = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(\.[a-z]+)?\Z", max_length=64)]


class _Fact(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="kebab",
    tag_field="fact",
    forbid_unknown_fields=True,
):
    pass


class Signature(_Fact, frozen=True, kw_only=True, tag="signature"):
    """The manifest's signature verified, by a signer whom the verifier trusts."""


class Approval(_Fact, frozen=True, kw_only=True, tag="approval"):
    """A person approved the manifest with a key of their own."""

    role: Line | None = None


class Check(_Fact, frozen=True, kw_only=True, tag="check"):
    """A check of the verification passed."""

    id: CheckId
    role: Role | None = None


class Datasets(_Fact, frozen=True, kw_only=True, tag="datasets"):
    """Inputs are recorded, and their stored bytes were re-read in full and are unchanged."""

    role: Role | None = None


class Outputs(_Fact, frozen=True, kw_only=True, tag="outputs"):
    """Outputs are recorded, and their stored bytes were re-read in full and are unchanged."""


class DeclaredOfData(_Fact, frozen=True, kw_only=True, tag="declared"):
    """The team states something about its inputs."""

    field: Literal["source", "licence", "purpose", "personal-data", "contact", "notes"]


class DeclaredOfRun(_Fact, frozen=True, kw_only=True, tag="declarations"):
    """The team states something about the run as a whole."""

    field: Literal["purpose", "owner", "contact", "notes"]


class Parents(_Fact, frozen=True, kw_only=True, tag="parents"):
    """The manifest names the earlier runs that it builds on."""


class CodeRecorded(_Fact, frozen=True, kw_only=True, tag="code"):
    """The commit is recorded, and with it any change that was not committed."""


class PackagesRecorded(_Fact, frozen=True, kw_only=True, tag="packages"):
    """The installed packages are recorded with their versions."""


class LockFiles(_Fact, frozen=True, kw_only=True, tag="lock-files"):
    """The dependency lock files of the project are recorded by digest."""


class Hardware(_Fact, frozen=True, kw_only=True, tag="hardware"):
    """Processor, memory and GPUs are recorded."""


class ContainerRecorded(_Fact, frozen=True, kw_only=True, tag="container"):
    """The container image is recorded by digest."""


class Command(_Fact, frozen=True, kw_only=True, tag="command"):
    """The command and how it ended are recorded."""


class Duration(_Fact, frozen=True, kw_only=True, tag="duration"):
    """Start and end of the run are recorded, by the recording machine's clock."""


class ReadBeforeRun(_Fact, frozen=True, kw_only=True, tag="read-before-run"):
    """Inputs were read and hashed before the run started."""


class CiJobRecorded(_Fact, frozen=True, kw_only=True, tag="ci-job"):
    """The CI job is recorded."""


class Parameters(_Fact, frozen=True, kw_only=True, tag="parameters"):
    """Parameters are recorded: all that are named here, or any."""

    names: tuple[Line, ...] = ()


class Metrics(_Fact, frozen=True, kw_only=True, tag="metrics"):
    """Metrics are recorded: all that are named here, or any."""

    names: tuple[Line, ...] = ()


class Splits(_Fact, frozen=True, kw_only=True, tag="splits"):
    """The rule by which data was divided is stated."""


class Copies(_Fact, frozen=True, kw_only=True, tag="copies"):
    """The record is there in a form for people and in electronic form."""


Fact = (
    Signature
    | Approval
    | Check
    | Datasets
    | Outputs
    | DeclaredOfData
    | DeclaredOfRun
    | Parents
    | CodeRecorded
    | PackagesRecorded
    | LockFiles
    | Hardware
    | ContainerRecorded
    | Command
    | Duration
    | ReadBeforeRun
    | CiJobRecorded
    | Parameters
    | Metrics
    | Splits
    | Copies
)


def kind_of(fact: Fact) -> str:
    """Return the name by which packs know this kind of fact."""
    return str(fact.__struct_config__.tag)
