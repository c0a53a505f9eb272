"""A real S3 server over HTTP on this machine: SeaweedFS, which also serves an Iceberg catalog.

It knows versions, delete markers, conditional writes, Object Lock and multipart uploads, and
refuses wrong credentials. Its data are in a folder of the test's; nothing outlives the test.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

REGION = "eu-central-1"
WAREHOUSE = "lake"
"""The bucket of the Iceberg catalog."""

_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "s3.port.iceberg",
    "s3.port.lance",
    "admin.port",
    "admin.port.grpc",
)
_FLAGS = (
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-master.telemetry=false",
    "-admin.ui=false",
    "-s3.autoCreateBucket=false",
    "-volume.max=10000",  # each bucket takes a few, and they are small
    "-webdav=false",
    f"-tableBucket={WAREHOUSE}",
)
_START_SECONDS = 60
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class S3Server:
    """A running server, and the credentials that it made up for this run."""

    endpoint: str
    iceberg: str
    access_key: str
    secret_key: str

    def visitor(self) -> S3Server:
        """Return the server as somebody sees it who may do what a bucket's policy allows, no more."""
        return replace(self, access_key=f"visitor-{self.access_key}")

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables under which AWS SDKs and auditkit talk to it, and to nothing else."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        }

    def client(self, endpoint: str | None = None) -> Any:
        """Return a plain boto3 client, for setting tests up; its environment plays no part."""
        import boto3  # noqa: PLC0415 - half a second
        from botocore.config import Config  # noqa: PLC0415

        return boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint or self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def make_bucket(self, *, versions: bool = False, lock: bool = False) -> str:
        """Return the name of an empty bucket; one with Object Lock has versions too."""
        name = f"b-{secrets.token_hex(8)}"
        client = self.client()
        client.create_bucket(
            Bucket=name,
            ObjectLockEnabledForBucket=lock,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        if versions and not lock:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def place(self, *, versions: bool = False, lock: bool = False) -> tuple[str, str]:
        """Return a bucket that others have a part of too, and a prefix that nobody else has.

        Making a bucket takes this server half a second.
        """
        return _shared_bucket(self, versions=versions, lock=lock), f"at/{secrets.token_hex(8)}"


@functools.cache
def _shared_bucket(server: S3Server, *, versions: bool, lock: bool) -> str:
    return server.make_bucket(versions=versions, lock=lock)


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[S3Server]:
    """Run a server with its data in `folder`, which is removed, until the block ends."""
    for _ in range(3):  # somebody else may take a port between its choice and its use
        process, ports, server = _start(folder)
        try:
            if _is_ready(process, server):
                yield server
                return
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder)
            for port in ports.values():
                for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    path.unlink(missing_ok=True)
    raise RuntimeError(f"no S3 server came up; the last one said: {folder}")


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], dict[str, int], S3Server]:
    folder.mkdir()
    ports = _free_ports()
    access, secret = f"test-{secrets.token_hex(8)}", secrets.token_hex(16)
    identities = [
        {
            "name": name,
            "credentials": [{"accessKey": key, "secretKey": secret}],
            "actions": actions,
        }
        for name, key, actions in (
            ("tests", access, ["Admin", "Read", "List", "Tagging", "Write"]),
            ("visitor", f"visitor-{access}", []),
        )
    ]
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": identities}))
    process = subprocess.Popen(
        [
            _program(),
            "mini",
            f"-dir={folder}",
            f"-s3.config={config}",
            *_FLAGS,
            *(f"-{name}={port}" for name, port in ports.items()),
        ],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_the_tests,  # noqa: PLW1509 - one call of the system
    )
    endpoint, iceberg = (
        f"http://127.0.0.1:{ports[name]}" for name in ("s3.port", "s3.port.iceberg")
    )
    return process, ports, S3Server(endpoint, iceberg, access, secret)


def _program() -> str:
    """Return the server's program: with this interpreter or, as for the wheel, on the path."""
    beside = Path(sys.executable).parent
    found = shutil.which("weed", path=f"{beside}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        raise RuntimeError("weed is not installed: run `make setup`")
    return found


def _die_with_the_tests() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _free_ports() -> dict[str, int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in _PORTS]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return {name: each.getsockname()[1] for name, each in zip(_PORTS, held, strict=True)}


def _is_ready(process: subprocess.Popen[bytes], server: S3Server) -> bool:
    """Wait for the first bucket: whoever else has the port does not know these credentials."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            name = server.make_bucket()
            server.client().put_object(Bucket=name, Key="ready", Body=b"ready")
        except (BotoCoreError, ClientError):
            time.sleep(0.05)
        else:
            return True
    return False
