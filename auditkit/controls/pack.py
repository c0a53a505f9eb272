"""A pack: the controls of one framework, as its file has them.

`schemas/controls.v1.json` is generated from here, and `docs/formats/controls.md` explains it.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from typing import Annotated, Final, Literal

import msgspec

from auditkit.controls.facts import Fact
from auditkit.errors import ConfigError
from auditkit.manifest.types import Line

MAX_PACK_BYTES: Final = 1024 * 1024

PackId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=64)]
Period = Annotated[str, msgspec.Meta(pattern=r"^P[1-9][0-9]{0,3}[YMD]\Z")]
"""Years, months or days, as an ISO 8601 duration."""
Prose = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
LegalStatus = Literal["in-force", "guidance", "voluntary", "draft", "rescinded"]
RetentionKind = Literal["fixed", "floor", "none-stated", "inherited", "not-assessed"]

_OVERSTATED: Final = re.compile(
    r"\b(compliant|certified|guaranteed|konform|zertifiziert|garantiert)\b", re.IGNORECASE
)


class _Section(
    msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True
):
    pass


class Retention(_Section, frozen=True, kw_only=True):
    """How long a framework wants records kept, and where it says so."""

    kind: RetentionKind
    period: Period | None = None
    anchor: Line | None = None
    basis: Literal["cited", "inferred"] | None = None
    source: Line | None = None

    def __post_init__(self) -> None:
        if (self.period is not None) != (self.kind in {"fixed", "floor"}):
            raise ValueError("a period goes with kind fixed or floor, and with those only")
        if (self.anchor is None) == (self.kind in {"fixed", "floor", "inherited"}):
            raise ValueError("an anchor goes with kind fixed, floor or inherited")
        if (self.source is None or self.basis is None) != (self.kind == "not-assessed"):
            raise ValueError("source and basis are needed, unless it was not assessed")


class Application(_Section, frozen=True, kw_only=True):
    """From when a provision applies, and to what."""

    date: dt.date
    what: Line


class Control(_Section, frozen=True, kw_only=True):
    """One requirement, the evidence for it in a run's record, and what that cannot show.

    `reach` says how much of the control that evidence covers when all of it is there.
    """

    id: Line
    title: Line
    cannot_evidence: Prose
    source: Line
    paraphrase: Prose | None = None
    evidence: tuple[Fact, ...] = ()
    reach: Literal["whole", "part"] = "part"
    retention: Line | None = None
    legal_status: LegalStatus | None = None
    applies_from: tuple[Application, ...] | None = None
    review_by: dt.date | None = None
    note: Prose | None = None

    def __post_init__(self) -> None:
        if self.reach == "whole" and not self.evidence:
            raise ValueError(f"{self.id}: without evidence nothing reaches the whole control")


class Pack(_Section, frozen=True, kw_only=True):
    """The controls of one framework. What a control leaves out is as the pack has it."""

    version: Literal[1]
    id: PackId
    title: Line
    document: Line
    edition: Line
    source: Line
    legal_status: LegalStatus
    review_by: dt.date
    retentions: dict[Line, Retention]
    retention: Line
    controls: Annotated[tuple[Control, ...], msgspec.Meta(min_length=1, max_length=2000)]
    applies_from: tuple[Application, ...] = ()
    titles_only: bool = False
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")] = "en"
    note: Prose | None = None

    def __post_init__(self) -> None:
        for name, count in Counter(each.id for each in self.controls).items():
            if count > 1:
                raise ValueError(f"two controls have the id {name!r}")
        named = ((self.id, self.retention), *((each.id, each.retention) for each in self.controls))
        for where, retention in named:
            if retention is not None and retention not in self.retentions:
                raise ValueError(f"{where}: no retention is named {retention!r}")
        for control in self.controls:
            if (control.paraphrase is None) != self.titles_only:
                missing = "a paraphrase is missing" if not self.titles_only else "titles only"
                raise ValueError(f"{control.id}: {missing}")

    def retention_of(self, control: Control) -> Retention:
        """Return how long records on `control` are to be kept."""
        return self.retentions[control.retention or self.retention]

    def legal_status_of(self, control: Control) -> LegalStatus:
        """Return what force `control` has."""
        return control.legal_status or self.legal_status

    def applies_to(self, control: Control) -> tuple[Application, ...]:
        """Return from when `control` applies, and to what; empty where no date is known."""
        return self.applies_from if control.applies_from is None else control.applies_from

    def review_of(self, control: Control) -> dt.date:
        """Return the day by which somebody must have read `control` again."""
        return control.review_by or self.review_by

    def past_review(self, control: Control, today: dt.date) -> bool:
        """Return whether that day is over."""
        return self.review_of(control) < today

    def find(self, control_id: str) -> Control | None:
        """Return the control with this id."""
        return next((each for each in self.controls if each.id == control_id), None)


def decode_pack(data: bytes) -> Pack:
    """Return the pack in `data`, TOML 1.0 in UTF-8.

    Raises:
        ConfigError: not TOML, an unknown or missing field, a value that a field cannot have, or
            a text that promises more than evidence can show.
    """
    try:
        pack = msgspec.convert(tomllib.loads(data.decode()), Pack)
    except (ValueError, RecursionError) as error:  # TOML, UTF-8 and type errors alike
        raise ConfigError(
            f"not a control pack ({error})", hint="See docs/formats/controls.md for all fields."
        ) from error
    found = _OVERSTATED.search(data.decode())
    if found:
        raise ConfigError(
            f"says {found[0]!r}, which no evidence of a run can show",
            hint="Say what the evidence shows; whether a requirement is met is for people.",
        )
    return pack
