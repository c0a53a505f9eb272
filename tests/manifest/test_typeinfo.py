"""Many threads decode for the first time at once: that once ended the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EVIDENCE = Path(__file__).parents[2] / "examples/evidence/evidence"

FIRST_AT_ONCE = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import decode_statement

data = open(sys.argv[1], "rb").read()
sys.setswitchinterval(1e-6)
barrier = threading.Barrier(8)

def decode(_):
    barrier.wait()
    return decode_statement(decode_bundle(data).payload).statement

with ThreadPoolExecutor(8) as pool:
    found = list(pool.map(decode, range(8)))
print(len(set(map(id, found))), found.count(found[0]))
"""


def test_types_are_resolved_by_one_thread() -> None:
    bundle = next(EVIDENCE.glob("*/manifest.sigstore.json"))
    done = subprocess.run(
        [sys.executable, "-c", FIRST_AT_ONCE, bundle], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "8 8\n"), done.stderr
