"""`auditkit completion SHELL`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from auditkit.errors import UsageError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    bash: eval "$(auditkit completion bash)" in ~/.bashrc; zsh likewise in ~/.zshrc;
    fish: auditkit completion fish > ~/.config/fish/completions/auditkit.fish
    """
    from auditkit.cli.main import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"no completion for {shell}")
    click.echo(kind(cli, {}, "auditkit", "_AUDITKIT_COMPLETE").source())
