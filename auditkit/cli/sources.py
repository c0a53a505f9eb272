"""Which manifests a question is about: those in the registry, else those in the evidence folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from auditkit.api.open_index import RegistryIndex, open_registry_index
from auditkit.cli.output import plain, stderr
from auditkit.cli.registryopts import log_option, registry_option, trust_option
from auditkit.config import log_trust_from, policy_from, registry_from, user_cache_dir
from auditkit.config.settings import Settings
from auditkit.errors import UsageError
from auditkit.execution.progress import Progress
from auditkit.index.folder import FolderSource
from auditkit.index.index import Index, open_index

no_registry_option = click.option(
    "--no-registry", is_flag=True, help="Ask no registry, even if one is configured."
)

SOURCE_OPTIONS = (registry_option, no_registry_option, trust_option, log_option)


@dataclass(frozen=True, slots=True)
class SourceFlags:
    """Flags that name the registry, and by whose word it counts."""

    registry: str | None
    no_registry: bool
    trust: str | None
    logs: tuple[str, ...]

    def names_registry(self, settings: Settings) -> bool:
        """Return whether there is a registry to ask.

        Raises:
            UsageError: one is named, and none is to be asked.
        """
        if self.registry is not None and self.no_registry:
            raise UsageError("--registry and --no-registry", hint="Leave out one of them.")
        return not self.no_registry and settings.registry(self.registry) is not None


@contextmanager
def opened_index(settings: Settings, flags: SourceFlags, progress: Progress) -> Iterator[Index]:
    """Yield the index over the registry if there is one, else over the evidence folder.

    Raises as `open_registry_index` and `registry_from`.
    """
    if flags.names_registry(settings):
        with opened_registry(settings, flags, progress) as found:
            yield found.index
        return
    source = FolderSource(settings.evidence_dir)
    with open_index(source, user_cache_dir(settings.environ)) as index:
        yield index


@contextmanager
def opened_registry(
    settings: Settings, flags: SourceFlags, progress: Progress
) -> Iterator[RegistryIndex]:
    """Yield the index over the registry; says so where nothing shows whose the log is.

    Raises as `open_registry_index` and `registry_from`.
    """
    registry = registry_from(settings, flags.registry)
    trust = log_trust_from(settings, flags.logs, trust=policy_from(settings, flags.trust))
    cache = user_cache_dir(settings.environ)
    with open_registry_index(registry, trust, cache=cache, progress=progress) as found:
        if not found.authentic:
            text = "note: no log is trusted, so nothing shows whose registry this is"
            stderr().print(plain(text), style="yellow", markup=False)
        yield found
