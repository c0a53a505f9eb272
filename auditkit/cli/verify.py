"""`auditkit verify`: check evidence against the stored data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click

from auditkit.api.opening import opened_targets
from auditkit.api.verify import judge
from auditkit.cli.flags import grouped
from auditkit.cli.jobsummary import summarise_verdict
from auditkit.cli.output import emit, json_option
from auditkit.cli.progress import show_progress
from auditkit.cli.registryopts import checkpoint_option, log_option, registry_option
from auditkit.cli.verdict import draw_inspection, draw_verdict
from auditkit.config import (
    Settings,
    load_settings,
    log_trust_from,
    log_view_from,
    trust_from,
)
from auditkit.datasets.base import Reference
from auditkit.datasets.references import CitedReference, parse_option, unversioned
from auditkit.errors import UsageError
from auditkit.execution.progress import Progress
from auditkit.findings import Against, encode_verdict
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
        help="metadata reads sizes, footers and schemas only, and never passes.",
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
    mode: Mode = "inspect" if inspect else "metadata" if flags.mode == "metadata" else "full"
    trust = trust_from(settings, flags.key, flags.trust)
    required = trust is not None and "lineage" in trust.rules.require.steps
    logs = log_trust_from(settings, flags.logs, trust=trust, checkpoints=flags.checkpoints)
    return VerifyOptions(
        trust=trust,
        data_root=(flags.data_root or settings.root).resolve(),
        mode=mode,
        against=flags.against,
        data=moved_data(flags.data),
        only=frozenset(flags.only),
        repo=flags.repo,
        parents=(*flags.parents, *parents) or ((settings.evidence_dir,) if required else ()),
        log=log_view_from(settings, logs, flags.registry, offline=flags.no_registry),
        progress=progress,
    )


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@verify_options
@click.option("--inspect", is_flag=True, help="Show the manifest without checking anything.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def verify(
    flags: VerifyFlags, targets: tuple[str, ...], inspect: bool, quiet: bool, as_json: bool
) -> int:
    """Check evidence: the signature, the signer, the sidecars, and the stored data itself.

    TARGET is an evidence folder, a bundle, a pack, an output file, a manifest digest, a run id or
    PROJECT/latest; without one, everything under evidence/. Exit codes: 0 passed, 10 failed,
    11 indeterminate, 3 nothing to verify.
    """
    settings = load_settings()
    with opened_targets(targets, settings.evidence_dir) as opened:
        with show_progress(quiet=quiet or as_json) as progress:
            options = build_verify_options(
                settings, flags, progress, inspect=inspect, parents=opened.parents
            )
            verdict = judge(opened.targets, options)
        if inspect and not as_json:
            draw_inspection([target.path for target in opened.targets])
    emit(
        as_json,
        encode_verdict(verdict),
        lambda console: draw_verdict(console, verdict),
    )
    summarise_verdict(verdict)
    return verdict.exit_code


def moved_data(texts: Iterable[str]) -> dict[str, Reference]:
    """Return where data sets are now by their names; raises UsageError for bad `NAME=REF`."""
    return dict(_data(text) for text in texts)


def _data(text: str) -> tuple[str, Reference]:
    option = parse_option(text, default_role="input")
    if option.name is None or isinstance(option.reference, CitedReference):
        raise UsageError(f"--data {text!r} does not name a place", hint="Use --data NAME=PATH.")
    return option.name, unversioned(option.reference)
