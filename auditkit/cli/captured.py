"""What `capture` and `run` tell at the end, and before anything with --dry-run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.api.options import CaptureOptions
from auditkit.api.preflight import Preflight
from auditkit.api.recorder import CaptureResult
from auditkit.cli.jobsummary import summarise_capture
from auditkit.cli.output import emit, plain, stderr
from auditkit.cli.recorded import recorded_document, recorded_line
from auditkit.config import Settings

if TYPE_CHECKING:
    from rich.console import Console

_BYTES_PER_SECOND = 400_000_000
"""A cautious guess of what one machine reads and hashes; --dry-run says it is one."""


def show_result(result: CaptureResult, settings: Settings, *, as_json: bool) -> None:
    """Print what was written and the exact next command, and tell a CI job's summary."""
    document: dict[str, Any] = {
        "run": result.run_id,
        "manifest": f"sha256:{result.manifest}",
        "path": str(result.path),
        "signed": result.signed,
        "files": result.files,
        "bytes": result.bytes,
        "warnings": list(result.warnings),
        "recorded": recorded_document(result.recorded) if result.recorded else None,
    }
    emit(as_json, document, lambda console: _draw(console, result, settings))
    summarise_capture(result)


def show_dry_run(options: CaptureOptions, preflight: Preflight, *, as_json: bool) -> None:
    """Print what a capture would read."""
    rows = [
        {
            "name": request.name,
            "role": request.role,
            "format": preflight.plans[request.name].format,
            "files": len(preflight.plans[request.name].parts),
            "bytes": preflight.plans[request.name].bytes,
            "location": preflight.plans[request.name].location,
        }
        for request in options.datasets
        if request.name in preflight.plans
    ]
    cited = [f"{each.reference.run}/{each.reference.dataset}" for each in options.citations]
    seconds = preflight.bytes / _BYTES_PER_SECOND
    document = {
        "project": options.project,
        "signers": [signer.public_key.keyid for signer in options.signers],
        "datasets": rows,
        "cited": cited,
        "pending_outputs": list(preflight.pending),
        "warnings": list(preflight.warnings),
        "files": preflight.files,
        "bytes": preflight.bytes,
        "estimated_seconds": round(seconds, 1),
    }

    def human(console: Console) -> None:
        for row in rows:
            console.print(
                f"{row['name']} ({row['role']}, {row['format']}): {row['files']:,} files, "
                f"{_size(row['bytes'])}  {plain(str(row['location']))}",
                markup=False,
            )
        for name in cited:
            console.print(f"cited, not read: run:{plain(name)}", markup=False)
        for name in preflight.pending:
            console.print(f"{name} (output): not there yet", markup=False)
        for warning in preflight.warnings:
            stderr().print(f"warning: {plain(warning)}", style="yellow", markup=False)
        console.print(
            f"dry run: {preflight.files:,} files, {_size(preflight.bytes)}, roughly "
            f"{max(seconds, 1):,.0f} s; the key works, nothing was written",
            markup=False,
        )

    emit(as_json, document, human)


def _draw(console: Console, result: CaptureResult, settings: Settings) -> None:
    state = "signed" if result.signed else "NOT SIGNED"
    console.print(
        f"recorded run {result.run_id}: {result.files:,} files, {_size(result.bytes)}, {state}",
        markup=False,
    )
    console.print(f"manifest sha256:{result.manifest}", markup=False)
    path = _relative(result.path)
    console.print(f"evidence {path}", markup=False)
    if result.recorded is not None:
        console.print(plain(recorded_line(result.recorded)), markup=False)
    remarks = stderr()
    for warning in result.warnings:
        remarks.print(f"warning: {plain(warning)}", style="yellow", markup=False)
    if not result.signed:
        console.print(f"next: auditkit sign {path} --key KEY", markup=False)
        return
    key = "" if settings.trust() else " --key PUBLIC_KEY"
    console.print(f"next: auditkit verify {path}{key}", markup=False)
    console.print(
        "anyone else: auditkit verify EVIDENCE --key PUBLIC_KEY --data-root FOLDER, with the "
        "public key obtained from you by another way",
        markup=False,
        style="dim",
    )


def _relative(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _size(count: Any) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
