"""One way to read or list the objects under a prefix; prints the seconds that it took."""

from __future__ import annotations

import hashlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

from auditkit.datasets.base import Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.execution.executor import WAITING_WORKERS, LocalExecutor
from auditkit.execution.progress import SilentProgress


def with_auditkit(bucket: str, prefix: str) -> None:
    """Plan and scan, as a capture does."""
    found = plan(Reference(f"s3://{bucket}/{prefix}", "files"), base=Path.cwd())
    scan(found, executor=LocalExecutor(), progress=SilentProgress())


def with_boto3(bucket: str, prefix: str) -> None:
    """List, and stream each object into SHA-256, as many at once."""
    client = boto3.client("s3", config=Config(max_pool_connections=WAITING_WORKERS))
    pages = client.get_paginator("list_object_versions").paginate(
        Bucket=bucket, Prefix=f"{prefix}/"
    )
    versions = [(each["Key"], each["VersionId"]) for page in pages for each in page["Versions"]]

    def read(which: tuple[str, str]) -> str:
        key, version = which
        answer = client.get_object(Bucket=bucket, Key=key, VersionId=version)
        digest = hashlib.sha256()
        for chunk in answer["Body"].iter_chunks(1 << 20):
            digest.update(chunk)
        return digest.hexdigest()

    with ThreadPoolExecutor(WAITING_WORKERS) as pool:
        list(pool.map(read, versions))


def listing(bucket: str, prefix: str) -> None:
    """Plan, which lists."""
    plan(Reference(f"s3://{bucket}/{prefix}", "files"), base=Path.cwd())


def main() -> None:
    """Run the way that the first argument names."""
    way, bucket, prefix = sys.argv[1:]
    act = {"auditkit": with_auditkit, "boto3": with_boto3, "listing": listing}[way]
    began = time.perf_counter()
    act(bucket, prefix)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
