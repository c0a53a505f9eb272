"""Commands import what they use, when they use it: help does not wait for what makes PDFs."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = ("weasyprint", "pyhanko", "jinja2", "jsonschema", "boto3", "playwright")
PROGRAM = """
import contextlib, sys
from auditkit.cli.main import main
sys.argv = ["auditkit", *sys.argv[1:]]
with contextlib.suppress(SystemExit):
    main()
print(*sorted({name.partition(".")[0].lower() for name in sys.modules}))
"""


@pytest.mark.parametrize("arguments", [("report", "--help"), ("verify", "--help"), ("--version",)])
def test_help_imports_nothing_slow(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    shown, _, modules = done.stdout.rstrip().rpartition("\n")
    assert shown
    assert not set(SLOW) & set(modules.split())
