"""A prefix of a bucket, and what tests do there with a client of their own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import s3server
from projects import Project

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.recorder import CaptureResult
from auditkit.datasets.inventory import Inventory, read_inventory
from auditkit.datasets.references import parse_reference
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Dataset
from auditkit.stores.s3_client import S3Settings


@dataclass
class Place:
    """Objects below `prefix`."""

    server: s3server.S3Server
    bucket: str
    prefix: str

    @cached_property
    def client(self) -> Any:
        return self.server.client()

    def put(self, name: str, content: bytes = b"content", **more: Any) -> str | None:
        """Write an object; return the id of its version, None where the bucket keeps none."""
        where = {"Bucket": self.bucket, "Key": f"{self.prefix}/{name}"}
        version = self.client.put_object(Body=content, **where, **more).get("VersionId")
        return None if version == "null" else version

    def delete(self, name: str, version: str | None = None) -> None:
        """Delete an object, or one version of it for good."""
        more = {} if version is None else {"VersionId": version}
        self.client.delete_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}", **more)

    def uri(self, name: str = "") -> str:
        """Return the address of an object or folder."""
        return f"s3://{self.bucket}/{self.prefix}/{name}".rstrip("/")


def capture(
    project: Project, s3: S3Settings | None = None, role: str = "input", **references: str
) -> CaptureResult:
    """Record data sets by name."""
    requests = tuple(
        DatasetRequest(name=name, reference=parse_reference(text), base=project.root, role=role)
        for name, text in references.items()
    )
    options = CaptureOptions(
        project="churn",
        root=project.root,
        signers=(project.signer,),
        evidence_dir=project.root / "evidence",
        datasets=requests,
        s3=s3 or S3Settings(),
    )
    return capture_run(options)


def record_of(project: Project, name: str) -> Dataset:
    """Return the record of a data set in a project's only manifest."""
    payload = decode_bundle(project.bundle.read_bytes()).payload
    datasets = decode_statement(payload).statement.predicate.datasets
    return next(each for each in datasets if each.name == name)


def inventory_of(project: Project, name: str) -> Inventory:
    """Return the inventory of a data set."""
    return read_inventory((project.folder / f"{name}.inventory.parquet").read_bytes())
