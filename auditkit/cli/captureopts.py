"""The flags that `capture` and `run` share, and the capture options they become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from auditkit.api.citations import CitationRequest
from auditkit.api.options import CaptureOptions, ContentChoice, DatasetRequest
from auditkit.api.record import Recording
from auditkit.cli.flags import grouped
from auditkit.cli.keyopts import KEY_OPTIONS, open_signers
from auditkit.cli.prompt import ask_passphrase
from auditkit.cli.registryopts import registry_option
from auditkit.cli.requests import DigestFlags, requests, splits
from auditkit.config import Settings, recording_from, stamping_from
from auditkit.digests import FURTHER_DIGESTS, FurtherDigest
from auditkit.errors import ConfigError, UsageError
from auditkit.provenance.parameters import merge, read_assignments, read_parameters
from auditkit.provenance.redact import redact_command

if TYPE_CHECKING:
    from auditkit.api.dvc_stage import StageRecord

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_OPTIONS: tuple[_Decorator, ...] = (
    click.option(
        "--dataset", "datasets", multiple=True, metavar="[NAME[:ROLE]=]REF", help="An input."
    ),
    click.option("--output", "outputs", multiple=True, metavar="[NAME=]REF", help="An output."),
    click.option("--param", "params", multiple=True, metavar="K=V", help="A parameter."),
    click.option(
        "--params",
        "param_files",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Parameters from JSON, YAML or TOML.",
    ),
    click.option("--metric", "metrics", multiple=True, metavar="K=V", help="A metric."),
    click.option(
        "--metrics",
        "metric_files",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Metrics from JSON, YAML or TOML.",
    ),
    click.option("--project", metavar="P", help="The project; default from auditkit.toml."),
    click.option("--name", metavar="N", help="A name for this run."),
    click.option("--parent", "parents", multiple=True, metavar="RUN", help="An earlier run."),
    click.option(
        "--attempt", type=click.IntRange(min=1), metavar="N", help="Which attempt this run is."
    ),
    *KEY_OPTIONS,
    click.option(
        "--timestamp",
        "timestamps",
        multiple=True,
        metavar="URL",
        help="Time-stamping authority (RFC 3161) to ask for a token over each signature.",
    ),
    click.option(
        "--timestamp-optional",
        is_flag=True,
        help="Only warn where no authority answers, instead of stopping before the run.",
    ),
    click.option("--no-sign", is_flag=True, help="Write the manifest without a signature."),
    click.option("--exclude", "excludes", multiple=True, metavar="GLOB", help="Leave files out."),
    click.option(
        "--content",
        type=click.Choice(get_args(ContentChoice)),
        help="Digest over the rows of tables: in their order (the default where they have one), in "
        "any order (`bag`), or none.",
    ),
    click.option(
        "--digest",
        "digests",
        multiple=True,
        type=click.Choice(FURTHER_DIGESTS),
        help="Record this digest of every file, too; SHA-256 is always recorded.",
    ),
    click.option(
        "--row-digests",
        is_flag=True,
        help="With --content bag: keep a digest of every row, so that added rows can be named. "
        "Rows can be guessed from them.",
    ),
    click.option(
        "--record/--no-record",
        default=None,
        help="Put the evidence into the registry; if it cannot be reached, only warn.",
    ),
    registry_option,
    click.option(
        "-o",
        "--bundle",
        "output_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the bundle to FILE.sigstore.json, sidecars to FILE.evidence/.",
    ),
    click.option(
        "--dry-run", is_flag=True, help="Check everything, show what would be read, and stop."
    ),
    click.option("-q", "--quiet", is_flag=True, help="No progress."),
)


@dataclass(frozen=True, slots=True)
class CaptureFlags:
    """The shared flags as given."""

    datasets: tuple[str, ...]
    outputs: tuple[str, ...]
    params: tuple[str, ...]
    param_files: tuple[Path, ...]
    metrics: tuple[str, ...]
    metric_files: tuple[Path, ...]
    project: str | None
    name: str | None
    parents: tuple[str, ...]
    attempt: int | None
    keys: tuple[str, ...]
    certificates: tuple[str, ...]
    timestamps: tuple[str, ...]
    timestamp_optional: bool
    no_sign: bool
    allow_open_key: bool
    excludes: tuple[str, ...]
    content: ContentChoice | None
    digests: tuple[FurtherDigest, ...]
    row_digests: bool
    record: bool | None
    registry: str | None
    output_file: Path | None
    dry_run: bool
    quiet: bool


capture_options = grouped(CaptureFlags, _OPTIONS)


def build_options(
    settings: Settings,
    flags: CaptureFlags,
    *,
    stage: StageRecord | None = None,
    metrics_later: bool = False,
) -> CaptureOptions:
    """Return the options of a capture: flags before environment before auditkit.toml.

    What a stage of DVC says comes between the two. With `metrics_later` files of metrics are named
    in the options instead of read.

    Raises:
        UsageError: no project, nothing to record, or a flag that cannot be read.
        KeyFileError: no key, or one that cannot be used.
    """
    project = flags.project or settings.project
    if project is None:
        raise ConfigError(
            "the project has no name",
            hint="Give --project, set AUDITKIT_PROJECT, or run auditkit init.",
        )
    choice = DigestFlags(flags.content, flags.row_digests, flags.digests)
    requested = requests(settings, flags.datasets, flags.outputs, flags.excludes, choice, stage)
    if not requested:
        raise UsageError(
            "no data set or output to record",
            hint="Give --dataset and --output, or name them in auditkit.toml.",
        )
    config = settings.file
    metric_files = _files(settings, config.capture.metrics, flags.metric_files)
    return CaptureOptions(
        project=project,
        name=flags.name or config.name,
        root=settings.root,
        signers=() if flags.no_sign else open_signers(settings, flags),
        stamping=stamping_from(settings, flags.timestamps, optional=flags.timestamp_optional),
        recording=_recording(settings, flags),
        s3=settings.s3,
        datasets=tuple(each for each in requested if isinstance(each, DatasetRequest)),
        citations=tuple(each for each in requested if isinstance(each, CitationRequest)),
        parameters=merge(
            *_read(() if flags.param_files else _files(settings, config.capture.params, ())),
            stage.parameters if stage else {},
            *_read(flags.param_files),
            read_assignments(flags.params),
        ),
        metrics=merge(
            stage.metrics if stage else {},
            *_read(() if metrics_later else metric_files),
            read_assignments(flags.metrics),
        ),
        metric_files=metric_files if metrics_later else (),
        splits=splits(settings, requested, chosen=bool(flags.datasets or flags.outputs or stage)),
        declarations=config.declarations.record() if config.declarations else None,
        parents=flags.parents,
        attempt=flags.attempt,
        evidence_dir=settings.evidence_dir,
        output=flags.output_file.absolute() if flags.output_file else None,
        variables=config.capture.variables,
        recorded_options=_recorded(flags, stage),
        warnings=stage.warnings if stage else (),
    )


def _recording(settings: Settings, flags: CaptureFlags) -> Recording | None:
    wanted = flags.registry is not None or settings.file.registry.record
    if not (wanted if flags.record is None else flags.record):
        return None
    return recording_from(settings, flags.registry, in_a_hurry=True, prompt=ask_passphrase)


def _files(
    settings: Settings, configured: tuple[str, ...], given: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Return the files given, else those configured."""
    return given or tuple(settings.root / name for name in configured)


def _read(files: tuple[Path, ...]) -> Iterator[dict[str, Any]]:
    return (read_parameters(path) for path in files)


def _recorded(flags: CaptureFlags, stage: StageRecord | None) -> dict[str, str]:
    """Return the flags that shape the record, redacted, as the manifest lists them."""
    return {
        name: ", ".join(redact_command([str(value) for value in values]))
        for name, values in (
            ("dataset", flags.datasets),
            ("output", flags.outputs),
            ("exclude", flags.excludes),
            ("content", (flags.content,) if flags.content else ()),
            ("digest", flags.digests),
            ("row-digests", ("yes",) if flags.row_digests else ()),
            ("dvc-stage", (stage.name,) if stage else ()),
            ("params", flags.param_files),
            ("metrics", flags.metric_files),
        )
        if values
    }
