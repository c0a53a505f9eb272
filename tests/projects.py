"""A small project with one captured run, to be damaged and verified."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.targets import resolve_targets
from auditkit.api.verify import verify
from auditkit.datasets.base import Reference
from auditkit.evidence import RunEvidence
from auditkit.findings import DatasetVerdict, Finding, Verdict
from auditkit.signing.signer import Signer
from auditkit.trust.keys import KeyTrust
from auditkit.verification.options import VerifyOptions


@dataclass(frozen=True)
class Project:
    """A project folder with one captured run, and the key that signed it."""

    root: Path
    signer: Signer

    @property
    def folder(self) -> Path:
        (folder,) = (self.root / "evidence").iterdir()
        return folder

    @property
    def bundle(self) -> Path:
        return self.folder / "manifest.sigstore.json"

    def verify(self, *targets: str, trusted: Signer | None = None, **options: object) -> Outcome:
        trust = KeyTrust((trusted or self.signer).public_key)
        settings = {"trust": trust, "data_root": self.root, **options}
        found = resolve_targets(targets, self.root / "evidence")
        evidence = verify(found, VerifyOptions(**settings))  # type: ignore[arg-type]
        return Outcome(evidence.verdict, evidence.runs)


@dataclass(frozen=True)
class Outcome:
    """A verdict, with the questions that tests ask of it."""

    verdict: Verdict
    runs: tuple[RunEvidence, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(each for target in self.verdict.targets for each in target.findings)

    def failed(self) -> list[tuple[int, str, str, str | None]]:
        return [
            (each.step, each.check, each.subject, each.location.file if each.location else None)
            for each in self.findings
            if each.status == "failed"
        ]

    def statuses(self, check: str) -> set[str]:
        return {each.status for each in self.findings if each.check == check}

    def dataset(self, name: str) -> DatasetVerdict:
        (found,) = (
            each for target in self.verdict.targets for each in target.datasets if each.name == name
        )
        return found


DATASETS = (
    ("train", "data/train", "training"),
    ("labels", "data/labels.csv", "input"),
    ("events", "data/events.jsonl", "input"),
    ("images", "data/images", "input"),
    ("model", "models/model.bin", "output"),
    ("predictions", "models/predictions", "output"),
)


def capture_sample(root: Path, signer: Signer) -> None:
    """Make the data and record one run over it."""
    make_data(root)
    capture_run(
        CaptureOptions(
            project="sample",
            root=root,
            signers=(signer,),
            evidence_dir=root / "evidence",
            parameters={"learning_rate": 0.1, "layers": [8, 4]},
            metrics={"loss": float("nan")},
            datasets=tuple(
                DatasetRequest(name=name, reference=Reference(path), base=root, role=role)
                for name, path, role in DATASETS
            ),
        )
    )


def make_data(root: Path) -> None:
    for folder in ("data/train", "data/images/sub", "models/predictions"):
        (root / folder).mkdir(parents=True)
    for number in range(3):
        ids = list(range(number * 100, number * 100 + 100))
        table = pa.table({"id": ids, "label": [str(i % 7) for i in ids]})
        pq.write_table(table, root / f"data/train/part-{number}.parquet", row_group_size=40)
    (root / "data/labels.csv").write_text("id,name\n1,one\n2,two\n3,three\n")
    (root / "data/events.jsonl").write_text('{"at":1,"what":"a"}\n{"at":2,"what":"b"}\n')
    (root / "data/images/a.bin").write_bytes(b"a" * 1000)
    (root / "data/images/sub/b.bin").write_bytes(b"b" * 1000)
    (root / "models/model.bin").write_bytes(b"weights")
    pq.write_table(pa.table({"p": [0.5, 0.25]}), root / "models/predictions/p.parquet")
