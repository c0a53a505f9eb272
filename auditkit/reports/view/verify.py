"""Commands with which an outsider repeats the checks, with this run's real values."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from auditkit.evidence import RunEvidence
from auditkit.manifest.model import Dataset, SidecarRef, TrainingRun
from auditkit.reports.blocks import Command
from auditkit.reports.language import Language
from auditkit.reports.text import plain
from auditkit.reports.view.signatures import (
    NamedSignature,
    key_command,
    named_signatures,
    payload_command,
    signature_commands,
    timestamp_commands,
)

MOST_DATASETS = 20


def verify_commands(say: Language, run: RunEvidence, *, prefix: str) -> tuple[Command, ...]:
    """Return the commands for one authenticated run in a report, none for any other.

    `prefix` is what the attachments' names carry in a report about several runs.
    """
    commands = evidence_commands(say, run)
    if not commands:
        return ()
    first = named_signatures(run.signatures)[0]
    return (_unpack(say, prefix), _with_auditkit(say, first), *commands)


def evidence_commands(say: Language, run: RunEvidence) -> tuple[Command, ...]:
    """Return the commands to run in the folder that holds one run's evidence files."""
    if run.statement is None or run.manifest_digest is None or not run.signatures:
        return ()
    signed = named_signatures(run.signatures)
    predicate = run.statement.predicate
    return (
        *(key_command(say, each) for each in signed),
        payload_command(say, signed[0].bundle, run.manifest_digest),
        *(command for each in signed for command in signature_commands(say, each)),
        *timestamp_commands(say, run.verdict.timestamps),
        *_sidecars(say, predicate),
        *(_data(say, each, signed[0].bundle) for each in predicate.datasets[:MOST_DATASETS]),
    )


def _unpack(say: Language, prefix: str) -> Command:
    lines = ["pdfdetach -saveall report.pdf"]
    if prefix:
        folder = prefix.rstrip(".")
        lines += [
            f"mkdir {folder}",
            f'for file in {prefix}*; do mv "$file" "{folder}/${{file#{prefix}}}"; done',
            f"cd {folder}",
        ]
    return Command(
        say("Take the evidence out of the PDF"),
        say(
            "The attached files are those of the evidence folder, byte for byte. pdfdetach is part "
            "of poppler-utils; most PDF readers can save attachments too."
        ),
        tuple(lines),
    )


def _with_auditkit(say: Language, signature: NamedSignature) -> Command:
    return Command(
        say("Repeat everything with auditkit"),
        say(
            "{key} is the signer's public key as you received it from its owner, and PROJECT the "
            "folder that the recorded locations start from. The exit code is 0 if everything "
            "passed, 10 if anything failed, and 11 if it cannot be said.",
            key=signature.key_file,
        ),
        (f"auditkit verify {signature.bundle} --key {signature.key_file} --data-root PROJECT",),
    )


def _sidecars(say: Language, predicate: TrainingRun) -> Iterator[Command]:
    references = tuple(_references(predicate))
    if references:
        yield Command(
            say("Check the files beside the bundle"),
            say("The signed manifest names these digests. OK must follow each name."),
            (
                # By way of xargs the list may be wrapped anywhere, as it is when copied from paper.
                r"xargs -n 2 printf '%s  %s\n' <<'END' | sha256sum -c",
                *(f"{each.sha256} {each.name}" for each in references),
                "END",
            ),
        )


def _references(predicate: TrainingRun) -> Iterator[SidecarRef]:
    for each in predicate.datasets:
        yield each.inventory.list
        if each.content is not None and each.content.blocks is not None:
            yield each.content.blocks
    code, packages = predicate.code, predicate.environment.packages
    if code.patch is not None and code.patch.diff is not None:
        yield code.patch.diff
    if code.untracked is not None and code.untracked.list is not None:
        yield code.untracked.list
    if packages is not None:
        yield packages.list


def _data(say: Language, record: Dataset, bundle: str) -> Command:
    inventory = record.inventory
    title = say("Recompute the digest of {name}", name=plain(record.name))
    where = _argument(record.location)
    if inventory.kind == "file":
        return Command(
            title,
            say("One file: its own SHA-256. Run it in PROJECT."),
            (f"sha256sum -- {where}",),
            inventory.root.get("sha256", ""),
        )
    files = say.count(inventory.files, "{number} file", "{number} files")
    if record.delta is not None:
        return Command(
            title,
            say(
                "The {files} of this version, as the signed list names them: the SHA-256 of what "
                "sha256sum prints. Run it in PROJECT.",
                files=files,
            ),
            (
                f"auditkit inventory {bundle} {plain(record.name)} | cut -c 67- | tr '\\n' '\\0' |",
                f"  (cd -- {where} && xargs -0r sha256sum --) | sha256sum",
            ),
            inventory.root.get("dirHash", ""),
        )
    text = [
        say(
            "A folder of {files}: the SHA-256 of what sha256sum prints, sorted by path. Run it in "
            "PROJECT.",
            files=files,
        )
    ]
    if inventory.excluded:
        globs = plain(", ".join(inventory.excluded))
        text.append(
            say("Files that match {globs} were left out and must be moved away first.", globs=globs)
        )
    return Command(
        title,
        " ".join(text),
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
