"""What is known of a fact, in a word and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Standing = Literal["shown", "declared", "unchecked", "contradicted", "absent"]
"""`shown`: measured, and borne out by every check made of it. `declared`: said by the team.
`unchecked`: recorded, and not or not wholly checked. `contradicted`: a check of it failed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence with places for values, so that a report can say it in another language."""

    text: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one fact, why, and where in the run's verdict the findings behind it are."""

    standing: Standing
    reason: Reason
    findings: tuple[int, ...] = ()
