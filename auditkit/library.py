"""The Python interface: the same settings as the command line, for use inside training code."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from auditkit.api.capture import OnError, RunCapture
from auditkit.api.opening import opened_targets
from auditkit.api.options import CaptureOptions
from auditkit.api.record import Recording, RecordResult
from auditkit.api.record import record as record_evidence
from auditkit.api.render import render as render_evidence
from auditkit.api.sign import sign as sign_manifest
from auditkit.api.targets import find_manifest
from auditkit.api.verify import verify as verify_targets
from auditkit.api.verify_pdf import with_reports
from auditkit.config import (
    Settings,
    load_settings,
    log_trust_from,
    log_view_from,
    recording_from,
    signers_from,
    stamping_from,
    trust_from,
)
from auditkit.datasets.references import parse_reference, unversioned
from auditkit.errors import ConfigError
from auditkit.evidence import Evidence
from auditkit.findings import Against
from auditkit.provenance.ci import is_primary_rank
from auditkit.signing.pades import Level
from auditkit.signing.signer import Signer
from auditkit.verification.options import Mode, VerifyOptions


def capture(
    project: str | None = None,
    *,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    parents: Sequence[str] = (),
    key: str | Sequence[str] | None = None,
    certificate: str | Sequence[str] | None = None,
    timestamp: str | Sequence[str] | None = None,
    sign: bool = True,
    record: bool | None = None,
    registry: str | None = None,
    on_error: OnError = "raise",
) -> RunCapture:
    """Record the training run in a `with` block.

    `project`, keys, declarations and evidence folder come from `auditkit.toml` and the
    environment where they are not given; data sets and outputs are those that the block names.
    Several keys make one signature each; `timestamp` names authorities (RFC 3161) to stamp them.
    `record` puts the evidence into the `registry`, given or configured; one that cannot be reached
    leaves a warning in the result. `on_error="warn"` keeps a problem with the evidence from failing
    a run that succeeded. Under torchrun, Slurm or MPI only rank 0 acts.

    Returns:
        The context; `run.dataset(...)`, `run.output(...)` and the rest record what it did.

    Raises:
        UsageError: no project name, no usable key (unless `sign=False`), or a wrong setting.
    """
    active = is_primary_rank(os.environ)
    settings = load_settings()
    project = project or settings.project
    if project is None:
        raise ConfigError(
            "the project has no name",
            hint="Use auditkit.capture(project=...), or run auditkit init.",
        )
    declarations = settings.file.declarations
    options = CaptureOptions(
        project=project,
        name=name or settings.file.name,
        root=settings.root,
        signers=_signers(settings, key, certificate) if sign and active else (),
        stamping=stamping_from(settings, _listed(timestamp)) if active else None,
        recording=_recording(settings, record, registry) if active else None,
        parameters=dict(params or {}),
        declarations=declarations.record() if declarations else None,
        parents=tuple(parents) if active else (),
        evidence_dir=settings.evidence_dir,
        variables=settings.file.capture.variables,
        s3=settings.s3,
    )
    return RunCapture(options, active=active, on_error=on_error)


def sign(
    path: str | Path,
    *,
    key: str | Sequence[str] | None = None,
    certificate: str | Sequence[str] | None = None,
) -> tuple[Path, ...]:
    """Sign the manifest at `path` with each key and return the paths of the bundles.

    See `auditkit.api.sign` for what is raised.
    """
    signers = _signers(load_settings(), key, certificate)
    return tuple(sign_manifest(Path(path), signer) for signer in signers)


def record(path: str | Path, *, registry: str | None = None) -> RecordResult:
    """Record the evidence at `path` in a registry, given or configured.

    Where the log's key is configured it is in the log at once, otherwise it waits. See
    `auditkit.api.record` for what is raised; recording again does no harm.
    """
    return record_evidence(Path(path), recording_from(load_settings(), registry))


def verify(
    *targets: str | Path,
    key: str | None = None,
    trust: str | Path | None = None,
    mode: Mode = "full",
    against: Against = "recorded",
    data: Mapping[str, str] | None = None,
    data_root: str | Path | None = None,
    only: Sequence[str] = (),
    repo: str | Path | None = None,
    registry: str | None = None,
) -> Evidence:
    """Check evidence as `auditkit verify` does and return it with its verdict.

    `trust` is a trust policy; `key` one public key that is trusted for everything. Without
    either, what is configured counts, as for the `registry`. With `against="latest"` tables with
    versions are read as they are now. Bad evidence is not an exception: look at
    `evidence.verdict.status`.

    Raises:
        TargetNotFoundError: a target names nothing.
        NothingToVerifyError: no target was given and there is no evidence.
        KeyFileError: the key cannot be read.
    """
    settings = load_settings()
    source = trust_from(settings, key, None if trust is None else str(trust))
    options = VerifyOptions(
        trust=source,
        data_root=Path(data_root or settings.root).resolve(),
        mode=mode,
        against=against,
        data={name: unversioned(parse_reference(text)) for name, text in (data or {}).items()},
        only=frozenset(only),
        repo=Path(repo) if repo is not None else None,
        log=log_view_from(settings, log_trust_from(settings, trust=source), registry),
        s3=settings.s3,
    )
    with opened_targets([str(target) for target in targets], settings.evidence_dir) as opened:
        options = replace(options, parents=opened.parents)
        evidence = verify_targets(opened.targets, options)
        verdict = with_reports(evidence.verdict, opened, options)
    return msgspec.structs.replace(evidence, verdict=verdict)


def render(
    evidence: Evidence,
    output: str | Path,
    *,
    frameworks: Sequence[str] = (),
    language: str | None = None,
    sign: str | None = None,
    certificate: str | Path | None = None,
    pades: Level | None = None,
    timestamp: str | Sequence[str] | None = None,
) -> Path:
    """Write a report (.html, .pdf or .json) and return its path; see `auditkit.api.render`.

    `frameworks` are ids or files of control packs; without any, those of `[report] frameworks`.
    `language` is `en` or `de`. `sign` is the URI of a key by which a PDF is signed, with its
    `certificate`, at the level `pades`, stamped by the first authority of `timestamp` to answer.
    """
    from auditkit.config.pades import pdf_signing_from  # noqa: PLC0415  as below
    from auditkit.config.report import report_options_from  # noqa: PLC0415  not for training

    settings = load_settings()
    options = report_options_from(settings, frameworks, language)
    if sign is None:
        return render_evidence(evidence, Path(output), options)
    signing = pdf_signing_from(
        settings,
        sign,
        certificate=None if certificate is None else Path(certificate),
        level=pades,
        timestamps=_listed(timestamp),
        trust=trust_from(settings),
    )
    return render_evidence(evidence, Path(output), options, signing)


def _recording(settings: Settings, record: bool | None, registry: str | None) -> Recording | None:
    wanted = registry is not None or settings.file.registry.record
    if not (wanted if record is None else record):
        return None
    return recording_from(settings, registry, in_a_hurry=True)


def commit_metadata(target: str | Path) -> dict[str, str]:
    """Return what to write into a commit of a table that a recorded run leads to.

    `target` is an evidence folder, a bundle, a run id or `PROJECT/latest`. Use it as
    `CommitProperties(custom_metadata=...)` of deltalake, or, in JSON, as `userMetadata` of Spark.
    The evidence is not verified here.

    Returns:
        `auditkit.manifest`, the manifest digest as `sha256:HEX`, and `auditkit.run`, the run's id.

    Raises:
        TargetNotFoundError: `target` names nothing, or several runs.
        EnvelopeError: the bundle is not well-formed.
    """
    found = find_manifest(str(target), load_settings().evidence_dir)
    run = found.field("run", "id")
    return {"auditkit.manifest": f"sha256:{found.digest}", "auditkit.run": str(run)}


def _signers(
    settings: Settings,
    key: str | Sequence[str] | None,
    certificate: str | Sequence[str] | None,
) -> tuple[Signer, ...]:
    return signers_from(settings, _listed(key), certificates=_listed(certificate))


def _listed(value: str | Sequence[str] | None) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
