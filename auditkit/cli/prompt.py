"""Asking for a passphrase."""

from __future__ import annotations

import sys

import click


def ask_passphrase(name: str) -> bytes | None:
    """Return the passphrase typed for the key called `name`, None where nobody can type."""
    if not sys.stdin.isatty():
        return None
    text: str = click.prompt(f"Passphrase for {name}", hide_input=True, err=True)
    return text.encode()
