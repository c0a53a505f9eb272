"""The machine and software that a capture runs in."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from auditkit.manifest.model import Environment, OperatingSystem, Packages, Python
from auditkit.provenance.container import detect_container
from auditkit.provenance.hardware import record_cpu, record_gpus, record_memory
from auditkit.provenance.locks import record_locks
from auditkit.provenance.packages import PACKAGES_SIDECAR, encode_packages, list_packages
from auditkit.provenance.redact import redact_text
from auditkit.provenance.secretnames import is_secret_name
from auditkit.provenance.sidecar import sidecar_ref
from auditkit.provenance.text import as_text
from auditkit.schemes import JSON_MEDIA_TYPE

RECORDED_VARIABLES: Final = (
    *("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_LAUNCH_BLOCKING", "NVIDIA_*"),
    *("CUBLAS_WORKSPACE_CONFIG", "NCCL_*", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"),
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "MKL_CBWR", "OPENBLAS_NUM_THREADS"),
    *("PYTHONHASHSEED", "PYTHONPATH", "TOKENIZERS_PARALLELISM"),
    *("TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS"),
    *("WORLD_SIZE", "LOCAL_WORLD_SIZE", "RANK", "MASTER_ADDR"),
    *("SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_JOB_NODELIST", "SLURM_NTASKS", "SLURM_NNODES"),
    *("CONDA_DEFAULT_ENV", "CONDA_PREFIX", "VIRTUAL_ENV", "TZ", "LANG", "LC_ALL"),
)
"""Names and globs of the environment variables that are recorded without being asked for."""


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """The environment, its sidecars by name, and what could not be recorded."""

    environment: Environment
    sidecars: dict[str, bytes] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def record_environment(root: Path, *, allow: Sequence[str] = ()) -> EnvironmentRecord:
    """Return what can be known of the environment; what cannot be is a warning.

    Lock files are looked for in `root`. `allow` are names or globs of further environment
    variables; a variable whose name announces a secret is never recorded.
    """
    gpus, locks = record_gpus(), record_locks(root)
    variables, refused = _variables(os.environ, allow)
    packages = list_packages()
    content = encode_packages(packages)
    environment = Environment(
        basis="observed",
        python=Python(
            version=platform.python_version(), implementation=platform.python_implementation()
        ),
        os=_operating_system(),
        cpu=record_cpu(),
        memory_bytes=record_memory(),
        gpus=gpus.gpus,
        packages=Packages(
            count=len(packages), list=sidecar_ref(PACKAGES_SIDECAR, JSON_MEDIA_TYPE, content)
        ),
        lock_files=locks.files,
        container=detect_container(os.environ),
        variables=variables,
    )
    return EnvironmentRecord(
        environment, {PACKAGES_SIDECAR: content}, (*gpus.warnings, *locks.warnings, *refused)
    )


def _operating_system() -> OperatingSystem:
    try:
        distribution = platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:
        distribution = None
    system = platform.uname()
    return OperatingSystem(
        system=system.system,
        release=system.release,
        machine=system.machine,
        distribution=as_text(distribution) if distribution else None,
        libc=" ".join(filter(None, platform.libc_ver())) or None,
    )


def _variables(
    environ: Mapping[str, str], allow: Sequence[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the recorded variables, sorted, and a warning for each that was refused."""
    found, refused = {}, []
    for name in sorted(environ):
        asked = any(fnmatchcase(name, glob) for glob in allow)
        if not asked and not any(fnmatchcase(name, glob) for glob in RECORDED_VARIABLES):
            continue
        if is_secret_name(name):
            refused.append(f"environment variable {as_text(name)} may hold a secret: not recorded")
        else:
            found[as_text(name)] = redact_text(environ[name])
    return found, tuple(refused)
