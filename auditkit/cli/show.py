"""`auditkit show` and `auditkit inventory`: look at evidence without checking it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from auditkit.api.opening import opened_manifest
from auditkit.api.targets import FoundManifest
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.config import load_settings
from auditkit.datasets.inventory import Inventory, read_inventory
from auditkit.digests import FURTHER_DIGESTS, sha256_hex
from auditkit.errors import SidecarError, UsageError
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.dsse import pae
from auditkit.schemes import PAYLOAD_TYPE
from auditkit.stores.evidence import EvidenceFolder

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.argument("target")
@click.option(
    "--pae", "as_pae", is_flag=True, help="Write the signed bytes, for checking with openssl."
)
@json_option
def show(target: str, as_pae: bool, as_json: bool) -> None:
    """Show the manifest of TARGET without checking it. Use verify to check it."""
    with opened_manifest(target, load_settings().evidence_dir) as found:
        where = str(found.shown or found.path)
    if as_pae:
        sys.stdout.buffer.write(pae(PAYLOAD_TYPE, found.payload))
        return
    document = json.loads(found.payload)

    def human(console: Console) -> None:
        stderr().print(
            f"not checked: manifest sha256:{found.digest} in {plain(where)}",
            style="yellow",
            markup=False,
        )
        console.print(json.dumps(document, indent=1), markup=False)

    emit(as_json, document, human)


@click.command()
@click.argument("target")
@click.argument("dataset")
@click.option(
    "--digest",
    type=click.Choice(("sha256", *FURTHER_DIGESTS)),
    default="sha256",
    help="Which of the recorded digests; sha512sum -c and b3sum -c read the others.",
)
@json_option
def inventory(target: str, dataset: str, digest: str, as_json: bool) -> None:
    """Print the recorded files of DATASET in TARGET, in the form that sha256sum -c reads.

    The list is held against the digest in the manifest; the manifest itself is not checked.
    """
    with opened_manifest(target, load_settings().evidence_dir) as found:
        entries = _recorded(found, dataset)
    if digest not in ("sha256", *entries.further):
        raise UsageError(
            f"{digest} was not recorded",
            hint=f"Recorded: {', '.join(('sha256', *entries.further))}.",
        )

    def human(_: Console) -> None:
        for entry in entries:
            sys.stdout.write(f"{getattr(entry, digest)}  {entry.path}\n")

    emit(as_json, list(entries), human)


def _recorded(found: FoundManifest, dataset: str) -> Inventory:
    predicate = decode_statement(found.payload).statement.predicate
    records = {record.name: record for record in predicate.datasets}
    if dataset not in records:
        raise UsageError(
            f"no data set or output is named {dataset!r}",
            hint=f"Recorded names: {', '.join(records) or 'none'}.",
        )
    reference = records[dataset].inventory.list
    content = EvidenceFolder.open(found.path).sidecar(reference.name, limit=reference.size)
    if sha256_hex(content) != reference.sha256:
        raise SidecarError("differs from the digest in the manifest", path=reference.name)
    return read_inventory(content)
