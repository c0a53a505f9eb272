"""What is recorded of data that DVC tracks, once its bytes were read."""

from __future__ import annotations

from auditkit.datasets.base import Scan
from auditkit.datasets.dvc.pointers import Origin
from auditkit.datasets.dvc.version import TrackedVersion, compare
from auditkit.datasets.names import printable
from auditkit.errors import DataError
from auditkit.manifest.model import DvcOrigin, DvcPlaces, DvcVersion
from auditkit.provenance.redact import redact_url


def dvc_record(scan: Scan, version: TrackedVersion) -> DvcVersion:
    """Return what DVC says of the files of a scan, and whether their bytes agree."""
    tracked = version.resolved.tracked
    agreement = compare(version, scan.entries)
    return DvcVersion(
        pointer=version.resolved.pointer,
        stage=version.resolved.stage,
        md5=tracked.shown_md5,
        hash=tracked.algorithm,
        revision=version.revision,
        read_from=DvcPlaces(**version.read_from),
        remote=version.remote,
        agrees=agreement.agrees,
        differing=agreement.differing,
        differing_count=agreement.count,
        origin=_origin(tracked.origin),
    )


def check_agreement(record: DvcVersion) -> str | None:
    """Return a warning if the bytes are not those that DVC recorded, else None.

    Raises:
        DataError: a revision was asked for, and the bytes are not of that revision.
    """
    if record.agrees is not False:
        return None
    what = f"{_differing(record)} not what DVC recorded in {printable(record.pointer)}"
    if record.revision is None:
        return f"{what}; what was read is recorded"
    raise DataError(
        f"{what}, at {record.revision.requested}",
        hint="Restore it with dvc fetch or dvc checkout, or leave out @REVISION to record what "
        "is there.",
    )


def _differing(record: DvcVersion) -> str:
    if not record.differing:
        return "its files are"
    named = ", ".join(printable(path) for path in record.differing[:3])
    more = ", …" if record.differing_count > 3 else ""
    count = record.differing_count
    return f"1 file ({named}) is" if count == 1 else f"{count} files ({named}{more}) are"


def _origin(origin: Origin | None) -> DvcOrigin | None:
    """Return where data was imported from, without the credentials that an address may hold."""
    if origin is None:
        return None
    return DvcOrigin(
        path=redact_url(origin.path),
        repository=redact_url(origin.repository) if origin.repository else None,
        revision=origin.revision,
    )
