"""The hashing call alone, timed by the process that makes it, once everything is imported."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from auditkit.datasets.base import Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.execution.executor import LocalExecutor
from auditkit.execution.progress import SilentProgress


def main(folder: str) -> None:
    """Print the seconds of listing and hashing `folder`."""
    executor = LocalExecutor()
    began = time.perf_counter()
    found = plan(Reference(folder, "files"), base=Path("/"))
    scan(found, executor=executor, progress=SilentProgress())
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main(sys.argv[1])
