"""Verify evidence: one verdict over all targets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from auditkit.api.targets import Target
from auditkit.digests import sha256_hex
from auditkit.errors import UsageError
from auditkit.evidence import Attachment, Evidence, RunEvidence
from auditkit.findings import TargetVerdict, Tool, Trust, Verdict, decode_verdict, overall
from auditkit.provenance.identity import utc_now
from auditkit.stores.evidence import EvidenceFolder
from auditkit.stores.listing import Listings
from auditkit.trust.load import PolicyTrust
from auditkit.verification.ancestry import Ancestry
from auditkit.verification.engine import verify_folder
from auditkit.verification.options import VerifyOptions
from auditkit.version import __version__

POLICY_NAME = "trust-policy.toml"
_MAX_VERDICT_BYTES = 256 * 1024 * 1024


def verify(targets: Iterable[Target], options: VerifyOptions) -> Evidence:
    """Check every target and return the verdict with the verified evidence.

    Each target is asked for once the one before has been checked, so that `all_targets` can hand
    out what lies in a registry.

    Raises:
        UsageError: `only` or `data` names no data set of any authenticated target.
    """
    runs = tuple(_verified(targets, options))
    check_names((recorded_names(run) for run in runs), options)
    verdict = _verdict([run.verdict for run in runs], options)
    policy = _policy(options, verdict.trust)
    return Evidence(verdict=verdict, runs=runs, verified_now=True, policy=policy)


def judge(targets: Iterable[Target], options: VerifyOptions) -> Verdict:
    """Check every target and return the verdict alone, with one manifest in memory at a time.

    Each target is asked for once the one before has been checked.

    Raises as `verify` does.
    """
    kept = [(run.verdict, recorded_names(run)) for run in _verified(targets, options)]
    check_names((names for _, names in kept), options)
    return _verdict([verdict for verdict, _ in kept], options)


def evidence_for_verdict(
    verdict_file: Path, targets: Sequence[Target], options: VerifyOptions
) -> Evidence:
    """Return an earlier verdict with the manifests it is about; no data is read.

    Raises:
        UsageError: the file is not a verdict, or is about other manifests than `targets`.
    """
    verdict = read_verdict(verdict_file)
    options = replace(options, log=None)
    by_manifest = {each.manifest: each for each in verdict.targets if each.manifest}
    ancestry = _ancestry(options)
    listings = Listings()
    runs = []
    for target in targets:
        folder = EvidenceFolder.open(target.path, listings)
        found = verify_folder(folder, shown_source(target), options, ancestry=ancestry, data=False)
        earlier = by_manifest.get(f"sha256:{found.manifest_digest}")
        if earlier is None:
            raise UsageError(
                f"the verdict is not about {target.path}",
                path=str(verdict_file),
                hint="Verify again, or name the evidence that this verdict is about.",
            )
        runs.append(msgspec.structs.replace(found, verdict=earlier))
    policy = _policy(options, verdict.trust)
    return Evidence(verdict=verdict, runs=tuple(runs), verified_now=False, policy=policy)


def read_verdict(path: Path) -> Verdict:
    """Return the verdict stored at `path`; raises UsageError if it is not one."""
    try:
        if path.stat().st_size > _MAX_VERDICT_BYTES:
            raise UsageError("too large for a verdict", path=str(path))
        return decode_verdict(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"not a verdict ({error})",
            path=str(path),
            hint="Make one with auditkit verify --json > verdict.json.",
        ) from error


def no_trust() -> Trust:
    """Return the trust of a verification without any key."""
    return Trust(
        kind="none", source="none", note="no key was given; nothing shows who made the evidence"
    )


def _policy(options: VerifyOptions, named: Trust) -> Attachment | None:
    """Return the trust policy if it is the one that a verdict names."""
    trust = options.trust
    if not isinstance(trust, PolicyTrust) or sha256_hex(trust.content) != named.sha256:
        return None
    return Attachment(
        name=POLICY_NAME,
        media_type="application/toml",
        description="Trust policy of the verifier",
        content=trust.content,
    )


def _verified(targets: Iterable[Target], options: VerifyOptions) -> Iterator[RunEvidence]:
    ancestry, listings = _ancestry(options), Listings()
    for target in targets:
        folder = EvidenceFolder.open(target.path, listings)
        yield verify_folder(folder, shown_source(target), options, ancestry=ancestry)


def _ancestry(options: VerifyOptions) -> Ancestry | None:
    if not options.parents:
        return None
    return Ancestry(options.parents, options.trust, options.now)


def shown_source(target: Target) -> str:
    """Return how a target is shown: its path, and why it was chosen."""
    named = target.shown or target.path
    path = os.path.relpath(named)
    shown = str(named) if path.startswith("..") else path
    return f"{shown} ({target.matched})" if target.matched else shown


def _verdict(targets: Sequence[TargetVerdict], options: VerifyOptions) -> Verdict:
    return Verdict(
        status=overall(target.status for target in targets),
        tool=Tool(name="auditkit", version=__version__),
        verified_at=utc_now(),
        mode=options.mode,
        trust=options.trust.describe() if options.trust else no_trust(),
        targets=tuple(targets),
        only=tuple(sorted(options.only)),
        against=options.against,
    )


def recorded_names(run: RunEvidence) -> tuple[str, ...] | None:
    """Return the names of a run's data sets; None where it was not authenticated."""
    if run.statement is None:
        return None
    return tuple(dataset.name for dataset in run.statement.predicate.datasets)


def check_names(recorded: Iterable[tuple[str, ...] | None], options: VerifyOptions) -> None:
    """Raise UsageError if `only` or `data` names no data set that is recorded in any run."""
    authenticated = [names for names in recorded if names is not None]
    if not authenticated:
        return
    known = {name for names in authenticated for name in names}
    for name in sorted((options.only | options.data.keys()) - known):
        raise UsageError(
            f"no data set or output is named {name!r}",
            hint=f"Recorded names: {', '.join(sorted(known)) or 'none'}.",
        )
