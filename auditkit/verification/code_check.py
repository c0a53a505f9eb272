"""Step 8: the recorded commit is in the repository, with the recorded tree."""

from __future__ import annotations

from pathlib import Path

from auditkit.errors import GitError
from auditkit.findings import Finding, Status
from auditkit.git import Repository
from auditkit.manifest.model import Code


def check_code(code: Code, repo: Path | None) -> Finding:
    """Return the finding of step 8; only git objects are read."""
    if repo is None:
        return _finding("skipped", "no repository was given; use --repo")
    if code.status == "absent" or code.commit is None:
        return _finding("skipped", "the manifest records no commit")
    try:
        repository = Repository.discover(repo)
        if repository is None:
            return _finding("failed", f"{repo} is not a git repository", code.commit)
        if not repository.has_commit(code.commit):
            return _finding("failed", "the commit is not in the repository", code.commit)
        tree = repository.commit_tree(code.commit)
    except GitError as error:
        return _finding("indeterminate", str(error), code.commit)
    if tree != code.tree:
        return _finding("failed", "the commit has another tree", code.tree, tree)
    detail = f"commit {code.commit[:12]} and its tree are in the repository"
    if code.dirty:
        detail += "; the run had uncommitted changes, which the manifest describes"
    return _finding("passed", detail)


def _finding(
    status: Status, detail: str, expected: str | None = None, found: str | None = None
) -> Finding:
    return Finding(
        step=8,
        check="code",
        subject="commit",
        status=status,
        detail=detail,
        expected=expected,
        found=found,
    )
