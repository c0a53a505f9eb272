"""The flags that name a registry, the keys of its log, and what was seen of it."""

from __future__ import annotations

from pathlib import Path

import click

registry_option = click.option(
    "--registry", metavar="URI", help="The registry: a folder, or s3://BUCKET/PREFIX."
)
log_key_option = click.option(
    "--log-key",
    "log_keys",
    multiple=True,
    metavar="URI",
    help="Private key of the log: Ed25519 or ECDSA P-256; besides it ML-DSA-44.",
)
trust_option = click.option("--trust", metavar="FILE", help="Trust policy that names the log.")
log_option = click.option(
    "--log",
    "logs",
    multiple=True,
    metavar="VKEY",
    help="Without a policy: verifier key of a log to trust, NAME+ID+BASE64.",
)
checkpoint_option = click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An earlier checkpoint of the log, a receipt, or a verdict with one.",
)
