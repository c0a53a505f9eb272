"""The flags of a verification, which report, pack and controls take too, and what they become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click

from auditkit.cli.flags import grouped
from auditkit.cli.registryopts import checkpoint_option, log_option, registry_option
from auditkit.config import Settings, log_trust_from, log_view_from, trust_from
from auditkit.datasets.base import Reference
from auditkit.datasets.references import CitedReference, parse_option, unversioned
from auditkit.errors import UsageError
from auditkit.execution.progress import Progress
from auditkit.findings import Against
from auditkit.verification.options import Mode, VerifyOptions

WHERE_OPTIONS = (
    click.option("--key", metavar="PUB", help="One public key file to trust for everything."),
    click.option("--trust", metavar="FILE", help="Trust policy that says who may sign what."),
    click.option(
        "--data", "data", multiple=True, metavar="NAME=REF", help="Where one data set is now."
    ),
    click.option(
        "--data-root",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="The folder that recorded relative locations start from.",
    ),
    click.option("--only", multiple=True, metavar="NAME", help="Check this data set only."),
)
"""Whom to trust, and where data is now."""

_OPTIONS = (
    *WHERE_OPTIONS,
    click.option(
        "--mode",
        type=click.Choice(["full", "metadata"]),
        default="full",
        show_default=True,
        help="metadata reads sizes, versions, footers and schemas only, and never passes.",
    ),
    click.option(
        "--checksums",
        is_flag=True,
        help="With --mode metadata: compare the checksums too that S3 states. No evidence.",
    ),
    click.option(
        "--against",
        type=click.Choice(get_args(Against)),
        default="recorded",
        show_default=True,
        help="Which version of Delta tables is read: latest tells whether today's rows are the "
        "recorded ones.",
    ),
    click.option(
        "--repo",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Git repository to look for the recorded commit in.",
    ),
    click.option(
        "--parents",
        multiple=True,
        type=click.Path(path_type=Path, exists=True),
        metavar="PATH",
        help="Evidence of earlier runs: check that this run's parents are there and signed.",
    ),
    registry_option,
    click.option("--no-registry", is_flag=True, help="Ask no registry, even if one is configured."),
    log_option,
    checkpoint_option,
)


@dataclass(frozen=True, slots=True)
class VerifyFlags:
    """The flags of a verification as given."""

    key: str | None
    trust: str | None
    data: tuple[str, ...]
    data_root: Path | None
    only: tuple[str, ...]
    mode: str
    checksums: bool
    against: Against
    repo: Path | None
    parents: tuple[Path, ...]
    registry: str | None
    no_registry: bool
    logs: tuple[str, ...]
    checkpoints: tuple[Path, ...]


verify_options = grouped(VerifyFlags, _OPTIONS)


def build_verify_options(
    settings: Settings,
    flags: VerifyFlags,
    progress: Progress,
    *,
    inspect: bool = False,
    parents: Sequence[Path] = (),
) -> VerifyOptions:
    """Return the options of a verification.

    `parents` are earlier runs that the evidence brings. A policy that requires lineage has them
    looked for among the project's own evidence, if neither these nor `--parents` are given.
    """
    if flags.checksums and flags.mode != "metadata":
        raise UsageError(
            "--checksums goes with --mode metadata",
            hint="Without it every byte is read, which shows more.",
        )
    mode: Mode = "inspect" if inspect else "metadata" if flags.mode == "metadata" else "full"
    trust = trust_from(settings, flags.key, flags.trust)
    required = trust is not None and "lineage" in trust.rules.require.steps
    logs = log_trust_from(settings, flags.logs, trust=trust, checkpoints=flags.checkpoints)
    return VerifyOptions(
        trust=trust,
        data_root=(flags.data_root or settings.root).resolve(),
        mode=mode,
        checksums=flags.checksums,
        against=flags.against,
        data=moved_data(flags.data),
        only=frozenset(flags.only),
        repo=flags.repo,
        parents=(*flags.parents, *parents) or ((settings.evidence_dir,) if required else ()),
        log=log_view_from(settings, logs, flags.registry, offline=flags.no_registry),
        s3=settings.s3,
        progress=progress,
    )


def moved_data(texts: Iterable[str]) -> dict[str, Reference]:
    """Return where data sets are now by their names; raises UsageError for bad `NAME=REF`."""
    return dict(_data(text) for text in texts)


def _data(text: str) -> tuple[str, Reference]:
    option = parse_option(text, default_role="input")
    if option.name is None or isinstance(option.reference, CitedReference):
        raise UsageError(f"--data {text!r} does not name a place", hint="Use --data NAME=PATH.")
    return option.name, unversioned(option.reference)
