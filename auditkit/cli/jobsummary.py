"""The summary page of a CI job: Markdown appended to the file that the CI system names."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from auditkit.api.recorder import CaptureResult
from auditkit.cli.output import plain, stderr
from auditkit.findings import Verdict

VARIABLE: Final = "GITHUB_STEP_SUMMARY"
_MOST_BYTES: Final = 1024 * 1024
"""GitHub drops the whole summary of a step beyond 1 MiB (job summaries, limits)."""


def summarise_verdict(
    verdict: Verdict, language: str | None = None, *, verified_now: bool = True
) -> None:
    """Add a verdict to the job's summary, where there is one; in English if not told otherwise."""

    def text() -> bytes:
        from auditkit.reports.language import SOURCE
        from auditkit.reports.language import language as load_language
        from auditkit.reports.markdown import render_markdown

        say = load_language(language or SOURCE)
        return render_markdown(verdict, say, verified_now=verified_now)

    _append(text)


def summarise_capture(result: CaptureResult) -> None:
    """Add a recorded run to the job's summary, where there is one."""

    def text() -> bytes:
        from auditkit.reports.markdown import code

        lines = [
            f"- Run: {code(result.run_id)}",
            f"- Manifest: {code(f'sha256:{result.manifest}')}",
            f"- Evidence: {code(str(result.path))}, "
            + ("signed" if result.signed else "**not signed**"),
            f"- Read and hashed: {result.files:,} files, {result.bytes:,} bytes",
            *(f"- Warning: {code(each)}" for each in result.warnings),
        ]
        return ("## auditkit recorded a run\n\n" + "\n".join(lines) + "\n").encode()

    _append(text)


def _append(text: Callable[[], bytes]) -> None:
    """Append what `text` returns; what goes wrong here is said and changes no outcome."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    content = text()
    try:
        with Path(name).open("ab") as file:
            if file.tell() + len(content) + 1 > _MOST_BYTES:
                _warn("it would be longer than 1 MiB")
                return
            file.write(b"\n" + content if file.tell() else content)
    except OSError as error:
        _warn(error.strerror or "it cannot be written")


def _warn(why: str) -> None:
    stderr().print(
        f"warning: the summary of this job was left as it is: {plain(why)}",
        style="yellow",
        markup=False,
    )
