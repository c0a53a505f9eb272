"""Targets that may be packs or PDF: their evidence lies in a folder while it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from auditkit.api.parents import declared_parents
from auditkit.api.pdf_evidence import OpenedPdf, opened_pdf
from auditkit.api.targets import (
    FoundManifest,
    Target,
    find_manifest,
    read_manifest,
    resolve_targets,
)
from auditkit.errors import AuditkitError, NothingToVerifyError, TargetNotFoundError
from auditkit.stores.evidence import find_evidence
from auditkit.stores.evidence_pack import UnpackedEvidence, is_pack, unpacked
from auditkit.stores.pdf import is_pdf


@dataclass(frozen=True, slots=True)
class OpenedTargets:
    """Evidence to look at, where the earlier runs that packs bring lie, and the reports in PDF."""

    targets: tuple[Target, ...]
    parents: tuple[Path, ...] = ()
    pdfs: tuple[OpenedPdf, ...] = ()


@contextmanager
def opened_targets(texts: Sequence[str], evidence_dir: Path) -> Iterator[OpenedTargets]:
    """Yield the evidence that `texts` name, as `resolve_targets` does.

    Each may also be a pack or a report in PDF.

    Raises:
        TargetNotFoundError: a text names nothing.
        NothingToVerifyError: no evidence at all.
        PackError: a pack is damaged, or not in the form in which packs are written.
    """
    with ExitStack() as stack:
        if not texts:
            yield OpenedTargets(tuple(resolve_targets(texts, evidence_dir)))
            return
        targets: list[Target] = []
        parents: list[Path] = []
        pdfs: list[OpenedPdf] = []
        for text in texts:
            path = Path(text)
            if is_pdf(path) and not _is_output(path, evidence_dir):
                pdfs.append(stack.enter_context(opened_pdf(path)))
                targets += pdfs[-1].targets
                continue
            if not _is_to_be_unpacked(path, evidence_dir):
                targets += resolve_targets((text,), evidence_dir)
                continue
            found = stack.enter_context(unpacked(path))
            targets += _in_pack(path, found)
            parents += _parents(found)
        yield OpenedTargets(tuple(targets), tuple(parents), tuple(pdfs))


@contextmanager
def opened_manifest(text: str, evidence_dir: Path) -> Iterator[FoundManifest]:
    """Yield the one manifest that `text` names, in a pack or not.

    Raises as `opened_targets` and `find_manifest` do.
    """
    path = Path(text)
    carries = is_pdf(path) and not _is_output(path, evidence_dir)
    if not carries and not _is_to_be_unpacked(path, evidence_dir):
        yield find_manifest(text, evidence_dir)
        return
    with opened_targets((text,), evidence_dir) as found:
        if len(found.targets) != 1:
            raise TargetNotFoundError(
                f"{text} holds {len(found.targets)} runs",
                hint="Unzip it and name one of the folders under evidence.",
            )
        target = found.targets[0]
        yield replace(read_manifest(target.path), shown=target.shown)


def _is_to_be_unpacked(path: Path, evidence_dir: Path) -> bool:
    """Return whether a file is a pack, or is called `.zip` and is no output of a run."""
    if is_pack(path):
        return True
    is_zip = path.suffix.lower() == ".zip" and path.is_file()
    return is_zip and not _is_output(path, evidence_dir)


def _is_output(path: Path, evidence_dir: Path) -> bool:
    """Return whether a run at hand has this file as an output."""
    try:
        resolve_targets((str(path),), evidence_dir)
    except TargetNotFoundError:
        return False
    return True


def _in_pack(pack: Path, found: UnpackedEvidence) -> list[Target]:
    inside = find_evidence(found.evidence)
    if not inside:
        raise NothingToVerifyError("there is no evidence in this pack", path=str(pack))
    return [Target(each, shown=pack / found.evidence.name / each.name) for each in inside]


def _parents(found: UnpackedEvidence) -> list[Path]:
    """Return where earlier runs lie; nothing where the pack has none that is named as a parent."""
    inside = find_evidence(found.evidence)
    manifests = [manifest for each in inside if (manifest := _manifest(each))]
    parents = declared_parents(manifests, [found.parents])
    return list(dict.fromkeys((*inside, *(each.path for each in parents)))) if parents else []


def _manifest(path: Path) -> FoundManifest | None:
    try:
        return read_manifest(path)
    except AuditkitError:  # for verification to report
        return None
