"""`auditkit approve`: a person's own signature under what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from auditkit.api.approve import approve as approve_manifest
from auditkit.api.targets import find_manifest
from auditkit.cli.flags import grouped
from auditkit.cli.keyopts import KEY_OPTIONS, open_signers
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.config import load_settings, policy_from, stamping_from

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class ApproveFlags:
    """The flags as given."""

    name: str | None
    role: str | None
    meaning: str
    trust: str | None
    timestamps: tuple[str, ...]
    keys: tuple[str, ...]
    certificates: tuple[str, ...]
    allow_open_key: bool


_OPTIONS = (
    click.option("--name", metavar="NAME", help="Your full name; default from the trust policy."),
    click.option("--role", metavar="ROLE", help="Your role; default from the trust policy."),
    click.option(
        "--meaning", required=True, metavar="TEXT", help='What you say by it: "approved for use".'
    ),
    click.option("--trust", metavar="FILE", help="Trust policy that knows you and your key."),
    click.option(
        "--timestamp",
        "timestamps",
        multiple=True,
        metavar="URL",
        help="Time-stamping authority (RFC 3161) to ask for a token.",
    ),
    *KEY_OPTIONS,
)


@click.command()
@click.argument("target")
@grouped(ApproveFlags, _OPTIONS)
@json_option
def approve(flags: ApproveFlags, target: str, as_json: bool) -> None:
    """Approve the manifest of TARGET in your own name, and write the approval beside it.

    Sign with your own key, not with the one that signed the manifest. Verify TARGET first: this
    checks nothing, it records what you say.
    """
    settings = load_settings()
    policy = policy_from(settings, flags.trust)
    found = find_manifest(target, settings.evidence_dir)
    result = approve_manifest(
        found.path,
        open_signers(settings, flags),
        name=flags.name,
        role=flags.role,
        meaning=flags.meaning,
        rules=policy.rules if policy else None,
        stamping=stamping_from(settings, flags.timestamps),
    )
    approval = result.approval
    document = {
        "manifest": f"sha256:{result.manifest}",
        "run": approval.run.id,
        "name": approval.name,
        "role": approval.role,
        "meaning": approval.meaning,
        "approved_at": approval.approved_at,
        "bundles": [str(each) for each in result.written],
        "warnings": [str(each) for each in result.failures],
    }

    def human(console: Console) -> None:
        line = f"{approval.name} ({approval.role}): {approval.meaning}"
        console.print(plain(f"approved run {approval.run.id} as {line}"), markup=False)
        for path in result.written:
            console.print(f"wrote {plain(str(path))}", markup=False)
        for failure in result.failures:
            stderr().print(f"warning: {plain(str(failure))}", style="yellow", markup=False)

    emit(as_json, document, human)
