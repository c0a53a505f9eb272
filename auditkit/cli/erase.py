"""`auditkit attest-erasure`: recorded data was lawfully deleted, and somebody answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from auditkit.api.erase import attest_erasure
from auditkit.api.targets import find_path
from auditkit.cli.flags import grouped
from auditkit.cli.keyopts import KEY_OPTIONS, open_signers
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.config import load_settings, policy_from, stamping_from

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class ErasureFlags:
    """The flags as given."""

    reason: str
    name: str | None
    role: str | None
    trust: str | None
    timestamps: tuple[str, ...]
    keys: tuple[str, ...]
    certificates: tuple[str, ...]
    allow_open_key: bool


_OPTIONS = (
    click.option(
        "--reason", required=True, metavar="TEXT", help='Why: "erasure request 2026-17, Art. 17".'
    ),
    click.option("--name", metavar="NAME", help="Who answers for it; default from the policy."),
    click.option("--role", metavar="ROLE", help="In which role; default from the policy."),
    click.option("--trust", metavar="FILE", help="Trust policy that knows the signer."),
    click.option(
        "--timestamp",
        "timestamps",
        multiple=True,
        metavar="URL",
        help="Time-stamping authority (RFC 3161) to ask for a token.",
    ),
    *KEY_OPTIONS,
)


@click.command("attest-erasure")
@click.argument("target")
@click.argument("dataset")
@grouped(ErasureFlags, _OPTIONS)
@json_option
def attest(flags: ErasureFlags, target: str, dataset: str, as_json: bool) -> None:
    """Attest that the data of DATASET in TARGET was lawfully deleted.

    Deletes nothing. Later checks take what is gone as erased instead of missing, and say who
    attested it and why; what differs still fails. A trust policy has to let the signer attest
    erasures.
    """
    settings = load_settings()
    policy = policy_from(settings, flags.trust)
    result = attest_erasure(
        find_path(target, settings.evidence_dir),
        dataset,
        open_signers(settings, flags),
        reason=flags.reason,
        name=flags.name,
        role=flags.role,
        rules=policy.rules if policy else None,
        stamping=stamping_from(settings, flags.timestamps),
    )
    erasure = result.erasure
    document = {
        "manifest": f"sha256:{result.manifest}",
        "run": erasure.run.id,
        "dataset": erasure.dataset.name,
        "name": erasure.name,
        "role": erasure.role,
        "reason": erasure.reason,
        "attested_at": erasure.attested_at,
        "bundles": [str(each) for each in result.written],
        "sidecars": [str(each) for each in result.sidecars],
        "warnings": [str(each) for each in result.failures],
    }

    def human(console: Console) -> None:
        who = f"{erasure.name} ({erasure.role})"
        text = f"{who} attests that {erasure.dataset.name} of run {erasure.run.id} was deleted"
        console.print(plain(f"{text}: {erasure.reason}"), markup=False)
        for path in result.written:
            console.print(f"wrote {plain(str(path))}", markup=False)
        for path in result.sidecars:
            console.print(f"derived from it, and may be deleted too: {plain(str(path))}")
        for failure in result.failures:
            stderr().print(f"warning: {plain(str(failure))}", style="yellow", markup=False)

    emit(as_json, document, human)
