"""The graph of runs and data, joined by content: pure functions over what manifests say.

A run that read what another run wrote comes after it, whatever both call the data. What content
cannot show is declared by `--parent`. Nothing here says that a manifest is authentic.
"""

from auditkit.lineage.extract import run_record
from auditkit.lineage.model import CitedData, DataKey, DataUse, ParentLink, RunRecord
from auditkit.lineage.records import MemoryRecords, Records
from auditkit.lineage.walk import walk

__all__ = [
    "CitedData",
    "DataKey",
    "DataUse",
    "MemoryRecords",
    "ParentLink",
    "Records",
    "RunRecord",
    "run_record",
    "walk",
]
