"""`auditkit verify`: check evidence against the stored data."""

from __future__ import annotations

import click

from auditkit.api.opening import opened_targets
from auditkit.api.verify import judge
from auditkit.api.verify_pdf import with_reports
from auditkit.cli.jobsummary import summarise_verdict
from auditkit.cli.output import emit, json_option
from auditkit.cli.progress import show_progress
from auditkit.cli.summary import draw_summary
from auditkit.cli.verdict import draw_inspection, draw_verdict
from auditkit.cli.verifymany import (
    ManyFlags,
    check_recordable,
    leave_verdicts,
    many_options,
    verdict_recorder,
    verify_all,
)
from auditkit.cli.verifyopts import VerifyFlags, build_verify_options, verify_options
from auditkit.config import load_settings
from auditkit.findings import encode_verdict


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@verify_options
@many_options
@click.option("--inspect", is_flag=True, help="Show the manifest without checking anything.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def verify(
    flags: VerifyFlags,
    many: ManyFlags,
    targets: tuple[str, ...],
    inspect: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Check evidence: the signature, the signer, the sidecars, and the stored data itself.

    TARGET is an evidence folder, a bundle, a pack, a report in PDF, an output file, a manifest
    digest, a run id or PROJECT/latest; without one, everything under evidence/. With --all
    everything in the registry, if there is one. Exit codes: 0 passed, 10 failed,
    11 indeterminate, 3 nothing to verify.
    """
    settings = load_settings()
    recorder = verdict_recorder(settings, flags, many)
    if many.all:
        verdict, kept = verify_all(settings, flags, many, targets, quiet=quiet or as_json)
        code = leave_verdicts(recorder, verdict, kept)
        emit(as_json, encode_verdict(verdict), lambda console: draw_summary(console, verdict))
        summarise_verdict(verdict)
        return code
    many.check_alone()
    with opened_targets(targets, settings.evidence_dir) as opened:
        if recorder is not None:
            check_recordable(opened)
        with show_progress(quiet=quiet or as_json) as progress:
            options = build_verify_options(
                settings, flags, progress, inspect=inspect, parents=opened.parents
            )
            verdict = with_reports(judge(opened.targets, options), opened, options)
        if inspect and not as_json:
            draw_inspection([target.path for target in opened.targets])
        code = leave_verdicts(recorder, verdict, [target.path for target in opened.targets])
    emit(
        as_json,
        encode_verdict(verdict),
        lambda console: draw_verdict(console, verdict),
    )
    summarise_verdict(verdict)
    return code
