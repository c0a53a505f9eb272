"""Everything that a PDF report carries: the evidence, the report as data, and a list of digests."""

from __future__ import annotations

from typing import Final

import msgspec

from auditkit.digests import sha256_hex
from auditkit.evidence import Attachment, Evidence
from auditkit.reports.attached import all_attachments
from auditkit.reports.data import render_json
from auditkit.reports.options import ReportOptions
from auditkit.schemes import HASHES_SCHEMA, JSON_MEDIA_TYPE

DATA_NAME: Final = "evidence.json"
HASHES_NAME: Final = "hashes.json"


class Hashes(msgspec.Struct, frozen=True, kw_only=True):
    """The files that a PDF report carries, by name, with their SHA-256 in hex.

    The list itself is not among them; whoever signs the PDF signs it. `typesetting` names what the
    pages were set with: where it is the same, the same data gives the same bytes.
    """

    schema: str = HASHES_SCHEMA
    files: dict[str, str]
    typesetting: str


def handed_over(evidence: Evidence, options: ReportOptions) -> tuple[Attachment, ...]:
    """Return all files but the list of their digests; the report as data is the last."""
    data = Attachment(
        name=DATA_NAME,
        media_type=JSON_MEDIA_TYPE,
        description="This report as data",
        content=render_json(evidence, options),
    )
    return (*all_attachments(evidence, options), data)


def with_hashes(attachments: tuple[Attachment, ...], typesetting: str) -> tuple[Attachment, ...]:
    """Return the files with the list of their digests as the last one."""
    files = {each.name: sha256_hex(each.content) for each in attachments}
    hashes = Hashes(files=files, typesetting=typesetting)
    listed = Attachment(
        name=HASHES_NAME,
        media_type=JSON_MEDIA_TYPE,
        description="SHA-256 of every other attachment",
        content=msgspec.json.format(msgspec.json.encode(hashes), indent=1) + b"\n",
    )
    return (*attachments, listed)
