"""One pass over a data set's bytes: digests for all of it, rows and columns of tables."""

from __future__ import annotations

from collections.abc import Collection

from auditkit.datasets.base import ContentRequest, Plan, Scan, ScanMode
from auditkit.datasets.file_scan import scan_files
from auditkit.datasets.names import printable
from auditkit.digests import FurtherDigest, in_order
from auditkit.execution.executor import Executor
from auditkit.execution.progress import Progress
from auditkit.manifest.model import Dataset


def scan(
    plan: Plan,
    *,
    executor: Executor,
    progress: Progress,
    mode: ScanMode = "full",
    recorded: Dataset | None = None,
    content: ContentRequest | None = None,
    further: Collection[FurtherDigest] = (),
    collect: bool = False,
) -> Scan:
    """Read the files of a plan once and return what they hold.

    Every file gets `further` digests beside its SHA-256, in the same pass.

    In `metadata` mode nothing but the footers of local Parquet and Arrow files is read; the rows
    and schema of other tables then stay unknown. With `recorded`, text is read under the recorded
    dialect and types instead of inferred ones, and so is the content digest that `content` asks
    for of a table. `progress` is started and finished here.

    With `collect`, whatever goes wrong with a file becomes a problem beside those of the plan:
    a file that cannot be read has no entry, one that is no readable table has an entry without
    rows. `rows` is None unless all data files were counted.

    Raises:
        FileChangedError: a file is not as planned, or changed while it was read.
        UnreadableError: the operating system failed.
        TableFormatError: a data file is no readable table, or the files are not one table.
        MissingDependencyError: a further digest whose extra is not installed.
    """
    progress.start(
        printable(plan.location.rpartition("/")[2]),
        total_bytes=plan.bytes if mode == "full" else None,
        total_files=len(plan.parts),
    )
    try:
        if plan.reading == "files" or (mode == "metadata" and plan.s3 is not None):
            return scan_files(
                plan,
                executor=executor,
                progress=progress,
                mode=mode,
                further=in_order(further),
                collect=collect,
            )
        from auditkit.datasets.part_reading import BatchReader  # noqa: PLC0415 -- 80 ms
        from auditkit.datasets.table_scan import TableScan  # noqa: PLC0415

        reader = BatchReader(progress, collect)
        return TableScan(plan, executor, reader, mode, in_order(further)).run(recorded, content)
    finally:
        progress.finish()
