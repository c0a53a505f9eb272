"""Console blocks of Markdown pages: what they say, and whether it is so.

A page's blocks run in one scratch project, prepared by the comment before the first of them:

    <!-- docs-test: project=tabular -->

Lines that start with `$ ` are commands and those with `> ` continue them; what follows is their
output, stdout and stderr together. `...` stands for any text within a line, and alone on a line
for any lines. `# exit 10` at a command's end expects that exit code instead of 0. A later comment
begins another project. A block that cannot run says why: `<!-- docs-test: skip: REASON -->`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMENT = re.compile(r"<!-- docs-test: (?:project=(?P<project>[a-z]+)|skip: (?P<reason>.+)) -->")
_EXIT = re.compile(r"  # exit (\d+)$")


@dataclass(frozen=True)
class Step:
    """One command of a page, what it should print, and where it is written."""

    line: int
    command: str
    output: str
    code: int


@dataclass(frozen=True)
class Session:
    """Commands that share one scratch project."""

    project: str
    steps: tuple[Step, ...]


def sessions(page: str) -> list[Session]:
    """Return the sessions of a page; raises ValueError for a block nobody said how to run."""
    found: list[Session] = []
    for line, comment, block in _blocks(page.splitlines()):
        if comment and comment["reason"]:
            continue
        if comment:
            found.append(Session(comment["project"], ()))
        if not found:
            raise ValueError(f"line {line}: no docs-test comment before the console block")
        last = found.pop()
        found.append(Session(last.project, (*last.steps, *_steps(line, block))))
    return found


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what the page shows."""
    pattern = ""
    for line in expected.splitlines():
        text = r"[^\n]*".join(re.escape(part.rstrip()) for part in line.split("..."))
        pattern += r"(?:[^\n]*\n)*?" if line.strip() == "..." else text + r"[ ]*\n"
    ended = printed if not printed or printed.endswith("\n") else printed + "\n"
    return re.fullmatch(pattern, ended) is not None


def run(session: Session, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Run a session's commands in `folder`; yield what differs from the page."""
    for step in session.steps:
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != step.code or not matches(step.output, done.stdout):
            yield (
                f"line {step.line}: {step.command}\n"
                f"exit code {done.returncode}, expected {step.code}; printed:\n{done.stdout}"
            )


def _blocks(lines: list[str]) -> Iterator[tuple[int, re.Match[str] | None, list[str]]]:
    """Yield (line number of the fence, docs-test comment right before it, lines within)."""
    comment: re.Match[str] | None = None
    numbered = enumerate(lines, start=1)
    for number, line in numbered:
        if line.startswith("```"):
            block = []
            for _, inner in numbered:
                if inner.startswith("```"):
                    break
                block.append(inner)
            if line == "```console":
                yield number, comment, block
            comment = None
        elif line.strip():
            comment = _COMMENT.fullmatch(line)


def _steps(first: int, block: list[str]) -> Iterator[Step]:
    starts = [number for number, line in enumerate(block) if line.startswith("$ ")]
    if not starts or starts[0] != 0:
        raise ValueError(f"line {first}: a console block starts with a command")
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        command, rest = [block[start][2:]], block[start + 1 : end]
        while rest and rest[0].startswith("> "):
            command.append(rest.pop(0)[2:])
        code = _EXIT.search(command[-1])
        yield Step(
            first + 1 + start, "\n".join(command), "\n".join(rest), int(code[1]) if code else 0
        )
