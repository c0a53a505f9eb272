"""A project whose runs read what others wrote: ingest, transform, train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auditkit.api.capture import capture_run
from auditkit.api.citations import CitationRequest
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.recorder import CaptureResult
from auditkit.datasets.base import Reference
from auditkit.datasets.references import parse_citation
from auditkit.signing.signer import Signer


@dataclass(frozen=True)
class Stages:
    """A project folder; `record` captures one run over its files."""

    root: Path
    signer: Signer

    @property
    def evidence(self) -> Path:
        return self.root / "evidence"

    def write(self, path: str, content: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    def record(
        self,
        name: str,
        reads: dict[str, str],
        writes: dict[str, str],
        *,
        parents: tuple[str, ...] = (),
        cites: dict[str, str] | None = None,
        signer: Signer | None = None,
        evidence: Path | None = None,
    ) -> CaptureResult:
        """Capture a run; `reads` and `writes` are locations by name, `cites` are `run:RUN/NAME`."""
        named = [(key, path, "input") for key, path in reads.items()]
        named += [(key, path, "output") for key, path in writes.items()]
        return capture_run(
            CaptureOptions(
                project="flights",
                name=name,
                root=self.root,
                signers=(signer or self.signer,),
                evidence_dir=evidence or self.evidence,
                parents=parents,
                citations=tuple(
                    CitationRequest(name=key, reference=cited)
                    for key, text in (cites or {}).items()
                    if (cited := parse_citation(text)) is not None
                ),
                datasets=tuple(
                    DatasetRequest(name=key, reference=Reference(path), base=self.root, role=role)
                    for key, path, role in named
                ),
            )
        )

    def pipeline(self) -> dict[str, CaptureResult]:
        """Record three stages, of which each reads what the one before wrote."""
        self.write("data/raw.csv", "id,delay\n1,5\n2,-3\n")
        self.write("data/flights/part-0.csv", "id,delay\n1,5\n")
        self.write("data/flights/part-1.csv", "id,delay\n2,-3\n")
        self.write("data/train.csv", "id,delay\n2,-3\n")
        self.write("models/model.bin", "weights")
        ingest = self.record("ingest", {"raw": "data/raw.csv"}, {"flights": "data/flights"})
        transform = self.record(
            "transform", {"flights": "data/flights"}, {"train": "data/train.csv"}
        )
        train = self.record("train", {"train": "data/train.csv"}, {"model": "models/model.bin"})
        return {"ingest": ingest, "transform": transform, "train": train}
