"""Rewrite a registry's log without one of its entries, as only whoever has the log's key can.

The log that is left adds up and is signed by its key; nothing in it shows what was dropped.
"""

import argparse
import shutil
from pathlib import Path

from auditkit.registry.frontier import Frontier
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.registry.staging import Edge, stage
from auditkit.signing.opening import open_signer
from auditkit.stores.directory import DirectoryStore


def main() -> None:
    """Drop the entry that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("registry", type=Path)
    parser.add_argument("--key", required=True, help="private key of the log")
    parser.add_argument("--drop", type=int, required=True, help="number of the entry")
    given = parser.parse_args()
    log = Registry(DirectoryStore(given.registry)).log()
    kept = [each.record.encode() for each in log.entries() if each.index != given.drop]
    made = stage(log.checkpoint.origin, Edge(Frontier()), kept)
    for name in ("tile", "staging", "receipts"):
        shutil.rmtree(given.registry / name)
    for tile, data in made.made():
        path = given.registry / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    key = LogSigner(open_signer(given.key, environ={}))
    (given.registry / "checkpoint").write_bytes(key.sign(made.checkpoint).encode())
    print(f"{given.registry}: {log.checkpoint.size} entries became {len(kept)}")


if __name__ == "__main__":
    main()
