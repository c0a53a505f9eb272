"""Everything there is to verify, in a registry or under a folder, as far as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from auditkit.api.registry_evidence import RegistryEvidence
from auditkit.api.selection import Selection
from auditkit.api.targets import FoundManifest, Target, read_manifest
from auditkit.errors import AuditkitError, ConfigError, LogError
from auditkit.registry.log import Log
from auditkit.stores.evidence import EvidenceFolder, find_evidence
from auditkit.verification.log_view import LogView
from auditkit.verification.options import VerifyOptions

_NAME_IT: Final = (
    "Name the log's key with --log or in the trust policy; --no-registry verifies what is here."
)


def all_targets(
    evidence_dir: Path, options: VerifyOptions, selection: Selection
) -> Iterator[Target]:
    """Yield every manifest in the registry of `options`, or under `evidence_dir` without one.

    What cannot be read is never left out: that is what verification has to tell.

    Raises:
        TargetNotFoundError: there is no registry.
        ConfigError: no log is trusted.
        LogError: the log is not one that is trusted, or its entries do not add up.
        StoreError: the registry refused or cannot be reached.
        UnreadableError: the operating system refused.
    """
    view = options.log
    if view is None or view.registry is None:
        yield from _in_folder(evidence_dir, options, selection)
        return
    log, objection = _log(view)
    if log is None:
        view.registry.head()  # raises where the place cannot be read, which says nothing of a log
        if not view.trust.logs:
            raise ConfigError(f"{objection}, nor what is in it", hint=_NAME_IT)
        raise LogError(
            f"what is in this registry is not known: {objection}",
            hint=_NAME_IT,
            path=view.registry.store.location,
        )

    def wanted(found: FoundManifest, folder: EvidenceFolder) -> bool:
        return _is_due(found, folder, options, selection)

    nothing = True
    for target in RegistryEvidence(view.registry, log).targets(selection.takes, wanted):
        nothing = False
        yield target
    if nothing and objection:
        raise LogError(objection, path=view.registry.store.location)


def _log(view: LogView) -> tuple[Log | None, str]:
    """Return the log if it is authentic, and what speaks against it, or nothing."""
    opened = view.opened
    if opened is None:
        return None, "it was not read"
    bad = [each.detail for each in opened.findings if each.status in {"failed", "indeterminate"}]
    return opened.log, bad[0] if bad else ""


def _in_folder(
    evidence_dir: Path, options: VerifyOptions, selection: Selection
) -> Iterator[Target]:
    for path in find_evidence(evidence_dir):
        try:
            found, folder = read_manifest(path), EvidenceFolder.open(path)
            project = found.field("run", "project")
            if not selection.takes(project, found.field("capture", "createdAt")):
                continue
            if not _is_due(found, folder, options, selection):
                continue
        except AuditkitError:
            pass
        yield Target(path)


def _is_due(
    found: FoundManifest, folder: EvidenceFolder, options: VerifyOptions, selection: Selection
) -> bool:
    rules = options.trust.rules if options.trust else None
    return selection.is_due(found, folder, rules, options.now)
