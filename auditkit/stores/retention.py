"""How long a bucket keeps what was stored, whoever asks to delete it (S3 Object Lock)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from auditkit.errors import ConfigError

MAX_YEARS: Final = 100
_FORM: Final = re.compile(r"(compliance|governance):([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class Retention:
    """`compliance`: nobody can shorten it. `governance`: whoever has a special right can."""

    mode: Literal["compliance", "governance"]
    years: int

    @classmethod
    def parse(cls, text: str) -> Retention:
        """Return the retention written as `compliance:YEARS` or `governance:YEARS`.

        Raises:
            ConfigError: it is neither, or longer than 100 years.
        """
        match = _FORM.fullmatch(text)
        if match is None or int(match[2]) > MAX_YEARS:
            raise ConfigError(
                f"{text[:40]!r} is no retention",
                hint=f"Write compliance:YEARS or governance:YEARS, at most {MAX_YEARS} years.",
            )
        mode: Literal["compliance", "governance"] = (
            "compliance" if match[1] == "compliance" else "governance"
        )
        return cls(mode, int(match[2]))

    def __str__(self) -> str:
        return f"{self.mode}:{self.years}"

    def until(self, now: datetime | None = None) -> datetime:
        """Return the end of the retention of what is stored now: whole years, leap days counted."""
        return (now or datetime.now(UTC)) + timedelta(days=366 * self.years)
