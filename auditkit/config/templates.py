"""The folder with a team's own templates, read once and whole."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from auditkit.config.settings import Settings
from auditkit.errors import ConfigError
from auditkit.reports.templates import INDEX, Templates, read_index, read_templates

_MOST_BYTES: Final = 1024 * 1024


def templates_from(settings: Settings, flag: Path | None = None) -> Templates | None:
    """Return the templates in the folder that the flag or `[report] templates` names.

    Raises:
        ConfigError: a file is missing, too large, leads out of the folder, or is wrong; see
            `read_templates`.
    """
    stated = settings.file.report.templates
    if flag is None and stated is None:
        return None
    folder = flag if flag is not None else settings.root / Path(stated or "").expanduser()
    content = _read(folder, INDEX)
    names = read_index(content, str(folder / INDEX)).names
    files = {INDEX: content, **{name: _read(folder, name) for name in names}}
    return read_templates(files, f"{folder}/")


def _read(folder: Path, name: str) -> bytes:
    """Return a file's content; a link may lead about in the folder, not out of it."""
    path = folder / name
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve(strict=True)):
            raise ConfigError("leads out of the folder of templates", path=str(path))
        if not path.is_file():
            raise ConfigError("not a file", path=str(path))
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})",
            path=str(path),
            hint=f"A folder of templates holds {INDEX}, and the files that it names.",
        ) from error
    if len(content) > _MOST_BYTES:
        raise ConfigError("larger than 1 MiB", path=str(path))
    return content
