"""The reading call alone, timed by the process that makes it, once everything is imported."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from auditkit.datasets.base import ContentRequest, Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.execution.executor import LocalExecutor
from auditkit.execution.progress import SilentProgress


def main(path: str, kind: str) -> None:
    """Print the seconds of listing and reading `path` as files, or with a digest of its rows."""
    content = {"sequence": ContentRequest("sequence"), "bag": ContentRequest("bag")}.get(kind)
    if content is not None:
        import auditkit.datasets.table_scan  # noqa: F401, PLC0415 -- `scan` imports it when called
    executor = LocalExecutor()
    began = time.perf_counter()
    found = plan(Reference(path, "files" if content is None else "table"), base=Path("/"))
    scan(found, executor=executor, progress=SilentProgress(), content=content)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
