"""The `auditkit` command: commands are imported when they are called, errors become exit codes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from auditkit.errors import AuditkitError, UsageError
from auditkit.version import __version__

_COMMANDS = {
    "init": ("auditkit.cli.init:init", "Set up auditkit.toml and a first key."),
    "keys": ("auditkit.cli.keys:keys", "Generate, list and show keys."),
    "capture": ("auditkit.cli.capture:capture", "Record a finished training run."),
    "run": ("auditkit.cli.run:run", "Run a command and record it."),
    "sign": ("auditkit.cli.sign:sign", "Sign a manifest that was captured unsigned."),
    "timestamp": ("auditkit.cli.timestamp:timestamp", "Add time stamps to signatures."),
    "approve": ("auditkit.cli.approve:approve", "Approve a manifest in your own name."),
    "record": ("auditkit.cli.record:record", "Put evidence into a registry."),
    "log": ("auditkit.cli.log:log", "Integrate, check and prove what was recorded."),
    "attest-erasure": (
        "auditkit.cli.erase:attest",
        "Attest that recorded data was lawfully deleted.",
    ),
    "verify": ("auditkit.cli.verify:verify", "Check evidence against the stored data."),
    "report": ("auditkit.cli.report:report", "Render an HTML, PDF or JSON report."),
    "runs": ("auditkit.cli.runs:list_runs", "List recorded runs, and find some of them."),
    "schemas": ("auditkit.cli.schemas:list_schemas", "Show how the columns of data changed."),
    "lineage": ("auditkit.cli.lineage:lineage", "Show what came before a model, and after data."),
    "pack": ("auditkit.cli.pack:pack", "Put evidence into one file, to be checked offline."),
    "retention": ("auditkit.cli.retention:retention", "Tell until when recorded data is readable."),
    "show": ("auditkit.cli.show:show", "Show a manifest, without checking it."),
    "inventory": ("auditkit.cli.show:inventory", "Print a data set's files, as sha256sum does."),
    "trust": ("auditkit.cli.trust:trust", "Check and explain a trust policy."),
    "controls": ("auditkit.cli.controls:controls", "Hold evidence against controls of laws."),
    "explain": ("auditkit.cli.explain:explain", "Tell what a check does and what to do."),
    "completion": ("auditkit.cli.completion:completion", "Print a shell completion script."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 passed, 1 the tool failed, 2 usage, 3 nothing to verify, "
    "10 evidence failed, 11 indeterminate, 130 interrupted.",
)
@click.version_option(__version__, prog_name="auditkit", message="%(prog)s %(version)s")
def cli() -> None:
    """Signed evidence of what data, code and environment produced a model.

    Capture a training run, verify it later against the stored bytes, and hand over a report.
    """


def main() -> NoReturn:
    """Run the command line and exit with the code of the outcome."""
    as_json = _wants_json(sys.argv[1:])
    try:
        code: Any = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader of our output has gone; a traceback would only bury its own message
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort as error:
        # click reports the end of input as an abort, too
        if isinstance(error.__context__, EOFError):
            _fail(AuditkitError("the input ended where an answer was needed"), as_json, 1)
        _fail(AuditkitError("interrupted"), as_json, 130)
    except KeyboardInterrupt:
        _fail(AuditkitError("interrupted"), as_json, 130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.ClickException as error:
        where = (
            error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
        )
        hint = f"See {where} --help." if where else None
        _fail(UsageError(error.format_message().rstrip("."), hint=hint), as_json, 2)
    except AuditkitError as error:
        _fail(error, as_json, error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _wants_json(arguments: list[str]) -> bool:
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in own


def _fail(error: AuditkitError, as_json: bool, code: int) -> NoReturn:
    from auditkit.cli.errors import show_error

    show_error(error, as_json, code)
    sys.exit(code)
