"""Write a pack: what an outsider needs to check evidence offline, in one file.

Each section below says which files it adds; what a pack is made of is their union.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auditkit import resources
from auditkit.api.pack_log import PackedLog, packed_log
from auditkit.api.staging import Stage
from auditkit.datasets.inventory import read_inventory
from auditkit.digests import sha256_hex
from auditkit.errors import SidecarError
from auditkit.evidence import Evidence, RunEvidence
from auditkit.findings import encode_verdict
from auditkit.manifest.model import Dataset
from auditkit.reports.options import ReportOptions
from auditkit.schemes import PACK_FORMAT, PACK_MARK
from auditkit.stores.archive import Contents, write_archive
from auditkit.stores.atomic import replace_with
from auditkit.stores.evidence_pack import PARENTS, Section
from auditkit.trust.load import PolicyTrust
from auditkit.trust.rules import TrustSource
from auditkit.verification.log_view import LogView


@dataclass(frozen=True, slots=True)
class PackResult:
    """A pack that was written: how many files and bytes, and what was left out of it."""

    path: Path
    files: int
    bytes: int
    left_out: tuple[str, ...]


def pack(
    stage: Stage,
    evidence: Evidence,
    output: Path,
    *,
    options: ReportOptions,
    trust: TrustSource | None = None,
    log: LogView | None = None,
) -> PackResult:
    """Write the evidence of `stage` with its verdict, its report and how to check it.

    The same evidence, verdict, options and trust give the same bytes, where `log` asks no
    registry. Keys and policy of `trust` are in it to be looked at; nothing ever uses them.

    Raises:
        RenderError: the report or the README could not be rendered.
        LogError: the registry's tiles do not prove that the runs are in it.
        StoreError: the registry cannot be reached any more.
        StorageError: it could not be written, or is too large for an archive.
    """
    logged = packed_log(stage, evidence, log)
    files = {
        PACK_MARK: f"{PACK_FORMAT}\n".encode,
        **dict(_evidence(stage)),
        **dict(logged.files()),
        **dict(_inventories(stage, evidence)),
        **dict(_report(evidence, options)),
        **dict(_schema()),
        **dict(_for_information(evidence, trust)),
        **dict(logged.for_information()),
        **dict(_readme(stage, evidence, output.name, trust, logged)),
    }
    files["SHA256SUMS"] = partial(_sums, dict(files))
    replace_with(output, lambda file: write_archive(file, files))
    return PackResult(output, len(files), output.stat().st_size, stage.left_out)


def _evidence(stage: Stage) -> Section:
    for path in stage.root.rglob("*"):
        if path.is_file():
            yield path.relative_to(stage.root).as_posix(), path.read_bytes


def _inventories(stage: Stage, evidence: Evidence) -> Section:
    """Yield the lists of files as `sha256sum` prints them, of the runs that are authenticated."""
    for run, target in zip(evidence.runs, stage.targets, strict=True):
        for dataset in _datasets(run):
            path = target.path / dataset.inventory.list.name
            content = path.read_bytes() if path.is_file() else b""
            if sha256_hex(content) == dataset.inventory.list.sha256:
                name = f"inventories/{target.path.name}/{dataset.name}.sha256"
                yield name, partial(_listed, path)


def _datasets(run: RunEvidence) -> tuple[Dataset, ...]:
    return run.statement.predicate.datasets if run.statement else ()


def _listed(path: Path) -> bytes:
    try:
        entries = read_inventory(path.read_bytes())
    except SidecarError:  # signed as it is, and none: the report says so
        return b""
    return "".join(f"{each.sha256}  {each.path}\n" for each in entries).encode()


def _report(evidence: Evidence, options: ReportOptions) -> Section:
    from auditkit.reports import render

    yield "report.html", _made(render(evidence, "html", options))
    yield "verdict.json", _made(encode_verdict(evidence.verdict))


def _schema() -> Section:
    name = "manifest.v1.json"
    yield f"schemas/{name}", resources.schema(name).read_bytes


def _for_information(evidence: Evidence, trust: TrustSource | None) -> Section:
    """Yield the keys that made the signatures, and the policy; verification never reads them."""
    if trust is None:
        return
    used = {each.keyid for run in evidence.runs for each in run.signatures}
    for run in evidence.runs:
        used |= {keyid for each in run.verdict.approvals for keyid in each.keyids}
    for _, key in trust.rules.all_keys():
        if key.public_key.keyid in used:
            name = f"for-information/keys/{key.public_key.keyid[:16]}.pub"
            yield name, key.public_key.pem
    if isinstance(trust, PolicyTrust):
        yield "for-information/trust.toml", lambda: trust.content


def _readme(
    stage: Stage, evidence: Evidence, file: str, trust: TrustSource | None, logged: PackedLog
) -> Section:
    from auditkit.reports.readme import render_readme

    text = render_readme(
        evidence,
        [target.path.name for target in stage.targets],
        file=file,
        parents=(stage.root / PARENTS).is_dir(),
        policy=isinstance(trust, PolicyTrust),
        log=bool(logged.checkpoints),
        left_out=stage.left_out,
    )
    yield "README.txt", _made(text)


def _made(content: bytes) -> Contents:
    return partial(bytes, content)


def _sums(files: dict[str, Contents]) -> bytes:
    lines = (f"{sha256_hex(content())}  {name}\n" for name, content in sorted(files.items()))
    return "".join(lines).encode()
