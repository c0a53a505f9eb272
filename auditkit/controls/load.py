"""Packs that come with auditkit, and a team's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from auditkit.controls.pack import MAX_PACK_BYTES, Pack, decode_pack
from auditkit.errors import ConfigError

PACK_SUFFIX: Final = ".toml"


def builtin_packs() -> dict[str, Pack]:
    """Return the packs that come with auditkit by id, in the order of their ids."""
    folder = files("auditkit.controls") / "packs"
    texts = sorted((each.name, each.read_bytes()) for each in folder.iterdir())
    packs = [decode_pack(data) for name, data in texts if name.endswith(PACK_SUFFIX)]
    return {each.id: each for each in packs}


def load_pack(path: Path) -> Pack:
    """Return the pack in the file at `path`.

    Raises:
        ConfigError: it cannot be read, or is not a pack.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PACK_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"the control pack cannot be read ({error.strerror})", path=str(path)
        ) from error
    if len(data) > MAX_PACK_BYTES:
        raise ConfigError("larger than 1 MiB", path=str(path))
    try:
        return decode_pack(data)
    except ConfigError as error:
        raise ConfigError(error.message, hint=error.hint, path=str(path)) from error


def known_packs(own: Iterable[Path]) -> dict[str, Pack]:
    """Return the packs that come with auditkit, and those in the files `own`.

    Raises:
        ConfigError: a file is not a pack, or has the id of another one.
    """
    packs = builtin_packs()
    for path in own:
        pack = load_pack(path)
        if pack.id in packs:
            raise ConfigError(
                f"there is another pack with the id {pack.id!r}",
                hint="Give your own pack an id of its own.",
                path=str(path),
            )
        packs[pack.id] = pack
    return packs


def choose(names: Iterable[str], packs: Mapping[str, Pack]) -> tuple[Pack, ...]:
    """Return the packs that `names` say, each once: ids among `packs`, or paths of files.

    Raises:
        ConfigError: no pack has that id, or the file is not a pack.
    """
    chosen = {}
    for name in names:
        pack = load_pack(Path(name)) if name.endswith(PACK_SUFFIX) else packs.get(name)
        if pack is None:
            raise ConfigError(
                f"no control pack has the id {name!r}",
                hint=f"Known ones: {', '.join(packs)}. A file of your own ends in {PACK_SUFFIX}.",
            )
        chosen[pack.id] = pack
    return tuple(chosen.values())
