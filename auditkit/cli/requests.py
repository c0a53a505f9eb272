"""Data sets as flags and auditkit.toml name them, as requests to record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from auditkit.api.citations import CitationRequest
from auditkit.api.options import ContentChoice, DatasetRequest
from auditkit.config import CaptureSection, DatasetSection, Settings
from auditkit.datasets.base import Reference
from auditkit.datasets.references import (
    CitedReference,
    default_name,
    parse_citation,
    parse_option,
    parse_reference,
)
from auditkit.digests import FurtherDigest
from auditkit.errors import UsageError
from auditkit.manifest.model import Split
from auditkit.schemes import OUTPUT_ROLE

if TYPE_CHECKING:
    from auditkit.api.dvc_stage import StageRecord

_DEFAULT_ROLE = "input"

Request = DatasetRequest | CitationRequest


@dataclass(frozen=True, slots=True)
class DigestFlags:
    """The flags that say which digests there are to be, as given."""

    content: ContentChoice | None = None
    row_digests: bool = False
    digests: tuple[FurtherDigest, ...] = ()


def requests(
    settings: Settings,
    datasets: Sequence[str],
    outputs: Sequence[str],
    excludes: Sequence[str],
    choice: DigestFlags,
    stage: StageRecord | None = None,
) -> tuple[Request, ...]:
    """Return what to record: what the flags and the stage name, else everything in auditkit.toml.

    What cites another run's record comes with the rest. `choice` are flags for all of them; they
    beat auditkit.toml. A data set named by a flag keeps what auditkit.toml says about that name,
    and takes the place of one of the stage.

    Raises:
        UsageError: a flag or path that cannot be read as a reference, or row digests where there
            is no `bag`.
    """
    sections = {**settings.file.datasets, **settings.file.output_sections}
    capture = settings.file.capture
    excluded = (*capture.exclude, *excludes)
    sections = {name: _chosen(section, choice, capture) for name, section in sections.items()}
    if not datasets and not outputs and stage is None:
        return _checked(
            choice,
            (
                _request(name, _configured(section), settings.root, section, excluded)
                for name, section in sections.items()
            ),
        )
    named = [(text, _DEFAULT_ROLE) for text in datasets] + [(text, OUTPUT_ROLE) for text in outputs]
    unknown = _chosen(DatasetSection(path=""), choice, capture)
    found = [_from_flag(text, role, sections, unknown, excluded) for text, role in named]
    given = {request.name for request in found}
    staged = _from_stage(stage, sections, unknown, excluded) if stage else ()
    return _checked(choice, (*(each for each in staged if each.name not in given), *found))


def splits(settings: Settings, recorded: Sequence[Request], *, chosen: bool) -> tuple[Split, ...]:
    """Return the configured splits; of a `chosen` few data sets, those that are complete."""
    names = {request.name for request in recorded}
    return tuple(
        section.record(name)
        for name, section in settings.file.splits.items()
        if not chosen or names.issuperset(section.members.values())
    )


def _chosen(
    section: DatasetSection, choice: DigestFlags, capture: CaptureSection
) -> DatasetSection:
    """Return the section with the digests it is to have: flags, then its own, then the project's.

    Row digests go with `bag`; what asks for them elsewhere is left out, but for a section's own
    word, which is then refused as a mistake.
    """
    content = choice.content or section.content or capture.content or "sequence"
    own = section.row_digests
    wanted = choice.row_digests or (capture.row_digests if own is None else own)
    if content != "bag":
        wanted = own and choice.content is None
    digests = choice.digests or (capture.digests if section.digests is None else section.digests)
    return replace(section, content=content, row_digests=bool(wanted), digests=digests)


def _configured(section: DatasetSection) -> Reference | CitedReference:
    cited = None if section.role == OUTPUT_ROLE else parse_citation(section.path)
    return cited or parse_reference(section.path)


def _checked(choice: DigestFlags, found: Iterable[Request]) -> tuple[Request, ...]:
    requested = tuple(found)
    if choice.row_digests and not any(getattr(each, "row_digests", False) for each in requested):
        raise UsageError(
            "--row-digests goes with `bag`, which no data set has",
            hint="Add --content bag; `sequence` names rows without them.",
        )
    return requested


def _from_flag(
    text: str,
    default_role: str,
    sections: Mapping[str, DatasetSection],
    unknown: DatasetSection,
    excluded: tuple[str, ...],
) -> Request:
    option = parse_option(text, default_role=default_role)
    name = option.name or default_name(option.reference)
    section = _in_role(sections.get(name, unknown), option.role)
    return _request(name, option.reference, Path.cwd(), section, excluded)


def _from_stage(
    stage: StageRecord,
    sections: Mapping[str, DatasetSection],
    unknown: DatasetSection,
    excluded: tuple[str, ...],
) -> Iterator[Request]:
    for member in stage.members:
        section = _in_role(sections.get(member.name, unknown), member.role)
        yield _request(member.name, member.reference, stage.base, section, excluded)


def _in_role(section: DatasetSection, role: str) -> DatasetSection:
    """Return the section with a role; that of plain inputs is the section's own to refine."""
    return section if role == _DEFAULT_ROLE else replace(section, role=role)


def _request(
    name: str,
    reference: Reference | CitedReference,
    base: Path,
    section: DatasetSection,
    excluded: tuple[str, ...],
) -> Request:
    declared = section.declared.record() if section.declared else None
    if isinstance(reference, CitedReference):
        return CitationRequest(name=name, reference=reference, role=section.role, declared=declared)
    version = section.schema_version
    return DatasetRequest(
        name=name,
        reference=reference,
        base=base,
        role=section.role,
        excluded=(*excluded, *section.exclude),
        schema_version=None if version is None else str(version),
        content=section.content,
        row_digests=section.row_digests or False,
        digests=section.digests or (),
        declared=declared,
    )
