"""`auditkit controls`: frameworks, their controls, and what evidence shows for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditkit.cli.controls_text import draw_control, draw_pack, draw_packs, draw_results
from auditkit.cli.frameworks import framework_option
from auditkit.cli.output import emit, json_option
from auditkit.cli.progress import show_progress
from auditkit.cli.verifyopts import VerifyFlags, verify_options
from auditkit.config import Settings, load_settings
from auditkit.config.packs import check_pack, frameworks_from, known_packs_from
from auditkit.controls.load import PACK_SUFFIX, choose, load_pack
from auditkit.controls.pack import Pack
from auditkit.errors import UsageError

if TYPE_CHECKING:
    from auditkit.evidence import Evidence


@click.group()
def controls() -> None:
    """Frameworks: what a run's evidence shows for their controls, and what it cannot show.

    Packs are data. A team's own are named in auditkit.toml ([report] packs) or given as files.
    """


@controls.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the packs at hand, and say which are past their review."""
    packs = known_packs_from(load_settings())
    today = _today()
    listed = [
        {
            "id": each.id,
            "title": each.title,
            "edition": each.edition,
            "legal_status": each.legal_status,
            "controls": len(each.controls),
            "review_by": each.review_by,
            "past_review": each.review_by < today,
        }
        for each in packs.values()
    ]
    emit(as_json, listed, lambda console: draw_packs(console, tuple(packs.values()), today))


@controls.command()
@click.argument("pack")
@click.argument("control", required=False)
@json_option
def show(pack: str, control: str | None, as_json: bool) -> None:
    """Show PACK (an id or a file), or one CONTROL of it with everything that is said of it."""
    (found,) = choose((pack,), known_packs_from(load_settings()))
    check_pack(found)
    if control is None:
        emit(as_json, found, lambda console: draw_pack(console, found, _today()))
        return
    one = found.find(control)
    if one is None:
        raise UsageError(
            f"{found.id} has no control {control!r}",
            hint=f"auditkit controls show {found.id} lists them.",
        )
    emit(as_json, one, lambda console: draw_control(console, found, one, _today()))


@controls.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@verify_options
@framework_option
@click.option(
    "--verdict",
    "verdict_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Take this earlier verdict (verify --json) instead of verifying now.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def check(
    flags: VerifyFlags,
    targets: tuple[str, ...],
    frameworks: tuple[str, ...],
    verdict_file: Path | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Verify TARGET and say what it shows for each control of the frameworks chosen.

    A TARGET that ends in .toml is a pack of your own, which is checked for itself. Otherwise the
    exit code is that of the verification: outcomes of controls are for people to judge.
    """
    if any(each.endswith(PACK_SUFFIX) for each in targets):
        return _check_packs(targets, as_json)
    settings = load_settings()
    chosen = frameworks_from(settings, frameworks)
    if not chosen:
        raise UsageError(
            "no framework is chosen",
            hint="Give --framework, or set [report] frameworks; auditkit controls list has them.",
        )
    from auditkit.controls.data import framework_result

    evidence = _evidence(settings, flags, targets, verdict_file, quiet=quiet or as_json)
    results = [
        {
            "run": run.verdict.run,
            "source": run.verdict.source,
            "status": run.verdict.status,
            "frameworks": [framework_result(each, run, _today()) for each in chosen],
        }
        for run in evidence.runs
    ]
    document: dict[str, Any] = {
        "status": evidence.verdict.status,
        "verified_now": evidence.verified_now,
        "targets": results,
    }
    emit(as_json, document, lambda console: draw_results(console, evidence, results))
    return evidence.verdict.exit_code


def _evidence(
    settings: Settings,
    flags: VerifyFlags,
    targets: Sequence[str],
    verdict_file: Path | None,
    *,
    quiet: bool,
) -> Evidence:
    from auditkit.api.opening import opened_targets
    from auditkit.api.verify import evidence_for_verdict, verify
    from auditkit.cli.verifyopts import build_verify_options

    with (
        opened_targets(targets, settings.evidence_dir) as opened,
        show_progress(quiet=quiet) as progress,
    ):
        options = build_verify_options(settings, flags, progress, parents=opened.parents)
        if verdict_file is not None:
            return evidence_for_verdict(verdict_file, opened.targets, options)
        return verify(opened.targets, options)


def _check_packs(targets: Sequence[str], as_json: bool) -> int:
    packs: dict[str, Pack] = {}
    for each in targets:
        if not each.endswith(PACK_SUFFIX):
            raise UsageError(
                "packs and evidence cannot be checked at once", hint="Give one kind of TARGET."
            )
        packs[each] = load_pack(Path(each))
        check_pack(packs[each])
    today = _today()
    document = [
        {"file": name, "id": each.id, "controls": len(each.controls)}
        for name, each in packs.items()
    ]
    emit(as_json, document, lambda console: draw_packs(console, tuple(packs.values()), today))
    return 0


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
