"""Other tools that hash folders, set up to check the same data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_REQUIREMENTS = Path(__file__).with_name("peers.txt")
CORES = len(os.sched_getaffinity(0))


class Peers:
    """The peers in a virtual environment of their own under `folder`, made on first use."""

    def __init__(self, folder: Path) -> None:
        self._bin = folder / "peers/bin"
        self._folder = folder
        uv = str(Path(sys.executable).with_name("uv"))
        _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder / "peers"))
        python = str(self._bin / "python")
        _run(uv, "pip", "install", "--quiet", "--python", python, "-r", str(_REQUIREMENTS))
        key = str(folder / "peer.pem")
        _run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        _run("openssl", "ec", "-in", key, "-pubout", "-out", str(folder / "peer.pub"))

    def model_signing(self, data: Path) -> list[str]:
        """Sign `data` with model-signing, and return the command that verifies it."""
        program, signature = str(self._bin / "model_signing"), str(data) + ".sig"
        key = ["--private_key", str(self._folder / "peer.pem"), "--signature", signature]
        _run(program, "sign", "key", *key, str(data))
        key = ["--public_key", str(self._folder / "peer.pub"), "--signature", signature]
        return [program, "verify", "key", *key, str(data)]

    def bagit(self, data: Path, *algorithms: str) -> list[str]:
        """Make a bag of hard links to `data`, and return the command that validates it.

        Without `algorithms` the bag has the digests that bagit chooses: SHA-256 and SHA-512.
        """
        bag = "".join((str(data), ".bag", *algorithms))
        _run("cp", "-al", str(data), bag)
        program = [str(self._bin / "python"), "-m", "bagit"]
        chosen = [f"--{each}" for each in algorithms]
        _run(*program, *chosen, "--processes", str(CORES), bag)
        return [*program, "--validate", "--processes", str(CORES), bag]


def digest_program(*program: str, data: Path, files: int) -> list[str]:
    """Return the command that runs a digest program under xargs, `files` files at a time."""
    listing = f"find '{data}' -type f -print0"
    return ["sh", "-c", f"{listing} | xargs -0 -P{CORES} -n{files} {' '.join(program)}"]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
