"""What differs between two schemas, in words, and whether readers of the first still work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from auditkit.datasets.names import printable
from auditkit.manifest.model import Field, Schema

ChangeKind = Literal["added", "removed", "moved", "type", "nullability", "metadata"]


_COUNTED: Final[dict[ChangeKind, tuple[str, str]]] = {
    "added": ("column added", "columns added"),
    "removed": ("column removed", "columns removed"),
    "moved": ("column moved", "columns moved"),
    "type": ("type changed", "types changed"),
    "nullability": ("nullability changed", "nullabilities changed"),
    "metadata": ("column's metadata changed", "columns' metadata changed"),
}


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One difference at `column`, a dotted path. `old` and `new` say what was and is there."""

    kind: ChangeKind
    column: str
    old: str | None = None
    new: str | None = None

    @property
    def breaking(self) -> bool:
        """Whether a program that reads columns by name can fail, or read something else."""
        if self.kind == "nullability":
            return self.new == "nullable"
        return self.kind in {"removed", "type"}

    def describe(self) -> str:
        """Return the change as a short clause."""
        column = f"column {printable(self.column)!r}"
        if self.kind == "added":
            return f"{column} added ({self.new})"
        if self.kind == "removed":
            return f"{column} removed (was {self.old})"
        verb = "moved" if self.kind == "moved" else "changed"
        what = f"{self.kind} of {column}" if self.kind in {"nullability", "metadata"} else column
        return f"{what} {verb} from {self.old} to {self.new}"


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """All changes from an old schema to a new one: none if they are the same."""

    changes: tuple[SchemaChange, ...]

    @property
    def verdict(self) -> Literal["identical", "compatible", "breaking"]:
        """Whether programs that read the old schema's columns by name still work."""
        if not self.changes:
            return "identical"
        return "breaking" if any(change.breaking for change in self.changes) else "compatible"

    @property
    def summary(self) -> str:
        """How many changes there are of each kind, in words."""
        counts = Counter(change.kind for change in self.changes)
        return ", ".join(
            f"{count:,} {_COUNTED[kind][count > 1]}" for kind, count in sorted(counts.items())
        )


def compare(old: Schema, new: Schema) -> SchemaDiff:
    """Return what differs, column by column; columns of one name are told apart by their order.

    Added, moved and relabelled columns are compatible, and so is a column that may no longer be
    null. Removed and retyped columns are breaking, and so is one that may now be null.
    """
    return SchemaDiff(tuple(_compare(old.fields, new.fields, "")))


def _compare(old: Sequence[Field], new: Sequence[Field], prefix: str) -> Iterator[SchemaChange]:
    before, after = _keyed(old), _keyed(new)
    for key, field in before.items():
        if key not in after:
            yield SchemaChange("removed", prefix + field.name, old=field.type)
    for key, field in after.items():
        if key not in before:
            yield SchemaChange("added", prefix + field.name, new=field.type)
    yield from _moved(before, after, prefix)
    for key, field in before.items():
        if key in after:
            yield from _changed(field, after[key], prefix + field.name)


_Key = tuple[str, int]


def _keyed(fields: Sequence[Field]) -> dict[_Key, Field]:
    seen: Counter[str] = Counter()
    keyed = {}
    for field in fields:
        keyed[field.name, seen[field.name]] = field
        seen[field.name] += 1
    return keyed


def _moved(
    before: dict[_Key, Field], after: dict[_Key, Field], prefix: str
) -> Iterator[SchemaChange]:
    """Compare the order of the common columns: an added one moves nobody."""
    old_order = [key for key in before if key in after]
    new_order = [key for key in after if key in before]
    position = {key: i for i, key in enumerate(new_order, 1)}
    for i, key in enumerate(old_order, 1):
        if position[key] != i:
            yield SchemaChange(
                "moved", prefix + key[0], old=f"position {i}", new=f"position {position[key]}"
            )


def _changed(old: Field, new: Field, column: str) -> Iterator[SchemaChange]:
    if old.type != new.type:
        yield SchemaChange("type", column, old=old.type, new=new.type)
    if old.nullable != new.nullable:
        yield SchemaChange("nullability", column, old=_nullability(old), new=_nullability(new))
    if old.metadata != new.metadata:
        keys = {*old.metadata, *new.metadata}
        differing = sorted(k for k in keys if old.metadata.get(k) != new.metadata.get(k))
        yield SchemaChange(
            "metadata", column, old=_labels(old, differing), new=_labels(new, differing)
        )
    yield from _compare(old.fields, new.fields, f"{column}.")


def _nullability(field: Field) -> str:
    return "nullable" if field.nullable else "not null"


def _labels(field: Field, keys: Sequence[str]) -> str:
    found = [f"{printable(key)}={field.metadata[key]!r}" for key in keys if key in field.metadata]
    return ", ".join(found) or "nothing"
