"""Control packs as flags and configuration name them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auditkit.config.settings import Settings
from auditkit.controls.assess import Framework
from auditkit.controls.facts import Check
from auditkit.controls.load import PACK_SUFFIX, choose, known_packs
from auditkit.controls.pack import Pack
from auditkit.errors import ConfigError
from auditkit.verification.catalog import CHECKS


def known_packs_from(settings: Settings) -> dict[str, Pack]:
    """Return the packs that come with auditkit and those of `[report] packs`, by id.

    Raises:
        ConfigError: a file is not a pack, names an unknown check, or takes the id of another.
    """
    packs = known_packs(_path(settings, text) for text in settings.file.report.packs)
    for pack in packs.values():
        check_pack(pack)
    return packs


def frameworks_from(settings: Settings, names: Sequence[str] = ()) -> tuple[Framework, ...]:
    """Return the frameworks that `names` say (ids, or files), or else `[report] frameworks`.

    Raises:
        ConfigError: no pack has the id, a file is not a pack, or a control is set aside that
            its pack does not have.
    """
    configured = settings.file.report
    chosen = names or tuple(
        str(_path(settings, text)) if text.endswith(PACK_SUFFIX) else text
        for text in configured.frameworks
    )
    packs = choose(chosen, known_packs_from(settings))
    for pack in packs:
        check_pack(pack)
    return tuple(
        Framework(pack, _set_aside(pack, configured.not_applicable.get(pack.id, {})))
        for pack in packs
    )


def check_pack(pack: Pack) -> None:
    """Raise ConfigError if `pack` names a check that verification does not have."""
    known = {*CHECKS, *(name.partition(".")[0] for name in CHECKS)}
    for control in pack.controls:
        for fact in control.evidence:
            if isinstance(fact, Check) and fact.id not in known:
                raise ConfigError(
                    f"{pack.id}, {control.id}: there is no check {fact.id!r}",
                    hint="auditkit explain lists the checks.",
                )


def _set_aside(pack: Pack, reasons: dict[str, str]) -> dict[str, str]:
    for name in reasons:
        if pack.find(name) is None:
            raise ConfigError(
                f"[report.not-applicable.{pack.id}] {name!r} is no control of this pack",
                hint=f"auditkit controls show {pack.id} lists them.",
            )
    return reasons


def _path(settings: Settings, text: str) -> Path:
    return settings.root / Path(text).expanduser()
