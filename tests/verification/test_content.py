"""Content digests of every kind, with and without the sidecars that go with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import Project
from row_tables import TABLE, capture_tables, changed, places, write_parts

from auditkit.signing.signer import Signer


def test_bags_do_not_mind_the_order_of_rows(tmp_path: Path, signer: Signer) -> None:
    table = TABLE.slice(0, 5_000)
    write_parts(table, tmp_path / "data/train", rows=2_000)
    project = capture_tables(tmp_path, signer, content="bag")
    write_parts(table.sort_by("value"), tmp_path / "data/train", rows=5_000)
    assert project.verify().dataset("train").condition == "relaid"
    write_parts(changed(table, "label", 7, "x"), tmp_path / "data/train", rows=5_000)
    outcome = project.verify()
    assert outcome.dataset("train").condition == "altered"
    assert places(outcome) == []


def test_without_a_content_digest_bytes_decide(tmp_path: Path, signer: Signer) -> None:
    write_parts(TABLE, tmp_path / "data/train")
    project = capture_tables(tmp_path, signer, content="none")
    assert project.verify().verdict.exit_code == 0
    write_parts(TABLE, tmp_path / "data/train", compression="zstd")
    outcome = project.verify()
    assert outcome.dataset("train").condition == "altered"
    assert outcome.statuses("dataset.content") == {"skipped"}


@pytest.mark.parametrize("which", ["blocks", "inventory"])
def test_without_a_sidecar_a_change_is_found_all_the_same(train: Project, which: str) -> None:
    (train.folder / f"train.{which}.parquet").unlink()
    write_parts(changed(TABLE, "label", 145_000, "x"), train.root / "data/train")
    outcome = train.verify()
    assert "failed" in outcome.statuses("dataset.content")
    assert "failed" in outcome.statuses("dataset.bytes")
    assert bool(places(outcome)) == (which == "inventory")
