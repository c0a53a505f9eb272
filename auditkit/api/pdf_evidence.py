"""The evidence that a PDF report carries, laid out in folders while it is looked at.

Which file is which follows from their names alone; what they are worth is for verification to say.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from auditkit.api.targets import Target
from auditkit.api.verify import POLICY_NAME
from auditkit.errors import NothingToVerifyError, PdfError
from auditkit.reports.attached import PACK_PREFIX, TEMPLATE_PREFIX, VERDICT_NAME
from auditkit.reports.handed import DATA_NAME, HASHES_NAME
from auditkit.schemes import BUNDLE_SUFFIX, MANIFEST_BUNDLE, NAME_PATTERN
from auditkit.stores.atomic import storage_error
from auditkit.stores.evidence import ATTACHED_NAME
from auditkit.stores.pdf import PdfContent, read_pdf
from auditkit.stores.writing import SIDECAR_FOLDER_SUFFIX

_ABOUT_REPORT: Final = {VERDICT_NAME, DATA_NAME, HASHES_NAME, POLICY_NAME}
_OTHER_PREFIXES: Final = (PACK_PREFIX, TEMPLATE_PREFIX)
_PREFIXED: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|target-\d{1,6})\.(.+)")
_FILE: Final = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class OpenedPdf:
    """A PDF report with its attachments by name; `targets` are the runs whose evidence it has.

    `content` is None where it could not be read, and `problem` then says why. `repeated` are names
    that more than one attachment has, of which `files` has the first.
    """

    path: Path
    content: PdfContent | None
    problem: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()


@contextmanager
def opened_pdf(path: Path) -> Iterator[OpenedPdf]:
    """Yield what the PDF at `path` carries, in a folder that is removed afterwards.

    Raises:
        NothingToVerifyError: a PDF that has nothing of a report.
        UnreadableError: the operating system refused to read it.
        StorageError: there is no room to take the attachments out.
        MissingDependencyError: the extra that reads PDF is not installed.
    """
    with TemporaryDirectory(prefix="auditkit-") as scratch:
        yield _opened(path, Path(scratch))


def _opened(path: Path, scratch: Path) -> OpenedPdf:
    held = scratch / "files"
    held.mkdir()
    try:
        content = read_pdf(path, held)
    except PdfError as error:
        return OpenedPdf(path, None, error.message)
    files: dict[str, Path] = {}
    for each in content.attachments:
        files.setdefault(each.name, held / each.file)
    counts = Counter(each.name for each in content.attachments)
    try:
        targets = tuple(_laid_out(path, files, scratch / "evidence"))
    except OSError as error:
        raise storage_error(error, scratch) from error
    if not targets and not content.signatures and HASHES_NAME not in files:
        raise NothingToVerifyError(
            "this PDF carries no evidence and is not signed",
            hint="Name a report that auditkit wrote, or an evidence folder.",
            path=str(path),
        )
    repeated = tuple(sorted(name for name, count in counts.items() if count > 1))
    return OpenedPdf(path, content, "", files, repeated, targets)


def _laid_out(pdf: Path, files: Mapping[str, Path], parent: Path) -> Iterator[Target]:
    for run, own in sorted(_by_run(files).items()):
        bundles = [name for name in own if _is_bundle(name)]
        if not bundles:
            continue
        folder = parent / (run or "run")
        main = MANIFEST_BUNDLE
        if not any(name.startswith("manifest.") for name in bundles):
            main = min(bundles, key=lambda name: (len(name), name))
        aside = folder / (main.removesuffix(BUNDLE_SUFFIX) + SIDECAR_FOLDER_SUFFIX)
        free = main != MANIFEST_BUNDLE
        for each in (folder, *((aside,) if free else ())):
            each.mkdir(parents=True)
        for name, file in own.items():
            beside = not free or name in bundles or name.startswith(main[: -len(BUNDLE_SUFFIX)])
            os.link(file, (folder if beside else aside) / name)
        shown = pdf / (run or MANIFEST_BUNDLE)
        yield Target(folder / main if free else folder, shown=shown)


def _by_run(files: Mapping[str, Path]) -> dict[str, dict[str, Path]]:
    """Return the files of each run, by the prefix that a report about several gives them."""
    found: dict[str, dict[str, Path]] = {}
    for name, file in files.items():
        match = _PREFIXED.fullmatch(name)
        run, own = (match[1], match[2]) if match else ("", name)
        about = not run and (name in _ABOUT_REPORT or name.startswith(_OTHER_PREFIXES))
        if not about and len(own) <= 200 and _FILE.fullmatch(own):
            found.setdefault(run, {})[own] = file
    return found


def _is_bundle(name: str) -> bool:
    return name.endswith(BUNDLE_SUFFIX) and ATTACHED_NAME.fullmatch(name) is None
