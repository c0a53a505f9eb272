"""What DVC says of a data set, where its files were read from, and whether the two agree."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.manifest.model import Dataset, DvcOrigin, DvcPlaces, DvcVersion
from auditkit.reports.blocks import Fact
from auditkit.reports.language import Language
from auditkit.reports.text import plain
from auditkit.reports.view.basis import mark
from auditkit.reports.wording import basis_badge

_MOST_NAMES = 10


def dvc_facts(say: Language, record: Dataset) -> Iterator[Fact]:
    """Yield the facts about data that DVC tracks; nothing for other data."""
    version = record.dvc
    if version is None:
        return
    observed = basis_badge(say, "observed")
    pointer = mark(say, record, "/dvc/pointer")
    yield Fact(say("Tracked by DVC in"), _pointer(say, version), "code", pointer)
    if version.md5 is not None:
        label = say("MD5 by DVC")
        if version.hash != "md5":
            label = say("MD5 by DVC 2, line ends as \\n")
        yield Fact(label, version.md5, "digest", mark(say, record, "/dvc/md5"))
    places = _places(say, version.read_from, version.remote)
    yield Fact(say("Read from"), places, "text", observed)
    yield Fact(say("Bytes have DVC's MD5"), _agreement(say, version), "text", observed)
    if version.origin is not None:
        origin = mark(say, record, "/dvc/origin")
        yield Fact(say("Imported from"), _origin(say, version.origin), "code", origin)


def _pointer(say: Language, version: DvcVersion) -> str:
    parts = [plain(version.pointer)]
    if version.stage:
        parts.append(say("stage {stage}", stage=plain(version.stage)))
    at = version.revision
    if at:
        requested, commit = plain(at.requested), plain(at.commit)
        parts.append(say("at {revision} (commit {commit})", revision=requested, commit=commit))
    return ", ".join(parts)


def _places(say: Language, places: DvcPlaces, remote: str | None) -> str:
    named = (
        (places.workspace, say("the workspace")),
        (places.cache, say("DVC's cache")),
        (places.remote, say("DVC's remote {name}", name=plain(remote or ""))),
    )
    return ", ".join(
        f"{where}: {say.count(files, '{number} file', '{number} files')}"
        for files, where in named
        if files
    )


def _agreement(say: Language, version: DvcVersion) -> str:
    if version.agrees is None:
        return say("could not be told")
    if version.agrees:
        return say("yes")
    named = plain(", ".join(version.differing[:_MOST_NAMES]))
    if not named:
        return say("no")
    files = say.count(version.differing_count, "{number} file", "{number} files")
    more = ", …" if version.differing_count > _MOST_NAMES else ""
    return say("no: {files} ({names})", files=files, names=f"{named}{more}")


def _origin(say: Language, origin: DvcOrigin) -> str:
    text = plain(origin.path)
    if origin.repository:
        text = say("{path} in {repository}", path=text, repository=plain(origin.repository))
    if origin.revision:
        text = say("{path} at {revision}", path=text, revision=plain(origin.revision))
    return text
