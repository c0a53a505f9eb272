"""One repository, read through the `git` program."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from auditkit.errors import GitError
from auditkit.git.objects import check_id, header, object_id, signature
from auditkit.git.process import Completed, run_git
from auditkit.git.status import Status, parse_status
from auditkit.manifest.model import CommitSignature

_NOT_A_REPOSITORY: Final = "fatal: not a git repository (or any "
_FILTER: Final = re.compile(r"filter\.(?P<driver>.+)\.(clean|smudge|process|required)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Diff:
    """Uncommitted changes of tracked files, for `git apply`.

    `content` is None if the diff has more bytes than were asked for; `size` counts all of them.
    """

    content: bytes | None
    size: int


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch (`refs/heads/…`) or tag (`refs/tags/…`), and the commit that it names."""

    name: str
    commit: str


@dataclass(frozen=True, slots=True)
class Blob:
    """The content of a file as git knows it: its object id, and its size in bytes."""

    id: str
    size: int


class _Object(NamedTuple):
    id: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository and its working tree.

    `root` is the top of the working tree; None for a bare repository, and where `core.worktree`
    points somewhere else. `unused_filters` are content filters that the repository's own
    configuration defines; they are never run, so a file they apply to may count as changed.
    """

    directory: Path
    root: Path | None
    unused_filters: tuple[str, ...] = ()

    @classmethod
    def discover(cls, path: Path) -> Repository | None:
        """Return the repository that `path` is in, or None if it is in none.

        Raises:
            GitError: git is not installed, refuses the repository, or the folder is absent.
        """
        found = run_git(["rev-parse", "--absolute-git-dir"], directory=path)
        if found.code != 0 and found.error.startswith(_NOT_A_REPOSITORY):
            return None
        git_dir = _path(_checked(found, path).output)
        top = run_git(["rev-parse", "--show-toplevel"], directory=path)
        root = _path(top.output) if top.code == 0 else None
        if root is not None and not path.resolve().is_relative_to(root):
            root = None
        directory = root or git_dir
        return cls(directory, root, _local_filters(directory))

    def head(self) -> str | None:
        """Return the id of the current commit, or None before the first one."""
        found = self._run("rev-parse", "--verify", "--quiet", "HEAD", check=False)
        return check_id(_line(found.output)) if found.code == 0 else None

    def branch(self) -> str | None:
        """Return the current branch, or None if HEAD is detached."""
        found = self._run("symbolic-ref", "--quiet", "HEAD", check=False)
        return _line(found.output).removeprefix("refs/heads/") if found.code == 0 else None

    def tags(self, commit: str) -> tuple[str, ...]:
        """Return the names of the tags on `commit`, annotated or not, sorted."""
        found = self._run(
            "for-each-ref", f"--points-at={check_id(commit)}", "--format=%(refname)", "refs/tags"
        )
        names = found.output.decode("utf-8", "replace").splitlines()
        return tuple(name.removeprefix("refs/tags/") for name in names)

    def remote_url(self) -> str | None:
        """Return the URL of `origin`, else of the first remote by name, as it is configured.

        It may hold credentials.
        """
        found = self._run("config", "-z", "--get-regexp", r"^remote\..*\.url$", check=False)
        urls: dict[str, str] = {}
        for item in filter(None, found.output.decode("utf-8", "replace").split("\0")):
            key, _, url = item.partition("\n")
            urls.setdefault(key.removeprefix("remote.").removesuffix(".url"), url)
        return urls.get("origin") or next((urls[name] for name in sorted(urls)), None)

    def tree(self, commit: str) -> str:
        """Return the id of the tree of `commit`; raises GitError if the commit is not here."""
        found = self.commit_tree(commit)
        if found is None:
            raise GitError(f"commit {commit} is missing", path=str(self.directory))
        return found

    def has_commit(self, commit: str) -> bool:
        """Return whether the commit object is here, with the content that its id promises."""
        return self._commit(commit) is not None

    def commit_tree(self, commit: str) -> str | None:
        """Return the id of the tree of `commit`, or None if the commit is not here."""
        content = self._commit(commit)
        tree = header(content, b"tree") if content is not None else None
        return check_id(tree.decode("ascii", "replace")) if tree is not None else None

    def commit_signature(self, commit: str) -> CommitSignature:
        """Return whether `commit` carries a signature, which is not validated.

        Raises:
            GitError: the commit is not here.
        """
        content = self._commit(commit)
        if content is None:
            raise GitError(f"commit {commit} is missing", path=str(self.directory))
        return signature(content)

    def resolve(self, revision: str) -> str | None:
        """Return the id of the commit that a tag, branch or other revision names, or None.

        The syntax is that of gitrevisions(7). Raises GitError for text that can be no revision.
        """
        if not revision or "\0" in revision:
            raise GitError(f"not a git revision: {revision[:80]!r}")
        found = self._run(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            revision + "^{commit}",
            check=False,
        )
        return check_id(_line(found.output)) if found.code == 0 else None

    def blob(self, commit: str, path: str, *, limit: int) -> bytes | None:
        """Return the content of the file at `path` in `commit`; None if there is no such file.

        `path` is relative to the top of the tree, with `/`. The content has the id that the tree
        gives it.

        Raises:
            GitError: the path cannot be asked for, the file has more than `limit` bytes, or its
                stored bytes were changed.
        """
        (found,) = self.blobs([commit], path)
        if found is None:
            return None
        where = f"{commit[:12]}:{path}"
        if found.size > limit:
            raise GitError(f"has {found.size} bytes, more than {limit}", path=where)
        content = self._run("cat-file", "blob", found.id).output
        if object_id("blob", content, like=found.id) != found.id:
            raise GitError("differs from its id in git", path=where)
        return content

    def blobs(self, commits: Sequence[str], path: str) -> tuple[Blob | None, ...]:
        """Return for each commit the file at `path`; None where there is none.

        `path` is relative to the top of the tree, with `/`. Raises GitError for a path that git
        cannot be asked for.
        """
        if "\n" in path or "\0" in path or {".", ".."} & set(path.split("/")):
            raise GitError(f"git cannot be asked for the path {path[:80]!r}")
        found = self._kinds([f"{check_id(commit)}:{path}" for commit in commits])
        return tuple(
            Blob(each.id, each.size) if each is not None and each.kind == "blob" else None
            for each in found
        )

    def refs(self) -> tuple[Ref, ...]:
        """Return the branches and tags that name commits, sorted by their full names."""
        found = self._run("show-ref", "--heads", "--tags", "--dereference", check=False)
        named: dict[str, str] = {}
        for line in found.output.decode("utf-8", "replace").splitlines():
            id, _, name = line.partition(" ")
            named[name.removesuffix("^{}")] = check_id(id)  # what a tag is of comes after the tag
        kinds = self._kinds(list(named.values()))
        return tuple(
            Ref(name, each.id)
            for name, each in zip(named, kinds, strict=True)
            if each is not None and each.kind == "commit"
        )

    def _kinds(self, names: Sequence[str]) -> list[_Object | None]:
        stdin = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
        answers = self._run("cat-file", "--batch-check", stdin=stdin).output.splitlines()
        if len(answers) != len(names):
            raise GitError("git gave another number of answers than asked for")
        return [_object(answer.decode("ascii", "replace")) for answer in answers]

    def status(self, *, left_out: Sequence[str] = ()) -> Status:
        """Return how the working tree differs from HEAD, without the paths `left_out`.

        Paths are relative to `root`, with `/`. Files with the assume-unchanged or skip-worktree
        flag are not looked at: see `flagged`.

        Raises:
            GitError: git failed, or the answer is too long to be read.
        """
        found = self._run(
            "status",
            "--porcelain=v2",
            "-z",
            "--untracked-files=all",
            "--no-renames",
            "--ignore-submodules=dirty",
            *_pathspecs(left_out),
        )
        return parse_status(found.output)

    def flagged(self) -> tuple[str, ...]:
        """Return tracked files that are there, but that git was told not to look at.

        That is the assume-unchanged and skip-worktree flags (git-update-index(1)).
        """
        if self.root is None:
            return ()
        entries = self._run("ls-files", "-v", "-z").output.split(b"\0")
        hidden = [entry[2:] for entry in entries if entry[:1] == b"S" or entry[:1].islower()]
        names = [os.fsdecode(name) for name in hidden]
        return tuple(name for name in names if os.path.lexists(self.root / name))

    def diff(self, *, limit: int, left_out: Sequence[str] = ()) -> Diff:
        """Return the difference between HEAD and the working tree, binary files included.

        Its content is None if it has more than `limit` bytes.
        """
        found = run_git(
            [
                "diff",
                "HEAD",
                "--patch",
                "--binary",
                "--full-index",
                "--no-ext-diff",
                "--no-textconv",
                "--no-color",
                "--no-renames",
                "--no-relative",
                "--unified=3",
                "--inter-hunk-context=0",
                "--src-prefix=a/",
                "--dst-prefix=b/",
                "--submodule=short",
                "--ignore-submodules=dirty",
                *_pathspecs(left_out),
            ],
            directory=self.directory,
            config=self._without_filters(),
            limit=limit,
        )
        _checked(found, self.directory)
        return Diff(found.output if found.size <= limit else None, found.size)

    def _commit(self, commit: str) -> bytes | None:
        """Return the content of a commit, or None if it is absent or its bytes were changed.

        The id goes in on stdin, so it can be no option; comparing it with what comes back keeps
        a ref of that name, or an abbreviation, from standing in for the object.
        """
        found = self._run("cat-file", "--batch", stdin=check_id(commit).encode() + b"\n")
        first, _, rest = found.output.partition(b"\n")
        fields = first.split(b" ")
        if len(fields) != 3 or fields[:2] != [commit.encode(), b"commit"]:
            return None
        content = rest[: int(fields[2])]
        return content if object_id("commit", content, like=commit) == commit else None

    def _run(self, *arguments: str, stdin: bytes = b"", check: bool = True) -> Completed:
        found = run_git(
            arguments, directory=self.directory, config=self._without_filters(), stdin=stdin
        )
        if check:
            _checked(found, self.directory)
        if found.size > len(found.output):
            raise GitError(
                f"git {arguments[0]} wrote {found.size} bytes, which is too much to read",
                path=str(self.directory),
            )
        return found

    def _without_filters(self) -> list[str]:
        settings = ("clean=", "smudge=", "process=", "required=false")
        return [f"filter.{name}.{each}" for name in self.unused_filters for each in settings]


def _object(answer: str) -> _Object | None:
    if answer.endswith(" missing"):
        return None
    id, kind, size = answer.split(" ")
    return _Object(check_id(id), kind, int(size))


def _local_filters(directory: Path) -> tuple[str, ...]:
    """Return the filter drivers that the repository itself defines, not its user."""
    found = run_git(
        ["config", "-z", "--show-scope", "--name-only", "--get-regexp", r"^filter\."],
        directory=directory,
    )
    fields = found.output.decode("utf-8", "surrogateescape").split("\0")
    drivers = set()
    for scope, key in zip(fields[::2], fields[1::2], strict=False):
        match = _FILTER.fullmatch(key)
        if match and scope in {"local", "worktree"}:
            if "=" in match["driver"]:
                raise GitError(
                    f"the repository defines a content filter named {match['driver'][:80]!r}, "
                    "which cannot be switched off",
                    path=str(directory),
                    hint="Remove it from .git/config.",
                )
            drivers.add(match["driver"])
    return tuple(sorted(drivers))


def _pathspecs(left_out: Sequence[str]) -> list[str]:
    return ["--", ":(top)", *(f":(top,exclude,literal){path}" for path in left_out)]


def _checked(found: Completed, path: Path) -> Completed:
    if found.code == 0:
        return found
    reason = found.error.splitlines()[0] if found.error else f"git ended with {found.code}"
    hint = None
    if "dubious ownership" in found.error:
        hint = f"If you trust it: git config --global --add safe.directory {path.resolve()}"
    raise GitError(reason.removeprefix("fatal: ").rstrip("."), hint=hint, path=str(path))


def _line(output: bytes) -> str:
    return output.decode("utf-8", "replace").removesuffix("\n")


def _path(output: bytes) -> Path:
    return Path(os.fsdecode(output.removesuffix(b"\n")))
