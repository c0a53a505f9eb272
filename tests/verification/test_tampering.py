"""Whatever is changed is caught: at the right step, with the right condition and exit code."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from projects import Project
from rewrite import altered, edit_bundle, leaves, read, replace_payload, resign

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.datasets.base import Reference
from auditkit.manifest.bundle import Bundle
from auditkit.signing.signer import Signer


def test_untouched_evidence_passes(project: Project) -> None:
    outcome = project.verify()
    assert outcome.failed() == []
    assert outcome.verdict.exit_code == 0
    assert {each.condition for target in outcome.verdict.targets for each in target.datasets} == {
        "intact"
    }
    train = outcome.dataset("train").coverage
    assert (train.files, train.files_total, train.rows, train.rows_total) == (3, 3, 300, 300)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _rewrite_column(path: Path, name: str, values: list[Any], kind: pa.DataType) -> None:
    table = pq.read_table(path)
    index = table.schema.get_field_index(name)
    pq.write_table(table.set_column(index, name, pa.array(values, kind)), path)


DATA_CASES: dict[str, tuple[Callable[[Path], Any], str, str, str, str | None]] = {
    "a byte in a file of a folder": (
        lambda root: _flip(root / "data/images/sub/b.bin"),
        "images",
        "altered",
        "dataset.bytes",
        "sub/b.bin",
    ),
    "a byte appended": (
        lambda root: (root / "data/images/a.bin").write_bytes(b"a" * 1001),
        "images",
        "altered",
        "dataset.bytes",
        "a.bin",
    ),
    "a file truncated to nothing": (
        lambda root: (root / "data/images/a.bin").write_bytes(b""),
        "images",
        "altered",
        "dataset.bytes",
        "a.bin",
    ),
    "a file removed": (
        lambda root: (root / "data/images/a.bin").unlink(),
        "images",
        "missing",
        "dataset.files",
        "a.bin",
    ),
    "a file added": (
        lambda root: (root / "data/images/z.bin").write_bytes(b"z"),
        "images",
        "altered",
        "dataset.files",
        "z.bin",
    ),
    "a hidden file added": (
        lambda root: (root / "data/images/.z").write_bytes(b"z"),
        "images",
        "altered",
        "dataset.files",
        ".z",
    ),
    "a file renamed": (
        lambda root: (root / "data/images/a.bin").rename(root / "data/images/c.bin"),
        "images",
        "altered",
        "dataset.files",
        "a.bin",
    ),
    "a single file gone": (
        lambda root: (root / "data/labels.csv").unlink(),
        "labels",
        "missing",
        "dataset.files",
        None,
    ),
    "a folder gone": (
        lambda root: shutil.rmtree(root / "data/train"),
        "train",
        "missing",
        "dataset.files",
        None,
    ),
    "a file where a folder was": (
        lambda root: (shutil.rmtree(root / "data/train"), (root / "data/train").write_text("x")),
        "train",
        "altered",
        "dataset.files",
        None,
    ),
    "one value in one Parquet file": (
        lambda root: _rewrite_column(
            root / "data/train/part-1.parquet",
            "label",
            ["9", *[str(i % 7) for i in range(101, 200)]],
            pa.string(),
        ),
        "train",
        "altered",
        "dataset.bytes",
        "part-1.parquet",
    ),
    "the type of a column in every file": (
        lambda root: [
            _rewrite_column(path, "id", list(range(100)), pa.int32())
            for path in (root / "data/train").iterdir()
        ],
        "train",
        "altered",
        "dataset.schema",
        None,
    ),
    "a row added to a CSV": (
        lambda root: _append(root / "data/labels.csv", "4,four\n"),
        "labels",
        "altered",
        "dataset.rows",
        None,
    ),
    "a number that is no number in a CSV": (
        lambda root: (root / "data/labels.csv").write_text("id,name\nx,one\n2,two\n3,three\n"),
        "labels",
        "altered",
        "dataset.schema",
        "labels.csv",
    ),
    "a row removed from JSON Lines": (
        lambda root: (root / "data/events.jsonl").write_text('{"at":1,"what":"a"}\n'),
        "events",
        "altered",
        "dataset.rows",
        None,
    ),
    "an output swapped": (
        lambda root: (root / "models/model.bin").write_bytes(b"WEIGHTS"),
        "model",
        "altered",
        "dataset.bytes",
        "model.bin",
    ),
}


@pytest.mark.parametrize("name", DATA_CASES)
def test_changed_data_is_caught(project: Project, name: str) -> None:
    change, dataset, condition, check, file = DATA_CASES[name]
    change(project.root)
    outcome = project.verify()
    step = 10 if dataset == "model" else 9
    assert (step, check, dataset, file) in outcome.failed()
    assert outcome.dataset(dataset).condition == condition
    assert outcome.verdict.exit_code == 10
    others = {each[2] for each in outcome.failed()}
    assert others == {dataset}, "a change in one data set is not blamed on another"


def test_every_file_that_differs_is_listed(project: Project) -> None:
    for number in range(3):
        (project.root / f"data/train/part-{number}.parquet").unlink()
        (project.root / f"data/train/copy-{number}.parquet").write_bytes(b"not a table")
    (project.root / "data/images/a.bin").write_bytes(b"b")
    failed = project.verify().failed()
    expected = {f"{kind}-{number}.parquet" for kind in ("part", "copy") for number in range(3)}
    assert {file for _, _, subject, file in failed if subject == "train"} >= expected
    assert (9, "dataset.bytes", "images", "a.bin") in failed


def test_a_renamed_file_is_named_as_such(project: Project) -> None:
    (project.root / "data/images/a.bin").rename(project.root / "data/images/c.bin")
    (missing,) = (
        each
        for each in project.verify().findings
        if each.location and each.location.file == "a.bin"
    )
    assert missing.detail == "missing; c.bin has the same content"


def test_every_field_of_the_payload_is_under_the_signature(project: Project) -> None:
    original = read(project.bundle)
    document = json.loads(original.payload)
    pointers = list(leaves(document))
    assert len(pointers) > 100
    for pointer in pointers:
        payload = json.dumps(altered(document, pointer)).encode()
        project.bundle.write_bytes(Bundle(payload, original.signature, original.keyid).encode())
        outcome = project.verify(only=frozenset({"labels"}))
        assert outcome.failed()[0][:2] == (2, "signature"), pointer
        assert outcome.verdict.exit_code == 10
        assert all(each.status == "skipped" for each in outcome.findings if each.step > 3)


def test_a_manifest_signed_by_a_stranger_is_caught(project: Project, stranger: Signer) -> None:
    resign(project.bundle, stranger, lambda _: None)
    outcome = project.verify()
    assert [each[:2] for each in outcome.failed()] == [(3, "signer")]
    assert outcome.statuses("signature") == {"skipped"}
    assert outcome.verdict.exit_code == 10
    assert outcome.runs[0].statement is None


def _swap_signature(bundle: dict[str, Any]) -> None:
    signature = bundle["dsseEnvelope"]["signatures"][0]
    data = bytearray(base64.b64decode(signature["sig"]))
    data[0] ^= 1
    signature["sig"] = base64.b64encode(data).decode()


def _rename_key(bundle: dict[str, Any]) -> None:
    other = "0" * 64
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = other
    bundle["verificationMaterial"]["publicKey"]["hint"] = other


BUNDLE_CASES: dict[str, tuple[Callable[[dict[str, Any]], None], int, str]] = {
    "payloadType": (
        lambda bundle: bundle["dsseEnvelope"].update(payloadType="application/json"),
        1,
        "envelope",
    ),
    "media type": (lambda bundle: bundle.update(mediaType="text/plain"), 1, "envelope"),
    "signature": (_swap_signature, 2, "signature"),
    "empty signature": (
        lambda bundle: bundle["dsseEnvelope"]["signatures"][0].update(sig=""),
        2,
        "signature",
    ),
    "no signature": (lambda bundle: bundle["dsseEnvelope"].update(signatures=[]), 1, "envelope"),
    "signature twice": (
        lambda bundle: bundle["dsseEnvelope"]["signatures"].append(
            bundle["dsseEnvelope"]["signatures"][0]
        ),
        1,
        "envelope",
    ),
    "keyid only": (
        lambda bundle: bundle["dsseEnvelope"]["signatures"][0].update(keyid="0" * 64),
        1,
        "envelope",
    ),
    "keyid and hint": (_rename_key, 3, "signer"),
    "payload not base64": (
        lambda bundle: bundle["dsseEnvelope"].update(payload="%%%"),
        1,
        "envelope",
    ),
    "empty payload": (lambda bundle: bundle["dsseEnvelope"].update(payload=""), 2, "signature"),
}


@pytest.mark.parametrize("name", BUNDLE_CASES)
def test_a_changed_bundle_is_caught(project: Project, name: str) -> None:
    change, step, check = BUNDLE_CASES[name]
    edit_bundle(project.bundle, change)
    outcome = project.verify()
    assert outcome.failed()[0][:2] == (step, check)
    assert outcome.verdict.exit_code == 10
    assert all(each.status == "skipped" for each in outcome.findings if each.step > 3)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 100_000, b"null"]
)
def test_a_file_that_is_no_bundle_is_caught(project: Project, content: bytes) -> None:
    project.bundle.write_bytes(content)
    outcome = project.verify()
    assert [each[:2] for each in outcome.failed()] == [(1, "envelope")]
    assert outcome.verdict.exit_code == 10


def _second_run(project: Project) -> Path:
    """Capture another run with the same key and return its evidence folder."""
    result = capture_run(
        CaptureOptions(
            project="sample",
            root=project.root,
            signers=(project.signer,),
            evidence_dir=project.root / "other",
            datasets=(
                DatasetRequest(name="train", reference=Reference("data/images"), base=project.root),
            ),
        )
    )
    return result.path


def test_a_bundle_of_another_run_does_not_fit_these_sidecars(project: Project) -> None:
    other = _second_run(project)
    shutil.copy(other / "manifest.sigstore.json", project.bundle)
    outcome = project.verify()
    assert (6, "sidecar", "train.inventory.parquet", None) in outcome.failed()
    assert outcome.verdict.exit_code == 10


def test_swapped_sidecars_are_caught(project: Project) -> None:
    one = project.folder / "train.inventory.parquet"
    two = project.folder / "images.inventory.parquet"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    outcome = project.verify()
    assert {each[2] for each in outcome.failed()} == {one.name, two.name}
    assert outcome.verdict.exit_code == 10
    assert outcome.statuses("dataset.bytes") == {"passed"}, "the roots are still under signature"


@pytest.mark.parametrize("damage", ["remove", "truncate", "link", "folder"])
def test_a_damaged_sidecar_is_caught(project: Project, damage: str) -> None:
    for path in sorted(project.folder.iterdir()):
        if path == project.bundle:
            continue
        kept = path.read_bytes()
        path.unlink()
        if damage == "truncate":
            path.write_bytes(kept[:-1])
        elif damage == "link":
            (project.root / "elsewhere").write_bytes(kept)
            path.symlink_to(project.root / "elsewhere")
        elif damage == "folder":
            path.mkdir()
        outcome = project.verify()
        assert (6, "sidecar", path.name, None) in outcome.failed()
        assert outcome.verdict.exit_code == 10
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        path.write_bytes(kept)
    assert project.verify().verdict.exit_code == 0


def test_without_its_inventory_a_change_is_still_caught(project: Project) -> None:
    (project.folder / "images.inventory.parquet").unlink()
    _flip(project.root / "data/images/a.bin")
    failed = project.verify().failed()
    assert (9, "dataset.bytes", "images", None) in failed


def test_taking_the_bundle_away_is_not_passed(project: Project) -> None:
    bundle = read(project.bundle)
    project.bundle.unlink()
    assert project.verify().verdict.exit_code == 10
    (project.folder / "manifest.statement.json").write_bytes(bundle.payload)
    assert project.verify().verdict.exit_code == 10


def test_a_sibling_bundle_over_another_payload_is_caught(project: Project) -> None:
    sibling = project.folder / f"manifest.{project.signer.public_key.keyid[:8]}.sigstore.json"
    shutil.copy(project.bundle, sibling)
    assert project.verify().verdict.exit_code == 0
    resign(sibling, project.signer, lambda document: document["predicate"].update(metrics={}))
    outcome = project.verify()
    assert (1, "envelope", sibling.name, None) in outcome.failed()
    assert outcome.verdict.exit_code == 10


def test_a_changed_payload_never_opens_what_it_names(project: Project) -> None:
    replace_payload(
        project.bundle,
        lambda document: document["predicate"]["datasets"][0].update(location="/etc"),
    )
    outcome = project.verify()
    assert outcome.verdict.targets[0].datasets == ()
    assert outcome.statuses("dataset.files") == {"skipped"}
