"""The code that ran, as git sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from auditkit.errors import GitError
from auditkit.git import Repository
from auditkit.manifest.model import Code, Patch
from auditkit.provenance.redact import redact_url
from auditkit.provenance.sidecar import sidecar_ref
from auditkit.provenance.text import as_text
from auditkit.provenance.untracked import record_untracked
from auditkit.schemes import PATCH_MEDIA_TYPE

PATCH_SIDECAR: Final = "code.patch"
MAX_PATCH: Final = 1024 * 1024
_NAMED_FILES: Final = 1000


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """The code, its sidecars by name, and what a reader should know about the record."""

    code: Code
    sidecars: dict[str, bytes] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def record_code(root: Path, *, left_out: Sequence[Path]) -> CodeRecord:
    """Return commit, tree and state of the repository that `root` is in.

    Uncommitted changes of tracked files are the sidecar `code.patch`, for `git apply`, up to
    1 MiB; untracked files are listed in `code.untracked.parquet`. Neither looks at what lies in
    the paths `left_out`: data sets, outputs and evidence have records of their own. Where there
    is no repository, no git or no commit, the record is `absent` and says why.
    """
    try:
        repository = Repository.discover(root)
        if repository is None:
            return _absent("not inside a git repository")
        commit = repository.head()
        if commit is None:
            return _absent("the repository has no commit yet")
        code = _committed(repository, commit)
    except GitError as error:
        return _absent(error.message, f"code is not recorded: {_explained(error)}")
    try:
        return _with_changes(code, repository, left_out)
    except GitError as error:
        return CodeRecord(code, warnings=(f"uncommitted changes are not known: {error}",))


def _absent(reason: str, *warnings: str) -> CodeRecord:
    return CodeRecord(
        Code(basis="observed", status="absent", reason=as_text(reason)), warnings=warnings
    )


def _explained(error: GitError) -> str:
    return as_text(f"{error.message}. {error.hint}" if error.hint else error.message)


def _committed(repository: Repository, commit: str) -> Code:
    branch, remote = repository.branch(), repository.remote_url()
    return Code(
        basis="observed",
        status="recorded",
        commit=commit,
        tree=repository.tree(commit),
        branch=as_text(branch) if branch else None,
        tags=tuple(as_text(tag) for tag in repository.tags(commit)),
        remote=redact_url(remote) if remote else None,
        signature=repository.commit_signature(commit),
    )


def _with_changes(code: Code, repository: Repository, left_out: Sequence[Path]) -> CodeRecord:
    """Return `code` with the state of the working tree; raises GitError if git cannot tell."""
    root = repository.root
    if root is None:
        return CodeRecord(code, warnings=("the repository has no working tree here",))
    inside = _inside(root, left_out)
    status = repository.status(left_out=inside)
    sidecars: dict[str, bytes] = {}
    if status.changed:
        patch, content = _patch(repository, status.changed, inside)
        code = msgspec.structs.replace(code, patch=patch)
        if content is not None:
            sidecars[PATCH_SIDECAR] = content
    if status.untracked:
        untracked = record_untracked(root, status.untracked)
        code = msgspec.structs.replace(code, untracked=untracked.untracked)
        sidecars |= untracked.sidecars
    code = msgspec.structs.replace(code, dirty=bool(status.changed or status.untracked))
    return CodeRecord(code, sidecars, tuple(_blind_spots(repository)))


def _patch(
    repository: Repository, changed: Sequence[str], left_out: Sequence[str]
) -> tuple[Patch, bytes | None]:
    files = tuple(as_text(name) for name in changed[:_NAMED_FILES])
    more = len(changed) - len(files)
    notes = [f"{more} more files are not named"] if more else []
    try:
        diff = repository.diff(limit=MAX_PATCH, left_out=left_out)
    except GitError as error:
        return Patch(files=files, omitted=as_text("; ".join([error.message, *notes]))), None
    if diff.content is None:
        notes.insert(0, f"the diff has {diff.size} bytes, more than {MAX_PATCH}")
    elif not diff.content:
        notes.insert(0, "git shows no difference in content")
    omitted = "; ".join(notes) or None
    if not diff.content:
        return Patch(files=files, omitted=omitted), None
    reference = sidecar_ref(PATCH_SIDECAR, PATCH_MEDIA_TYPE, diff.content)
    return Patch(files=files, diff=reference, omitted=omitted), diff.content


def _inside(root: Path, paths: Iterable[Path]) -> list[str]:
    """Return those `paths` that lie below `root`, relative to it.

    A link counts by where it stands, as git sees it, and by where it leads. The top itself
    cannot be left out: a project that is its own data set would seem to have no changes.
    """
    top = root.resolve()
    found = set()
    for path in paths:
        absolute = path.absolute()
        for form in (absolute.parent.resolve() / absolute.name, absolute.resolve()):
            if top in form.parents:
                found.add(form.relative_to(top).as_posix())
    return sorted(found)


def _blind_spots(repository: Repository) -> Iterable[str]:
    """Yield what keeps git from seeing changes, or makes it see some that are none."""
    flagged = [as_text(name) for name in repository.flagged()]
    if flagged:
        named = ", ".join(flagged[:5]) + (" …" if len(flagged) > 5 else "")
        yield f"git is told to overlook changes in {len(flagged)} tracked files: {named}"
    if repository.unused_filters:
        named = ", ".join(as_text(name) for name in repository.unused_filters)
        yield (
            f"content filters of the repository's own configuration were not run ({named}): "
            "files they apply to may count as changed"
        )
