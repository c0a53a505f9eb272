"""Write tests/vectors/bundles: one folder per case, with the outcome in its name."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
FOLDER = TESTS / "vectors" / "bundles"

if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))

from bundles import people_cases, signature_cases, time_cases  # noqa: E402 - needs the path
from bundles.making import Case  # noqa: E402

from auditkit.errors import EnvelopeError, SignatureError  # noqa: E402
from auditkit.manifest.bundle import decode_bundle  # noqa: E402
from auditkit.signing.keys import PublicKey  # noqa: E402


def cases() -> Iterator[Case]:
    """Yield every case; no two have one name."""
    return chain(signature_cases.cases(), time_cases.cases(), people_cases.cases())


def contents(case: Case) -> dict[str, bytes]:
    """Return a case's files; signatures that are never made twice alike are kept while they hold."""
    return {
        path: _kept(FOLDER / case.name / path, content) if path.endswith(".json") else content
        for path, content in case.contents().items()
    }


def _kept(path: Path, content: bytes) -> bytes:
    from bundles.making import QUANTUM  # noqa: PLC0415 - beside its only use

    try:
        fresh, old = decode_bundle(content), decode_bundle(path.read_bytes())
        if QUANTUM.keyid != fresh.keyid or (old.payload, old.keyid) != (fresh.payload, fresh.keyid):
            return content
        key: PublicKey = QUANTUM.signer.public_key
        key.verify(old.signature, old.signed_bytes)
    except (OSError, EnvelopeError, SignatureError):
        return content
    return path.read_bytes()


def main() -> None:
    """Write all vectors, and remove those that are no longer made."""
    made = {case.name: contents(case) for case in cases()}
    for folder in FOLDER.glob("*"):
        if folder.name not in made:
            shutil.rmtree(folder)
    for name, files in made.items():
        for path, content in files.items():
            target = FOLDER / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


if __name__ == "__main__":
    main()
