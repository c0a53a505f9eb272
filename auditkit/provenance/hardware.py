"""Processor, memory and graphics cards of the machine."""

from __future__ import annotations

import csv
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditkit.execution.executor import available_cores
from auditkit.manifest.model import Cpu, Gpu
from auditkit.provenance.redact import redact_text
from auditkit.provenance.text import as_text

_GPU_FIELDS: Final = "name,driver_version,memory.total,uuid"
_GPU_SECONDS: Final = 5.0
_MIB: Final = 1024 * 1024
_MODEL_NAMES: Final = ("model name", "Model", "cpu model", "Hardware")
"""How /proc/cpuinfo calls the model on x86, ARM boards, MIPS and older ARM."""


@dataclass(frozen=True, slots=True)
class GpuRecord:
    """The graphics cards, and a warning where they could not be asked for."""

    gpus: tuple[Gpu, ...]
    warnings: tuple[str, ...] = ()


def record_cpu(cpuinfo: Path = Path("/proc/cpuinfo")) -> Cpu:
    """Return the processor's model, where it can be known, and the cores this process may use."""
    try:
        text = cpuinfo.read_text("utf-8", "replace")
    except OSError:
        text = ""
    return Cpu(model=_cpu_model(text), cores=available_cores())


def record_memory() -> int | None:
    """Return the machine's physical memory in bytes, or None where the system does not tell."""
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None
    return pages * size if pages > 0 and size > 0 else None


def record_gpus(*, seconds: float = _GPU_SECONDS) -> GpuRecord:
    """Return what `nvidia-smi` reports; none without that program."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return GpuRecord(())
    try:
        done = subprocess.run(
            [program, f"--query-gpu={_GPU_FIELDS}", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
        )
        return GpuRecord(_parse_gpus(done.stdout.decode("utf-8", "replace")))
    except subprocess.TimeoutExpired:
        return _unknown(f"it took longer than {seconds:g} seconds")
    except subprocess.CalledProcessError as error:
        said = (error.stdout + error.stderr).decode("utf-8", "replace").strip()
        return _unknown(redact_text(said.partition("\n")[0][:200]) or f"exit {error.returncode}")
    except (OSError, ValueError) as error:
        return _unknown(redact_text(str(error)[:200]))


def _parse_gpus(text: str) -> tuple[Gpu, ...]:
    rows = csv.reader(text.splitlines(), skipinitialspace=True)
    return tuple(_gpu(row) for row in rows if row)


def _gpu(row: list[str]) -> Gpu:
    """Return one card; a field that it does not support reads `[N/A]`."""
    if len(row) != len(_GPU_FIELDS.split(",")):
        raise ValueError(f"unexpected answer {', '.join(row)!r}")
    name, driver, memory, uuid = row
    return Gpu(
        name=as_text(name),
        driver=as_text(driver),
        memory_bytes=int(memory) * _MIB if memory.isascii() and memory.isdigit() else None,
        uuid=None if uuid.startswith("[") else as_text(uuid),
    )


def _unknown(reason: str) -> GpuRecord:
    return GpuRecord((), (f"GPUs are not recorded: nvidia-smi failed ({reason})",))


def _cpu_model(cpuinfo: str) -> str | None:
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in _MODEL_NAMES and value.strip():
            return as_text(value.strip())
    return platform.processor() or None
