"""Verifying all there is, and leaving signed verdicts: further flags of `auditkit verify`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from auditkit.api.instants import parse_age, parse_instant
from auditkit.api.opening import OpenedTargets
from auditkit.api.record_verdict import VerdictRecorder
from auditkit.api.select_targets import all_targets
from auditkit.api.selection import Selection
from auditkit.api.targets import Target
from auditkit.api.verify import judge
from auditkit.cli.flags import grouped
from auditkit.cli.output import plain, stderr
from auditkit.cli.progress import show_progress
from auditkit.cli.prompt import ask_passphrase
from auditkit.cli.verifyopts import VerifyFlags, build_verify_options
from auditkit.config import (
    Settings,
    policy_from,
    recording_from,
    signers_from,
    stamping_from,
    trust_from,
)
from auditkit.errors import (
    LogError,
    NothingToVerifyError,
    StorageError,
    StoreError,
    TimestampError,
    UsageError,
)
from auditkit.findings import Verdict

_OPTIONS = (
    click.option("--all", "all", is_flag=True, help="Everything, with a table of what came of it."),
    click.option(
        "--since", metavar="TIME", help="With --all: recorded since 2026-03-01, an instant, or 90d."
    ),
    click.option("--until", metavar="TIME", help="With --all: recorded until then."),
    click.option("--project", metavar="P", help="With --all: of this project."),
    click.option(
        "--stale",
        metavar="AGE",
        help="With --all: what has not passed for so long, as recorded verdicts say: 90d, 12h.",
    ),
    click.option("--record", is_flag=True, help="Leave the verdict, signed, beside the evidence."),
    click.option(
        "--sign",
        "signing",
        multiple=True,
        metavar="URI",
        help="With --record: key to sign with; default as for capture.",
    ),
)


@dataclass(frozen=True, slots=True)
class ManyFlags:
    """These flags as given."""

    all: bool
    since: str | None
    until: str | None
    project: str | None
    stale: str | None
    record: bool
    signing: tuple[str, ...]

    def selection(self) -> Selection:
        """Return what they ask for; raises UsageError for a time that is none."""
        now = datetime.now(UTC)
        return Selection(
            project=self.project,
            since=None if self.since is None else parse_instant(self.since, now),
            until=None if self.until is None else parse_instant(self.until, now),
            stale=None if self.stale is None else parse_age(self.stale),
        )

    def check_alone(self) -> None:
        """Raise UsageError if something is given that goes with --all only."""
        if any((self.since, self.until, self.project, self.stale)):
            raise UsageError(
                "--since, --until, --project and --stale choose among all runs", hint="Add --all."
            )


many_options = grouped(ManyFlags, _OPTIONS)


def verdict_recorder(
    settings: Settings, flags: VerifyFlags, many: ManyFlags
) -> VerdictRecorder | None:
    """Return who records the verdict, once it is clear that they may; None if nobody is to.

    Raises:
        UsageError: the trust policy does not let the signer.
        KeyFileError: there is no key, or it cannot be used.
    """
    if not many.record:
        if many.signing:
            raise UsageError("--sign signs a recorded verdict", hint="Add --record.")
        return None
    if trust_from(settings, flags.key, flags.trust) is None:
        raise UsageError(
            "without trust nothing is checked, so there is nothing to record",
            hint="Verify with --key or --trust.",
        )
    policy = policy_from(settings, flags.trust) if flags.key is None else None
    in_registry = not flags.no_registry and settings.registry(flags.registry) is not None
    recorder = VerdictRecorder(
        signers_from(settings, many.signing, prompt=ask_passphrase),
        rules=policy.rules if policy else None,
        stamping=stamping_from(settings, ()),
        recording=recording_from(settings, flags.registry, prompt=ask_passphrase)
        if in_registry
        else None,
    )
    recorder.check()
    return recorder


def verify_all(
    settings: Settings,
    flags: VerifyFlags,
    many: ManyFlags,
    targets: Sequence[str],
    *,
    quiet: bool,
) -> tuple[Verdict, Sequence[Path | None]]:
    """Return the verdict over everything that is asked for, and where each run's evidence is kept.

    That is None for what is kept in the registry only.

    Raises:
        UsageError: targets are named, or a time is none.
        NothingToVerifyError: nothing is there, or nothing is due.
    """
    if targets:
        raise UsageError("--all verifies everything", hint="Leave out --all, or the targets.")
    selection = many.selection()
    kept: list[Path | None] = []

    def noted(found: Iterator[Target]) -> Iterator[Target]:
        for target in found:
            kept.append(target.path if target.shown is None else None)
            yield target

    with show_progress(quiet=quiet) as progress:
        options = build_verify_options(settings, flags, progress)
        found = all_targets(settings.evidence_dir, options, selection)
        verdict = judge(noted(found), options)
    if not kept:
        raise NothingToVerifyError(
            "there is nothing to verify",
            hint="Nothing is recorded here, or what is was recorded earlier or verified recently.",
        )
    return verdict, kept


def check_recordable(opened: OpenedTargets) -> None:
    """Raise UsageError if a target lies in a pack or a PDF, where nothing can be left."""
    if opened.pdfs or any(target.shown is not None for target in opened.targets):
        raise UsageError(
            "a verdict on a pack or a PDF cannot be recorded in it",
            hint="Keep the verdict itself: --json, or auditkit report.",
        )


def leave_verdicts(
    recorder: VerdictRecorder | None, verdict: Verdict, paths: Sequence[Path | None]
) -> int:
    """Record the verdict on each target, and return the exit code of the command.

    A verdict that cannot be recorded is printed all the same: what failed has failed.
    """
    if recorder is None:
        return verdict.exit_code
    try:
        count = recorder.record(verdict, paths)
    except (StorageError, StoreError, TimestampError, LogError) as error:
        line = f"error: not all verdicts were recorded: {error}"
        stderr().print(plain(line), style="bold red", markup=False)
        return verdict.exit_code or error.exit_code
    what = "1 verdict" if count == 1 else f"{count} verdicts"
    stderr().print(f"recorded {what}", markup=False)
    return verdict.exit_code
