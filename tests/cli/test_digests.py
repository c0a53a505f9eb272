"""`--digest`, its settings, and the lists that other programs check."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from commands import Shell

CAPTURE = ("capture", "--dataset", "images=data/images", "--dataset", "train=data/train.csv")


def inventories(shell: Shell) -> dict[str, Any]:
    """Return the inventories of the last capture, by data set."""
    newest = max((shell.cwd / "evidence").iterdir(), key=lambda path: path.name)
    datasets = shell("show", newest, "--json").document["predicate"]["datasets"]
    return {each["name"]: each["inventory"] for each in datasets}


def configure(shell: Shell, text: str) -> None:
    path = shell.cwd / "auditkit.toml"
    path.write_text(path.read_text() + text)


def test_every_file_gets_the_digests_that_were_asked_for(sample: Shell) -> None:
    assert sample(*CAPTURE, "--digest", "blake3", "--digest", "sha512").code == 0
    for inventory in inventories(sample).values():
        assert inventory["digests"] == ["sha512", "blake3"]
    printed = sample("verify")
    assert printed.code == 0
    (entry,) = sample("inventory", "sample/latest", "images", "--json").document
    assert (len(entry["sha512"]), len(entry["blake3"])) == (128, 64)


def test_without_the_flag_there_is_sha256_alone(sample: Shell) -> None:
    assert sample(*CAPTURE).code == 0
    assert "digests" not in inventories(sample)["images"]
    (entry,) = sample("inventory", "sample/latest", "images", "--json").document
    assert set(entry) == {"path", "size", "sha256", "rows"}
    printed = sample("inventory", "sample/latest", "images", "--digest", "sha512")
    assert printed.code == 2
    assert "sha512 was not recorded" in printed.err


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_other_programs_check_the_list(sample: Shell, digest: str) -> None:
    assert sample(*CAPTURE, "--digest", "sha512").code == 0
    printed = sample("inventory", "sample/latest", "images", "--digest", digest)
    command = [f"{digest}sum", "--check", "--strict", "--quiet", "-"]
    subprocess.run(command, input=printed.out.encode(), cwd=sample.cwd / "data/images", check=True)


def test_the_flag_beats_a_data_set_which_beats_the_project(sample: Shell) -> None:
    configure(
        sample,
        '[capture]\ndigests = ["sha512"]\n'
        '[datasets.train]\npath = "data/train.csv"\ndigests = []\n'
        '[datasets.images]\npath = "data/images"\n',
    )
    assert sample("capture").code == 0
    found = {name: each.get("digests") for name, each in inventories(sample).items()}
    assert found == {"train": None, "images": ["sha512"]}
    assert sample("capture", "--digest", "blake3").code == 0
    found = {name: each.get("digests") for name, each in inventories(sample).items()}
    assert found == {"train": ["blake3"], "images": ["blake3"]}


def test_an_unknown_digest_is_a_usage_error(sample: Shell) -> None:
    assert sample(*CAPTURE, "--digest", "md5").code == 2
    configure(sample, '[capture]\ndigests = ["md5"]\n')
    assert sample(*CAPTURE).code == 2


def test_a_missing_package_is_named_before_anything_is_read(
    sample: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditkit.digests.find_spec", lambda _: None)
    printed = sample(*CAPTURE, "--digest", "blake3", "--dry-run")
    assert printed.code == 2
    assert "auditkit-manifest[blake3]" in printed.err


def test_the_report_names_the_digests(sample: Shell) -> None:
    assert sample(*CAPTURE, "--digest", "sha512", "--digest", "blake3").code == 0
    assert sample("report", "-o", sample.cwd / "report.html").code == 0
    assert "SHA-512, BLAKE3" in (sample.cwd / "report.html").read_text()
