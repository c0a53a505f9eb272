"""Where a run came from, as far as the machine can tell: code and environment."""

from __future__ import annotations

from typing import Literal

from auditkit.manifest.types import Basis, Count, GitObjectId, Record, Sha256, SidecarRef, Text


class CommitSignature(Record, frozen=True, kw_only=True):
    """Whether the commit carries a signature. Its validity is not checked."""

    present: bool
    kind: Literal["openpgp", "ssh", "x509", "unknown"] | None = None


class Patch(Record, frozen=True, kw_only=True):
    """Uncommitted changes to tracked files."""

    files: tuple[Text, ...]
    diff: SidecarRef | None = None
    omitted: Text | None = None


class Untracked(Record, frozen=True, kw_only=True):
    """Files git does not track and does not ignore, by path, size and digest only."""

    files: Count
    bytes: Count
    list: SidecarRef | None = None
    omitted: Text | None = None


class Code(Record, frozen=True, kw_only=True):
    """The code that ran, as git sees it; without a repository, the reason why there is none."""

    status: Literal["recorded", "absent"]
    reason: Text | None = None
    commit: GitObjectId | None = None
    tree: GitObjectId | None = None
    branch: Text | None = None
    tags: tuple[Text, ...] = ()
    remote: Text | None = None
    signature: CommitSignature | None = None
    dirty: bool | None = None
    patch: Patch | None = None
    untracked: Untracked | None = None
    basis: Basis

    def __post_init__(self) -> None:
        if self.status == "absent" and (self.reason is None or self.commit is not None):
            raise ValueError("absent code has a reason and no commit")


class Python(Record, frozen=True, kw_only=True):
    """The interpreter."""

    version: Text
    implementation: Text


class OperatingSystem(Record, frozen=True, kw_only=True):
    """Kernel and distribution."""

    system: Text
    release: Text
    machine: Text
    distribution: Text | None = None
    libc: Text | None = None


class Cpu(Record, frozen=True, kw_only=True):
    """Processor model and the number of cores this process may use."""

    model: Text | None = None
    cores: Count


class Gpu(Record, frozen=True, kw_only=True):
    """One GPU as `nvidia-smi` reports it."""

    name: Text
    driver: Text
    memory_bytes: Count | None = None
    uuid: Text | None = None


class LockFile(Record, frozen=True, kw_only=True):
    """A dependency lock file found in the project, by digest."""

    path: Text
    tool: Literal["uv", "poetry", "pip", "conda", "pdm", "pipenv"]
    sha256: Sha256


class Container(Record, frozen=True, kw_only=True):
    """The container image, where it can be known."""

    image: Text | None = None
    digest: Text | None = None
    runtime: Text | None = None
    basis: Basis


class Packages(Record, frozen=True, kw_only=True):
    """Installed Python distributions; the full list with versions and origins is a sidecar."""

    count: Count
    list: SidecarRef


class Environment(Record, frozen=True, kw_only=True):
    """The machine and software the capture ran in."""

    python: Python
    os: OperatingSystem
    cpu: Cpu
    memory_bytes: Count | None = None
    gpus: tuple[Gpu, ...] = ()
    packages: Packages | None = None
    lock_files: tuple[LockFile, ...] = ()
    container: Container | None = None
    variables: dict[str, Text] = {}
    basis: Basis
