"""What a team adds to its reports: a logo, a colour, the wording of its assertion, sections.

The evidence's own sections are not among it: a team's files can add words, and change none.
"""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Final, NoReturn

import msgspec

from auditkit.errors import ConfigError

INDEX: Final = "report.toml"
"""The file of a folder of templates that says what the others are for."""

NAMES: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""Files lie side by side, so that no name can lead out of the folder."""

_HINT: Final = "See docs/guides/templates.md for what the folder holds."
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MOST_PIXELS: Final = 4000
_LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of any size."""

_PAPER: Final = {"accent": "#f4f6f8", "accent-dark": "#1d232a"}
"""The panels that the colour stands on, in light and in dark: the least contrast there is."""

Colour = Annotated[str, msgspec.Meta(pattern="^#[0-9a-fA-F]{6}$")]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class _Section(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    pass


class LogoEntry(_Section, frozen=True):
    """`[logo]`: a PNG file, and what it says to somebody who cannot see it."""

    file: str
    text: Title


class SectionEntry(_Section, frozen=True):
    """`[[sections]]`: the title of a section and the template that it is made from."""

    title: Title
    template: str


class Index(_Section, frozen=True):
    """`report.toml`."""

    accent: Colour | None = None
    accent_dark: Colour | None = None
    assertion: str | None = None
    logo: LogoEntry | None = None
    sections: tuple[SectionEntry, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The other files that are used, each once."""
        named = [self.logo.file] if self.logo else []
        named += [self.assertion] if self.assertion else []
        return tuple(dict.fromkeys([*named, *(each.template for each in self.sections)]))


class Templates(msgspec.Struct, frozen=True, kw_only=True):
    """A team's files by name, `report.toml` among them, and what that says."""

    index: Index
    files: dict[str, bytes]

    def text(self, name: str) -> str:
        """Return a template's source."""
        return self.files[name].decode()

    @property
    def logo(self) -> str | None:
        """The logo as a `data:` URL (RFC 2397)."""
        if self.index.logo is None:
            return None
        content = base64.b64encode(self.files[self.index.logo.file]).decode()
        return f"data:image/png;base64,{content}"


def read_index(content: bytes, where: str = INDEX) -> Index:
    """Return what `report.toml` says.

    Raises:
        ConfigError: it is not TOML, has an unknown or wrong field, a colour is too faint to read,
            or a name could lead elsewhere.
    """
    try:
        index = msgspec.convert(tomllib.loads(content.decode()), Index)
    except ValueError as error:  # TOML, UTF-8 and type errors alike
        raise ConfigError(f"{error}", path=where, hint=_HINT) from error
    for name in index.names:
        if not NAMES.fullmatch(name) or name == INDEX:
            _refuse(f"{name[:100]!r} is not the name of a file beside it", where)
    for field, colour in (("accent", index.accent), ("accent-dark", index.accent_dark)):
        if colour is not None and _contrast(colour, _PAPER[field]) < _LEAST_CONTRAST:
            _refuse(f"{field} = {colour!r} is too faint: its contrast is below 4.5 to 1", where)
    return index


def read_templates(files: Mapping[str, bytes], where: str = "") -> Templates:
    """Return the templates in `files`; `where` is what their names are told after in errors.

    Raises:
        ConfigError: see `read_index`; or a file is missing, no PNG, or not UTF-8.
    """
    index = read_index(files.get(INDEX, b""), f"{where}{INDEX}")
    for name in index.names:
        if name not in files:
            _refuse(f"there is no {name!r} beside it", f"{where}{INDEX}")
        if index.logo is not None and name == index.logo.file:
            _check_png(files[name], f"{where}{name}")
        else:
            _check_text(files[name], f"{where}{name}")
    return Templates(index=index, files={name: files[name] for name in (INDEX, *index.names)})


def _check_text(content: bytes, where: str) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 ({error})", path=where) from error


def _check_png(content: bytes, where: str) -> None:
    """Look at signature and size (PNG, third edition, 5.2 and 11.2.1)."""
    sides = [int.from_bytes(content[at : at + 4]) for at in (16, 20)]
    if not content.startswith(_PNG) or content[12:16] != b"IHDR":
        _refuse("not a PNG image", where)
    if not all(0 < side <= _MOST_PIXELS for side in sides):
        _refuse(f"larger than {_MOST_PIXELS} pixels, or empty", where)


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _refuse(why: str, where: str) -> NoReturn:
    raise ConfigError(why, path=where, hint=_HINT)
