"""What the tests of data sets share: plan and scan in one call, in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditkit.datasets.base import Scan
from auditkit.datasets.planning import plan
from auditkit.datasets.references import parse_reference
from auditkit.datasets.scan import scan
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import SilentProgress

ScanText = Callable[..., Scan]


@pytest.fixture
def scan_ref(tmp_path: Path) -> ScanText:
    """Return a function that plans and scans a reference relative to `tmp_path`."""

    def run(text: str, *, excluded: tuple[str, ...] = (), **options: Any) -> Scan:
        options.setdefault("executor", ThreadExecutor(2))
        options.setdefault("progress", SilentProgress())
        found = plan(
            parse_reference(text),
            base=tmp_path,
            excluded=excluded,
            collect=options.get("collect", False),
        )
        return scan(found, **options)

    return run
