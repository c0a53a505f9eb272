"""How data sets are named on the command line: `[NAME[:ROLE]=][FORMAT:]LOCATION[@VERSION]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from auditkit.datasets.base import DatasetFormat, Reference
from auditkit.datasets.kinds import KNOWN_SUFFIXES
from auditkit.errors import UsageError
from auditkit.schemes import (
    DATASET_FORMATS,
    NAME_PATTERN,
    OUTPUT_ROLE,
    S3_SCHEME,
    VERSIONED_FORMATS,
)

_MAX_NAME: Final = 128
_MAX_ROLE: Final = 64
_FORMATS: Final[dict[str, DatasetFormat]] = {
    "files": "files",
    "table": "table",
    "delta": "delta",
    "dvc": "dvc",
}
_FORMAT = re.compile(rf"({'|'.join(DATASET_FORMATS)}):(.*)", re.DOTALL)
_OPTION = re.compile(rf"({NAME_PATTERN})(?::([^=/\\]*))?=(.*)", re.DOTALL)
_ROLE = re.compile(r"[a-z][a-z0-9-]*")
_POINTER = re.compile(r"(.*[^/]\.dvc)@([^@]*)", re.DOTALL)
_CITATION_PREFIX: Final = "run:"
_CITATION = re.compile(rf"run:(.+)/({NAME_PATTERN})", re.DOTALL)
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


@dataclass(frozen=True, slots=True)
class CitedReference:
    """A data set that another run recorded; `run` names that run as a target does."""

    run: str
    dataset: str


@dataclass(frozen=True, slots=True)
class DatasetOption:
    """A parsed `--dataset` or `--output`: `name` is None where it was not given."""

    name: str | None
    role: str
    reference: Reference | CitedReference


def parse_reference(text: str) -> Reference:
    r"""Return the reference in `[FORMAT:]LOCATION[@VERSION]`.

    Only those of `DATASET_FORMATS` are formats, so `C:\x` is a path. A path that looks otherwise
    is written `./...`. What follows the last `@` is a version after a format that has versions, and
    after the name of a `.dvc` file.

    Raises:
        UsageError: the location is empty, has a NUL, or is a URL; the version is empty; or it is
            a citation (`run:RUN/NAME`), which is no place that can be read.
    """
    if text.startswith(_CITATION_PREFIX):
        raise UsageError(
            f"{text!r} cites another run's record, and here a path is needed",
            hint="Only --dataset takes run:RUN/NAME. A path that looks like this is written ./…",
        )
    match = _FORMAT.fullmatch(text)
    format = _FORMATS[match[1]] if match else None
    location = match[2] if match else text
    version = None
    if format is None and (pointed := _POINTER.fullmatch(location)):
        format, location, version = "dvc", pointed[1], pointed[2]
    elif format in VERSIONED_FORMATS and "@" in location:
        location, _, version = location.rpartition("@")
    if version == "":
        raise UsageError(f"{text!r} names no version", hint="Write it after the @, or no @.")
    if not location or "\0" in location:
        raise UsageError(
            f"{text!r} names no path", hint="Write a path, for instance data/train.parquet."
        )
    url = _URL.match(location)
    if url and not (location.startswith(S3_SCHEME) and format != "dvc"):
        raise UsageError(
            f"cannot read {url[1]}:// locations",
            hint="Local paths and s3://BUCKET/PREFIX are read: download or mount other data.",
        )
    return Reference(location, format, version)


def parse_citation(text: str) -> CitedReference | None:
    """Return what `run:RUN/NAME` cites; None for any other text.

    Raises:
        UsageError: it begins with `run:`, and run or name are missing.
    """
    if not text.startswith(_CITATION_PREFIX):
        return None
    match = _CITATION.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{text!r} does not name a data set of a run",
            hint="Write run:RUN/NAME, where RUN is a run id, a manifest digest or PROJECT/latest.",
        )
    return CitedReference(match[1], match[2])


def unversioned(reference: Reference) -> Reference:
    """Return a reference that says where a recorded data set is now.

    Which version of it is read follows from the record: raises UsageError for one.
    """
    if reference.version is not None:
        raise UsageError(
            f"a version, @{reference.version}, cannot be chosen here",
            hint="The recorded version is read; --against latest reads the newest one.",
        )
    return reference


def parse_option(text: str, *, default_role: str) -> DatasetOption:
    """Return the parts of `[NAME[:ROLE]=]REF`.

    NAME ends at the first `=`; a path with `=` in its first segment is written `./a=b`. A leading
    `files:` or `table:` is always a format, so `table:year=2024` is a path with a format.

    An input may be `run:RUN/NAME` instead of a reference.

    Raises:
        UsageError: as `parse_reference`, or for a bad role or an overlong name; an output has
            no other role than `output`.
    """
    format = text.startswith(_CITATION_PREFIX) or _FORMAT.fullmatch(text)
    match = None if format else _OPTION.fullmatch(text)
    if match is None:
        return DatasetOption(None, default_role, _parse_any(text, default_role))
    name, role, location = match[1], match[2], match[3]
    if len(name) > _MAX_NAME:
        raise UsageError(
            f"the name {name[:40]}… has more than {_MAX_NAME} characters",
            hint="Choose a shorter name.",
        )
    if role is not None:
        _check_role(role, default_role)
    return DatasetOption(name, role or default_role, _parse_any(location, default_role))


def _parse_any(text: str, default_role: str) -> Reference | CitedReference:
    cited = None if default_role == OUTPUT_ROLE else parse_citation(text)
    return cited or parse_reference(text)


def _check_role(role: str, default_role: str) -> None:
    if not _ROLE.fullmatch(role) or len(role) > _MAX_ROLE:
        raise UsageError(
            f"{role[:80]!r} is not a role",
            hint="A role is lowercase letters, digits and dashes: NAME:validation=PATH. "
            "A path that looks like this is written ./…",
        )
    if default_role == OUTPUT_ROLE and role != OUTPUT_ROLE:
        raise UsageError(
            f"an output cannot have the role {role!r}",
            hint="Use --output NAME=PATH, or --dataset NAME:ROLE=PATH for what the run read.",
        )


def default_name(reference: Reference | CitedReference) -> str:
    """Return the name that is cited, else one from the location's last segment."""
    if isinstance(reference, CitedReference):
        return reference.dataset
    name = re.split(r"[/\\]", reference.location.rstrip("/\\"))[-1].removesuffix(".dvc")
    for _ in range(2):
        for suffix in KNOWN_SUFFIXES:
            if name.lower().endswith(suffix) and len(name) > len(suffix):
                name = name[: -len(suffix)]
                break
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", name).strip(".-")
    if not name:
        return "data"
    return (name if re.match(r"[A-Za-z_]", name) else f"_{name}")[:_MAX_NAME]
