"""The container this process runs in, as far as the container itself lets it know."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from auditkit.manifest.model import Container
from auditkit.provenance.redact import redact_url

_IMAGE_VARIABLES: Final = (
    "AUDITKIT_IMAGE",
    "CI_JOB_IMAGE",  # GitLab
    "APPTAINER_CONTAINER",
    "SINGULARITY_CONTAINER",
)
_DIGEST_VARIABLE: Final = "AUDITKIT_IMAGE_DIGEST"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def detect_container(environ: Mapping[str, str], root: Path = Path("/")) -> Container | None:
    """Return image, digest and runtime as far as they are told, or None outside a container.

    A container cannot see its own image's digest: it comes from `AUDITKIT_IMAGE_DIGEST`, or from
    an image reference that ends in `@sha256:...`. `root` is where the file system begins.
    """
    podman = _podman_facts(root)
    image = next((environ[name] for name in _IMAGE_VARIABLES if environ.get(name)), None)
    image = image or podman.get("image")
    digest = _DIGEST.search(f"{environ.get(_DIGEST_VARIABLE, '')} {image or ''}")
    runtime = _runtime(environ, root)
    if not (image or digest or runtime):
        return None
    return Container(
        basis="declared",
        image=redact_url(image) if image else None,
        digest=digest.group() if digest else None,
        runtime=runtime,
    )


def _runtime(environ: Mapping[str, str], root: Path) -> str | None:
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    if environ.get("APPTAINER_CONTAINER") or environ.get("SINGULARITY_CONTAINER"):
        return "apptainer"
    if (root / "run/.containerenv").exists():
        return "podman"
    return "docker" if (root / ".dockerenv").exists() else None


def _podman_facts(root: Path) -> dict[str, str]:
    """Return what podman writes into `/run/.containerenv`, often nothing (podman-run(1))."""
    try:
        text = (root / "run/.containerenv").read_text("utf-8", "replace")
        words = shlex.split(text[:65536])
    except (OSError, ValueError):
        return {}
    return {name: value for name, _, value in (word.partition("=") for word in words)}
