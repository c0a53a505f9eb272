"""`auditkit lineage`: where a run or data comes from, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from auditkit.api.lineage import trace
from auditkit.cli.flags import grouped
from auditkit.cli.output import json_option, plain, stderr, stdout, write_json
from auditkit.cli.progress import show_progress
from auditkit.cli.sources import SOURCE_OPTIONS, SourceFlags, opened_index
from auditkit.config import load_settings
from auditkit.errors import UsageError
from auditkit.evidence import Direction, LineageGraph

if TYPE_CHECKING:
    from rich.console import Console

_FORMATS: Final = ("tree", "json", "dot", "svg")
_SUFFIXES: Final = {".json": "json", ".dot": "dot", ".gv": "dot", ".svg": "svg", ".txt": "tree"}


@click.command()
@click.argument("target")
@click.option("--upstream", is_flag=True, help="Only what TARGET comes from.")
@click.option("--downstream", is_flag=True, help="Only what came of TARGET.")
@click.option(
    "--depth", type=click.IntRange(min=1), metavar="N", help="At most N runs away from TARGET."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="What to print; default tree, or what FILE's name says.",
)
@click.option(
    "-o",
    "--output",
    "output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it to FILE.",
)
@grouped(SourceFlags, SOURCE_OPTIONS)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def lineage(
    flags: SourceFlags,
    target: str,
    upstream: bool,
    downstream: bool,
    depth: int | None,
    form: str | None,
    output: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Show what TARGET comes from, and what came of it.

    TARGET is a run (evidence folder, bundle, run id, manifest digest, PROJECT/latest) or data: a
    model, a data set, a single file of one, or a digest. Runs are joined by the digests of what
    they wrote and read, and by declared parents: those in the registry, or without one those here.
    Manifests are taken as they are; verify --parents checks them.
    """
    if upstream and downstream:
        raise UsageError("--upstream and --downstream", hint="Leave both out to see both.")
    chosen = _form(form, output, as_json=as_json)
    direction: Direction = "upstream" if upstream else "downstream" if downstream else "both"
    settings = load_settings()
    with (
        show_progress(quiet=quiet or as_json) as progress,
        opened_index(settings, flags, progress) as index,
    ):
        traced = trace(
            target,
            index,
            root=settings.root,
            direction=direction,
            depth=depth,
            progress=progress,
        )
    if traced.remark:
        stderr().print(f"note: {plain(traced.remark)}", style="yellow", markup=False)
    _deliver(traced.graph, chosen, output)


def _form(form: str | None, output: Path | None, *, as_json: bool) -> str:
    if as_json:
        if form not in {None, "json"}:
            raise UsageError("--json with another --format", hint="Leave out one of them.")
        return "json"
    named = _SUFFIXES.get(output.suffix.lower()) if output is not None else None
    return form or named or "tree"


def _deliver(graph: LineageGraph, form: str, output: Path | None) -> None:
    from auditkit.cli.lineagetree import draw_tree

    if output is not None:
        from auditkit.stores.atomic import replace

        replace(output, _bytes(graph, form))
        stderr().print(f"wrote {plain(str(output))}", markup=False)
    elif form == "tree":
        draw_tree(stdout(), graph)
    elif form == "json":
        write_json(graph)
    else:
        click.echo(_bytes(graph, form), nl=False)


def _bytes(graph: LineageGraph, form: str) -> bytes:
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(graph), indent=1) + b"\n"
    if form == "dot":
        from auditkit.lineage.dot import to_dot

        return to_dot(graph).encode()
    if form == "svg":
        from auditkit.lineage.svg import to_svg

        return to_svg(graph).encode()
    return _tree_text(graph).encode()


def _tree_text(graph: LineageGraph) -> str:
    from io import StringIO

    from rich.console import Console

    from auditkit.cli.lineagetree import draw_tree

    text = StringIO()
    console: Console = Console(file=text, width=100, highlight=False, soft_wrap=True)
    draw_tree(console, graph)
    return text.getvalue()
