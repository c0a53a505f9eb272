"""Digests beside SHA-256 are computed again, and what is left out is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from projects import Outcome, Project
from rewrite import resign
from row_tables import TABLE, capture_tables, write_parts

from auditkit.datasets.base import Entries, FileEntry
from auditkit.datasets.inventory import Inventory, read_inventory, write_inventory
from auditkit.digests import sha256_hex
from auditkit.signing.signer import Signer
from auditkit.verification.file_diff import diff_files, differing_digest

BOTH = ("sha512", "blake3")


@pytest.fixture
def train(tmp_path: Path, signer: Signer) -> Project:
    write_parts(TABLE.slice(0, 300), tmp_path / "data/train", rows=100)
    return capture_tables(tmp_path, signer, digests=BOTH)


def details(outcome: Outcome, status: str) -> list[str]:
    return [
        each.detail
        for each in outcome.findings
        if each.check == "dataset.bytes" and each.status == status
    ]


def rewrite_inventory(project: Project, change: Any, recorded: tuple[str, ...] = BOTH) -> None:
    """Change the files of the inventory, and sign a manifest that binds the result."""
    path = project.folder / "train.inventory.parquet"
    files = [FileEntry(*entry) for entry in read_inventory(path.read_bytes()).files]
    data = write_inventory(change(entry) for entry in files)
    path.write_bytes(data)

    def bind(document: dict[str, Any]) -> None:
        inventory = document["predicate"]["datasets"][0]["inventory"]
        inventory["list"].update(sha256=sha256_hex(data), size=len(data))
        inventory["digests"] = list(recorded)

    resign(project.bundle, project.signer, bind)


def test_what_passed_says_which_digests_were_computed(train: Project) -> None:
    outcome = train.verify()
    assert outcome.verdict.exit_code == 0
    (detail,) = details(outcome, "passed")
    assert detail.endswith(
        "dirHash is the signed one, and so is the sha512 and blake3 of every file"
    )


@pytest.mark.parametrize("name", BOTH)
def test_another_digest_of_the_same_bytes_fails(train: Project, name: str) -> None:
    def change(entry: FileEntry) -> FileEntry:
        digest = getattr(entry, name)
        return entry._replace(**{name: digest[::-1]}) if entry.path == "part-01.parquet" else entry

    rewrite_inventory(train, change)
    outcome = train.verify()
    assert outcome.failed() == [(9, "dataset.bytes", "train", "part-01.parquet")]
    assert details(outcome, "failed") == [
        f"its {name} is not the recorded one, though its sha256 is"
    ]
    (finding,) = (each for each in outcome.findings if each.status == "failed")
    assert (finding.expected or "").startswith(f"{name}:")
    assert (finding.found or "").startswith(f"{name}:")


@pytest.mark.parametrize("recorded", [(), ("sha512",)])
def test_a_list_with_other_digests_than_were_signed_is_caught(
    train: Project, recorded: tuple[str, ...]
) -> None:
    rewrite_inventory(train, lambda entry: entry, recorded)
    assert (6, "sidecar", "train.inventory.parquet", None) in train.verify().failed()


def test_a_list_without_the_digests_that_were_signed_is_caught(train: Project) -> None:
    rewrite_inventory(train, lambda entry: entry._replace(sha512=None, blake3=None))
    assert (6, "sidecar", "train.inventory.parquet", None) in train.verify().failed()


def test_without_its_package_blake3_is_skipped_and_the_rest_is_checked(
    train: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditkit.digests.find_spec", lambda _: None)
    outcome = train.verify()
    assert outcome.verdict.exit_code == 0
    assert outcome.dataset("train").condition == "intact"
    assert "the sha512 of every file" in details(outcome, "passed")[0]
    (detail,) = details(outcome, "skipped")
    assert "recorded blake3 was not computed" in detail


def test_metadata_mode_computes_none(train: Project) -> None:
    outcome = train.verify(mode="metadata")
    assert outcome.statuses("dataset.bytes") == {"indeterminate"}


def test_digests_that_one_side_lacks_are_not_compared() -> None:
    recorded = FileEntry("a", 1, "0" * 64, sha512="1" * 128, blake3="2" * 64)
    found = recorded._replace(sha512=None, blake3="3" * 64)
    inventory = Inventory(Entries.of([recorded]))
    assert differing_digest(inventory[0], found) == ("blake3", "2" * 64, "3" * 64)
    same = Entries.of([found._replace(blake3="2" * 64)])
    assert not diff_files(inventory, same, unreadable=frozenset(), single=False)
