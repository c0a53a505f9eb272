"""Commands with which an outsider repeats the checks, with this run's real values."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from auditkit.evidence import RunEvidence
from auditkit.manifest.model import Dataset, SidecarRef, TrainingRun
from auditkit.reports.blocks import Command
from auditkit.reports.text import count, plain
from auditkit.schemes import BUNDLE_SUFFIX, MANIFEST_BUNDLE, PAYLOAD_TYPE

MOST_DATASETS = 20

_KEY = "signer.pub"


def verify_commands(run: RunEvidence, algorithm: str | None, *, prefix: str) -> tuple[Command, ...]:
    """Return the commands for one authenticated run, none for any other.

    `prefix` is what the attachments' names carry in a report about several runs.
    """
    if run.statement is None or run.manifest_digest is None or run.keyid is None:
        return ()
    bundle, predicate = _bundle_name(run), run.statement.predicate
    return (
        _unpack(prefix),
        _with_auditkit(bundle),
        _fingerprint(run.keyid),
        _payload(bundle, run.manifest_digest),
        *_signature(bundle, algorithm),
        *_sidecars(predicate),
        *(_data(each) for each in predicate.datasets[:MOST_DATASETS]),
    )


def _bundle_name(run: RunEvidence) -> str:
    names = (each.name for each in run.attachments if each.name.endswith(BUNDLE_SUFFIX))
    return shlex.quote(plain(next(names, MANIFEST_BUNDLE)))


def _unpack(prefix: str) -> Command:
    lines = ["pdfdetach -saveall report.pdf"]
    if prefix:
        folder = prefix.rstrip(".")
        lines += [
            f"mkdir {folder}",
            f'for file in {prefix}*; do mv "$file" "{folder}/${{file#{prefix}}}"; done',
            f"cd {folder}",
        ]
    return Command(
        "Take the evidence out of the PDF",
        "The attached files are those of the evidence folder, byte for byte. pdfdetach is part of "
        "poppler-utils; most PDF readers can save attachments too.",
        tuple(lines),
    )


def _with_auditkit(bundle: str) -> Command:
    return Command(
        "Repeat everything with auditkit",
        f"{_KEY} is the signer's public key as you received it from its owner, and PROJECT the "
        "folder that the recorded locations start from. The exit code is 0 if everything passed, "
        "10 if anything failed, and 11 if it cannot be said.",
        (f"auditkit verify {bundle} --key {_KEY} --data-root PROJECT",),
    )


def _fingerprint(keyid: str) -> Command:
    return Command(
        "Compare the key's fingerprint",
        "Ask the key's owner for the fingerprint over another channel, such as a phone call. A "
        "fingerprint printed in a report proves nothing by itself.",
        (f"openssl pkey -pubin -in {_KEY} -outform DER | sha256sum",),
        keyid,
    )


def _payload(bundle: str, manifest: str) -> Command:
    return Command(
        "Recompute the manifest digest",
        "The signed bytes are the base64 payload of the bundle.",
        (
            f"jq -r .dsseEnvelope.payload {bundle} | base64 -d > payload.json",
            "sha256sum payload.json",
        ),
        manifest,
    )


def _signature(bundle: str, algorithm: str | None) -> Iterator[Command]:
    """Yield the check for the signer's algorithm; for an unknown one, for both kinds."""
    name = (algorithm or "").lower()
    prepare = (
        f"jq -r '.dsseEnvelope.signatures[0].sig' {bundle} | base64 -d > signature.bin",
        (
            f"printf 'DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} %d ' "
            '"$(wc -c < payload.json)" > signed.bin'
        ),
        "cat payload.json >> signed.bin",
    )
    text = "The signature covers the payload with its type and length in front (DSSE)."
    if "ecdsa" not in name and "256" not in name:
        check = f"openssl pkeyutl -verify -pubin -inkey {_KEY} -rawin -in signed.bin"
        yield Command(
            "Check the signature (Ed25519 key)",
            text,
            (*prepare, f"{check} -sigfile signature.bin"),
            "Signature Verified Successfully",
        )
    if "25519" not in name:
        check = f"openssl dgst -sha256 -verify {_KEY} -signature signature.bin signed.bin"
        yield Command(
            "Check the signature (ECDSA P-256 key)", text, (*prepare, check), "Verified OK"
        )


def _sidecars(predicate: TrainingRun) -> Iterator[Command]:
    references = tuple(_references(predicate))
    if references:
        yield Command(
            "Check the files beside the bundle",
            "The signed manifest names these digests. OK must follow each name.",
            (
                # By way of xargs the list may be wrapped anywhere, as it is when copied from paper.
                r"xargs -n 2 printf '%s  %s\n' <<'END' | sha256sum -c",
                *(f"{each.sha256} {each.name}" for each in references),
                "END",
            ),
        )


def _references(predicate: TrainingRun) -> Iterator[SidecarRef]:
    yield from (each.inventory.list for each in predicate.datasets)
    code, packages = predicate.code, predicate.environment.packages
    if code.patch is not None and code.patch.diff is not None:
        yield code.patch.diff
    if code.untracked is not None and code.untracked.list is not None:
        yield code.untracked.list
    if packages is not None:
        yield packages.list


def _data(record: Dataset) -> Command:
    inventory = record.inventory
    title = f"Recompute the digest of {plain(record.name)}"
    where = _argument(record.location)
    if inventory.kind == "file":
        return Command(
            title,
            "One file: its own SHA-256. Run it in PROJECT.",
            (f"sha256sum -- {where}",),
            inventory.root.get("sha256", ""),
        )
    excluded = ""
    if inventory.excluded:
        globs = plain(", ".join(inventory.excluded))
        excluded = f" Files that match {globs} were left out and must be moved away first."
    return Command(
        title,
        f"A folder of {count(inventory.files, 'file')}: the SHA-256 of what sha256sum prints, "
        f"sorted by path. Run it in PROJECT.{excluded}",
        (
            f"(cd -- {where} &&",
            r"  find . -type f -printf '%P\0' | LC_ALL=C sort -z |",
            "  xargs -0r sha256sum -- | sha256sum)",
        ),
        inventory.root.get("dirHash", ""),
    )


def _argument(location: str) -> str:
    """Return a location as one shell word; one too long or with hidden characters is not."""
    if plain(location) != location:
        return "LOCATION"
    return shlex.quote(location)
