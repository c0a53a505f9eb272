"""Objects in S3 from a server on this machine: reading them, listing them, and looking only."""

from __future__ import annotations

import importlib
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.listing_server import serve_listing
from benchmarks.memory import peak_pss
from benchmarks.processes import auditkit, interleaved, run

_TESTS = Path(__file__).parents[1] / "tests"
_RUNS = int(os.environ.get("BENCH_RUNS", "7"))
_MEGABYTES = int(os.environ.get("BENCH_S3_MB", "1024"))
_OBJECTS = 16
_SMALL = int(os.environ.get("BENCH_S3_OBJECTS", "10000"))
_LISTED = 100_000


def measure() -> dict[str, float]:
    """Return speeds and seconds, and the memory that each more object in a listing costs."""
    sys.path.append(str(_TESTS))
    server = importlib.import_module("s3server")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server.serve(folder / "server") as running:
            environ = {**os.environ, **running.environ, "XDG_CONFIG_HOME": str(folder / "config")}
            run([auditkit(), "init", "--project", "bench"], cwd=folder, environ=environ)
            bucket = running.make_bucket(versions=True)
            figures = _reading(running.client(), bucket, folder, environ)
            figures |= _metadata(running.client(), bucket, folder, environ)
        return figures | _listing(folder, environ)


def _reading(
    client: Any, bucket: str, folder: Path, environ: Mapping[str, str]
) -> dict[str, float]:
    block = os.urandom(_MEGABYTES * 1_000_000 // _OBJECTS)
    for number in range(_OBJECTS):
        client.put_object(Bucket=bucket, Key=f"large/{number:02}.bin", Body=block)
    program = [sys.executable, "-m", "benchmarks.s3_reading"]
    commands = {each: [*program, each, bucket, "large"] for each in ("auditkit", "boto3")}
    environ = {**environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    costs = interleaved(
        commands, cwd=folder, runs=_RUNS, environ=environ, self_timed=tuple(commands)
    )
    pairs = list(zip(costs["auditkit"], costs["boto3"], strict=True))
    return {
        "s3_speed_to_boto3": statistics.median(b.seconds / a.seconds for a, b in pairs),
        "s3_cpu_to_boto3": statistics.median(a.cpu_seconds / b.cpu_seconds for a, b in pairs),
        "s3_mb_per_second": _MEGABYTES / statistics.median(a.seconds for a, _ in pairs),
    }


def _metadata(
    client: Any, bucket: str, folder: Path, environ: Mapping[str, str]
) -> dict[str, float]:
    def put(number: int) -> None:
        client.put_object(Bucket=bucket, Key=f"small/{number:06}.bin", Body=b"%d" % number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(_SMALL)))
    dataset = ["--dataset", f"data=files:s3://{bucket}/small"]
    capture = [auditkit(), "capture", "--quiet", *dataset, "-o", "small.sigstore.json"]
    verify = [auditkit(), "verify", "--quiet", "small.sigstore.json", "--mode", "metadata"]
    costs = {}
    for label, command, code in (("capture", capture, 0), ("metadata", verify, 11)):
        cost = run(command, cwd=folder, environ=environ)
        if cost.exit_code != code:
            raise RuntimeError(f"{label} exited with {cost.exit_code}")
        costs[f"s3_small_{label}_seconds"] = cost.seconds
        costs[f"s3_small_{label}_cpu_seconds"] = cost.cpu_seconds
    return costs


def _listing(folder: Path, environ: Mapping[str, str]) -> dict[str, float]:
    peaks = {}
    for count in (_LISTED // 10, _LISTED, _LISTED * 5):
        with serve_listing(count) as endpoint:
            command = [sys.executable, "-m", "benchmarks.s3_reading", "listing", "bucket", "d"]
            settings = {"AWS_ENDPOINT_URL_S3": endpoint, "PYTHONPATH": str(_TESTS.parent)}
            peaks[count] = peak_pss(command, cwd=folder, environ={**environ, **settings})
    more = peaks[_LISTED * 5] - peaks[_LISTED]
    return {
        "s3_listing_peak_mb": peaks[_LISTED] / 1e6,
        "s3_listing_tenth_peak_mb": peaks[_LISTED // 10] / 1e6,
        "s3_listing_bytes_per_object": more / (_LISTED * 4),
    }
