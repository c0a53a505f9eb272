"""Every command in the README and the documentation does what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs.console import matches, run, sessions
from docs.workspaces import WORKSPACES, environment

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in page.parts),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    differences: list[str] = []
    for number, session in enumerate(sessions(page.read_text(encoding="utf-8"))):
        env = environment(tmp_path / f"home-{number}")
        folder = tmp_path / f"project-{number}"
        if session.project == "bucket":
            server = request.getfixturevalue("s3_server")
            env |= server.environ | {"BUCKET": server.make_bucket(versions=True)}
        WORKSPACES[session.project](folder, env)
        differences += run(session, folder, env)
    assert not differences, "\n\n".join([str(page), *differences])


def page(*lines: str) -> str:
    return "\n".join(lines)


def test_a_block_is_split_into_commands_and_their_output() -> None:
    (session,) = sessions(
        page(
            "<!-- docs-test: project=plain -->",
            "```console",
            "$ cat <<END",
            "> one",
            "> END",
            "one",
            "$ false  # exit 1",
            "```",
        )
    )
    assert [(each.line, each.command, each.output, each.code) for each in session.steps] == [
        (3, "cat <<END\none\nEND", "one", 0),
        (7, "false  # exit 1", "", 1),
    ]


def test_differences_are_reported(tmp_path: Path) -> None:
    text = page(
        "<!-- docs-test: project=plain -->", "```console", "$ echo a", "b", "$ exit 3", "```"
    )
    (session,) = sessions(text)
    found = list(run(session, tmp_path, {"PATH": "/usr/bin:/bin"}))
    assert ["line 3" in found[0], "line 5" in found[1], len(found)] == [True, True, 2]


def test_skipped_blocks_give_a_reason_and_others_a_project() -> None:
    block = ["```console", "$ false", "```"]
    assert sessions(page("<!-- docs-test: skip: needs a cluster -->", *block)) == []
    with pytest.raises(ValueError, match="line 1: no docs-test comment"):
        sessions(page(*block))


def test_each_comment_begins_a_project() -> None:
    block = ["<!-- docs-test: project=plain -->", "```console", "$ true", "```"]
    assert len(sessions(page(*block, *block))) == 2


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("", "", True),
        ("", "x\n", False),
        ("x", "x\n", True),
        ("x", "x", True),
        ("x", "x\ny\n", False),
        ("a ... c", "a b c\n", True),
        ("a...", "a\nb\n", False),
        ("...", "", True),
        ("...\nb\n...", "a\nb\nc\nd\n", True),
        ("...\nb", "a\nb\nc\n", False),
        ("1 + 1?", "1 + 1?\n", True),
    ],
)
def test_wildcards(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) == same
