"""`auditkit show` and `auditkit inventory`: look at evidence without checking it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit.api.logged_manifest import logged_manifest
from auditkit.api.opening import opened_manifest
from auditkit.api.targets import FoundManifest
from auditkit.cli.flags import grouped
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.cli.sources import SOURCE_OPTIONS, SourceFlags, opened_registry
from auditkit.config import load_settings
from auditkit.datasets.inventory import Inventory, read_inventory
from auditkit.digests import FURTHER_DIGESTS, sha256_hex
from auditkit.errors import SidecarError, TargetNotFoundError, UsageError
from auditkit.execution.progress import SilentProgress
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.dsse import pae
from auditkit.manifest.model import SidecarRef
from auditkit.schemes import PAYLOAD_TYPE
from auditkit.stores.evidence import EvidenceFolder

if TYPE_CHECKING:
    from rich.console import Console

ReadSidecar = Callable[[SidecarRef], bytes]


@click.command()
@click.argument("target")
@click.option(
    "--pae", "as_pae", is_flag=True, help="Write the signed bytes, for checking with openssl."
)
@grouped(SourceFlags, SOURCE_OPTIONS)
@json_option
def show(flags: SourceFlags, target: str, as_pae: bool, as_json: bool) -> None:
    """Show the manifest of TARGET without checking it. Use verify to check it.

    What is not found here is looked for in the registry, if there is one.
    """
    with _opened(target, flags) as (found, _):
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
@grouped(SourceFlags, SOURCE_OPTIONS)
@json_option
def inventory(flags: SourceFlags, target: str, dataset: str, digest: str, as_json: bool) -> None:
    """Print the recorded files of DATASET in TARGET, in the form that sha256sum -c reads.

    The list is held against the digest in the manifest; the manifest itself is not checked. What is
    not found here is looked for in the registry, if there is one.
    """
    with _opened(target, flags) as (found, read):
        entries = _recorded(found, dataset, read)
    if digest not in ("sha256", *entries.further):
        raise UsageError(
            f"{digest} was not recorded",
            hint=f"Recorded: {', '.join(('sha256', *entries.further))}.",
        )

    def human(_: Console) -> None:
        for entry in entries:
            sys.stdout.write(f"{getattr(entry, digest)}  {entry.path}\n")

    emit(as_json, list(entries), human)


@contextmanager
def _opened(target: str, flags: SourceFlags) -> Iterator[tuple[FoundManifest, ReadSidecar]]:
    """Yield the manifest and what reads its sidecars, from here or out of the registry."""
    settings = load_settings()
    try:
        stack = ExitStack()
        found = stack.enter_context(opened_manifest(target, settings.evidence_dir))
    except TargetNotFoundError:
        if Path(target).exists() or not flags.names_registry(settings):
            raise
        with opened_registry(settings, flags, SilentProgress()) as index:
            logged = logged_manifest(target, index)
            yield logged, lambda each: index.registry.blob(each.sha256, limit=each.size)
        return
    with stack:
        folder = EvidenceFolder.open(found.path)
        yield found, lambda each: folder.sidecar(each.name, limit=each.size)


def _recorded(found: FoundManifest, dataset: str, read: ReadSidecar) -> Inventory:
    predicate = decode_statement(found.payload).statement.predicate
    records = {record.name: record for record in predicate.datasets}
    if dataset not in records:
        raise UsageError(
            f"no data set or output is named {dataset!r}",
            hint=f"Recorded names: {', '.join(records) or 'none'}.",
        )
    reference = records[dataset].inventory.list
    content = read(reference)
    if sha256_hex(content) != reference.sha256:
        raise SidecarError("differs from the digest in the manifest", path=reference.name)
    return read_inventory(content)
