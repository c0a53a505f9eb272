"""JSON Schema 2020-12 from the typed model, so that the two cannot tell different stories.

Source: JSON Schema draft 2020-12, core and validation. `scripts/generate_schemas.py` writes the
result to `schemas/`, which is what validators and readers use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from auditkit.manifest.descriptions import DESCRIPTIONS
from auditkit.manifest.model import Statement
from auditkit.schemes import MANIFEST_SCHEMA

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_PRESENT = {"not": {"type": "null"}}
_ABSENT = {"type": "null"}


def _only(name: str) -> dict[str, Any]:
    return {"required": [name], "maxProperties": 1}


RULES: dict[str, dict[str, Any]] = {
    "Inventory": {
        "if": {"properties": {"kind": {"const": "file"}}},
        "then": {"properties": {"root": _only("sha256"), "files": {"const": 1}}},
        "else": {"properties": {"root": _only("dirHash")}},
        "allOf": [{"properties": {"digests": {"uniqueItems": True}}}],
    },
    "Table": {
        "if": {"properties": {"kind": {"const": "csv"}}},
        "then": {"required": ["csv"], "properties": {"csv": _PRESENT}},
        "else": {"properties": {"csv": _ABSENT}},
    },
    "Dataset": {
        "if": {"properties": {"table": _ABSENT}},
        "then": {"properties": {"rows": _ABSENT, "schema": _ABSENT, "content": _ABSENT}},
        "allOf": [
            {
                "if": {"properties": {"format": {"enum": ["table", "delta"]}}},
                "then": {"required": ["table"], "properties": {"table": _PRESENT}},
            },
            {
                "if": {"properties": {"format": {"const": "files"}}},
                "then": {"properties": {"table": _ABSENT}},
            },
            {
                "if": {"properties": {"format": {"const": "delta"}}},
                "then": {"required": ["delta"], "properties": {"delta": _PRESENT}},
                "else": {"properties": {"delta": _ABSENT}},
            },
            {
                "if": {"properties": {"format": {"const": "dvc"}}},
                "then": {"required": ["dvc"], "properties": {"dvc": _PRESENT}},
                "else": {"properties": {"dvc": _ABSENT}},
            },
            {
                "if": {"properties": {"basis": {"const": "derived"}}},
                "then": {
                    "required": ["cites"],
                    "properties": {
                        "cites": _PRESENT,
                        "watch": _ABSENT,
                        "role": {"not": {"const": "output"}},
                    },
                },
                "else": {"properties": {"cites": _ABSENT}},
            },
        ],
        "dependentSchemas": {
            "content": {
                "if": {"properties": {"content": _PRESENT}},
                "then": {
                    "required": ["rows", "schema"],
                    "properties": {"rows": _PRESENT, "schema": _PRESENT},
                },
            }
        },
    },
    "Content": {
        "if": {"properties": {"kind": {"const": "sequence"}}},
        "then": {
            "required": ["blocks"],
            "properties": {"blocks": _PRESENT, "rowDigests": _ABSENT},
        },
        "else": {"properties": {"blocks": _ABSENT}},
    },
    "Code": {
        "if": {"properties": {"status": {"const": "absent"}}},
        "then": {
            "required": ["reason"],
            "properties": {"reason": _PRESENT, "commit": _ABSENT},
        },
    },
}
"""What `__post_init__` of the model's records checks, said in JSON Schema."""


def manifest_schema() -> dict[str, Any]:
    """Return the schema of the statements that this version writes.

    Fields of newer minor versions are refused by it, while `decode_statement` tolerates them.
    """
    return record_schema(
        Statement,
        identifier=MANIFEST_SCHEMA,
        title="auditkit manifest",
        descriptions=DESCRIPTIONS,
        rules=RULES,
    )


def record_schema(
    kind: type[msgspec.Struct],
    *,
    identifier: str,
    title: str,
    descriptions: Mapping[str, Mapping[str, str]],
    rules: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the schema of `kind`, in which records take no fields but their own.

    `descriptions` and `rules` are by record: a text per field, and keywords that bind several
    fields to each other. Raises KeyError for a field without a description.
    """
    (root,), components = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    return {
        "$schema": DIALECT,
        "$id": identifier,
        "title": title,
        **root,
        "$defs": {
            name: _record(_portable(component), descriptions[name], rules.get(name, {}))
            for name, component in sorted(components.items())
        },
    }


def _record(
    component: dict[str, Any], texts: Mapping[str, str], rules: Mapping[str, Any]
) -> dict[str, Any]:
    fields = component["properties"]
    return {
        **component,
        "description": " ".join(component["description"].split()),
        "properties": {name: {"description": texts[name], **fields[name]} for name in fields},
        "additionalProperties": False,
        **rules,
    }


def _portable(value: Any) -> Any:
    r"""Return `value` with the `\Z` of Python's patterns as the `$` of ECMA-262."""
    if isinstance(value, dict):
        return {
            key: item.removesuffix(r"\Z") + "$"
            if key == "pattern" and isinstance(item, str)
            else _portable(item)
            for key, item in value.items()
        }
    return [_portable(item) for item in value] if isinstance(value, list) else value
