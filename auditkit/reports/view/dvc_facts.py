"""What DVC says of a data set, where its files were read from, and whether the two agree."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.manifest.model import Dataset, DvcOrigin, DvcPlaces, DvcVersion
from auditkit.reports.blocks import Fact
from auditkit.reports.text import count, plain
from auditkit.reports.view.basis import mark
from auditkit.reports.wording import BASIS

_MOST_NAMES = 10


def dvc_facts(record: Dataset) -> Iterator[Fact]:
    """Yield the facts about data that DVC tracks; nothing for other data."""
    version = record.dvc
    if version is None:
        return
    yield Fact("Tracked by DVC in", _pointer(version), "code", mark(record, "/dvc/pointer"))
    if version.md5 is not None:
        label = "MD5 by DVC" if version.hash == "md5" else "MD5 by DVC 2, line ends as \\n"
        yield Fact(label, version.md5, "digest", mark(record, "/dvc/md5"))
    yield Fact("Read from", _places(version.read_from, version.remote), "text", BASIS["observed"])
    yield Fact("Bytes have DVC's MD5", _agreement(version), "text", BASIS["observed"])
    if version.origin is not None:
        yield Fact("Imported from", _origin(version.origin), "code", mark(record, "/dvc/origin"))


def _pointer(version: DvcVersion) -> str:
    stage = f", stage {version.stage}" if version.stage else ""
    at = version.revision
    revision = f", at {at.requested} (commit {at.commit})" if at else ""
    return plain(f"{version.pointer}{stage}{revision}")


def _places(places: DvcPlaces, remote: str | None) -> str:
    named = (
        (places.workspace, "the workspace"),
        (places.cache, "DVC's cache"),
        (places.remote, f"DVC's remote {plain(remote or '')}"),
    )
    return ", ".join(f"{where}: {count(files, 'file')}" for files, where in named if files)


def _agreement(version: DvcVersion) -> str:
    if version.agrees is None:
        return "could not be told"
    if version.agrees:
        return "yes"
    named = plain(", ".join(version.differing[:_MOST_NAMES]))
    more = ", …" if version.differing_count > _MOST_NAMES else ""
    return f"no: {count(version.differing_count, 'file')} ({named}{more})" if named else "no"


def _origin(origin: DvcOrigin) -> str:
    repository = f" in {origin.repository}" if origin.repository else ""
    revision = f" at {origin.revision}" if origin.revision else ""
    return plain(f"{origin.path}{repository}{revision}")
