"""The flag that chooses frameworks."""

from __future__ import annotations

import click

framework_option = click.option(
    "--framework",
    "frameworks",
    multiple=True,
    metavar="ID",
    help="Controls to hold the evidence against: the id of a pack, or a file of your own; "
    "repeatable.",
)
