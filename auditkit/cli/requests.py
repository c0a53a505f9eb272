"""Data sets as flags and auditkit.toml name them, as requests to record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from auditkit.api.options import ContentChoice, DatasetRequest
from auditkit.config import DatasetSection, Settings
from auditkit.datasets.base import Reference
from auditkit.datasets.references import default_name, parse_option, parse_reference
from auditkit.manifest.model import Split
from auditkit.schemes import OUTPUT_ROLE

_DEFAULT_ROLE = "input"


def requests(
    settings: Settings,
    datasets: Sequence[str],
    outputs: Sequence[str],
    excludes: Sequence[str],
    content: ContentChoice | None = None,
) -> tuple[DatasetRequest, ...]:
    """Return what to record: what the flags name, else everything in auditkit.toml.

    `content` is the flag for all of them; it beats auditkit.toml.

    A data set named by a flag keeps what auditkit.toml says about that name.

    Raises:
        UsageError: a flag or path that cannot be read as a reference.
    """
    sections = {**settings.file.datasets, **settings.file.output_sections}
    capture = settings.file.capture
    excluded = (*capture.exclude, *excludes)
    sections = {
        name: replace(section, content=content or section.content or capture.content)
        for name, section in sections.items()
    }
    if not datasets and not outputs:
        return tuple(
            _request(name, parse_reference(section.path), settings.root, section, excluded)
            for name, section in sections.items()
        )
    named = [(text, _DEFAULT_ROLE) for text in datasets] + [(text, OUTPUT_ROLE) for text in outputs]
    unknown = DatasetSection(path="", content=content or capture.content)
    return tuple(_from_flag(text, role, sections, unknown, excluded) for text, role in named)


def splits(
    settings: Settings, recorded: Sequence[DatasetRequest], *, chosen: bool
) -> tuple[Split, ...]:
    """Return the configured splits; of a `chosen` few data sets, those that are complete."""
    names = {request.name for request in recorded}
    return tuple(
        section.record(name)
        for name, section in settings.file.splits.items()
        if not chosen or names.issuperset(section.members.values())
    )


def _from_flag(
    text: str,
    default_role: str,
    sections: Mapping[str, DatasetSection],
    unknown: DatasetSection,
    excluded: tuple[str, ...],
) -> DatasetRequest:
    option = parse_option(text, default_role=default_role)
    name = option.name or default_name(option.reference)
    section = sections.get(name, unknown)
    role = section.role if option.role == _DEFAULT_ROLE else option.role
    section = replace(section, role=role)
    return _request(name, option.reference, Path.cwd(), section, excluded)


def _request(
    name: str,
    reference: Reference,
    base: Path,
    section: DatasetSection,
    excluded: tuple[str, ...],
) -> DatasetRequest:
    version = section.schema_version
    return DatasetRequest(
        name=name,
        reference=reference,
        base=base,
        role=section.role,
        excluded=(*excluded, *section.exclude),
        schema_version=None if version is None else str(version),
        content=section.content or "sequence",
        declared=section.declared.record() if section.declared else None,
    )
