"""`auditkit timestamp`: add time stamps to evidence that is signed already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from auditkit.api.targets import find_path
from auditkit.api.timestamp import timestamp as timestamp_evidence
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.config import load_settings, stamping_from
from auditkit.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.argument("target")
@click.option(
    "--tsa",
    "urls",
    multiple=True,
    metavar="URL",
    help="A time-stamping authority (RFC 3161); several give one token each.",
)
@json_option
def timestamp(target: str, urls: tuple[str, ...], as_json: bool) -> None:
    """Write time-stamp tokens over the signatures of TARGET: an evidence folder, a bundle or a run.

    A token proves that the signature existed at its time. Tokens are files of their own beside
    the bundles, which stay as they are. TARGET may also be a log's checkpoint, as auditkit log
    status -o writes it, or a receipt: then the token shows how old that state of the log is.
    """
    settings = load_settings()
    path = find_path(target, settings.evidence_dir)
    stamping = stamping_from(settings, urls)
    if stamping is None:
        raise UsageError(
            "no time-stamping authority is given or configured",
            hint="Give --tsa URL, or set [timestamp] authorities in auditkit.toml.",
        )
    result = timestamp_evidence(path, stamping.authorities)
    document = {
        "tokens": [str(each) for each in result.written],
        "warnings": [str(each) for each in result.failures],
    }

    def human(console: Console) -> None:
        for each in result.written:
            console.print(f"wrote {plain(str(each))}", markup=False)
        for failure in result.failures:
            stderr().print(f"warning: {plain(str(failure))}", style="yellow", markup=False)

    emit(as_json, document, human)
