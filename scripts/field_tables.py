"""Tables of the fields of a JSON Schema, as pages in Markdown."""

from __future__ import annotations

import json
from typing import Any


def field_tables(schema: dict[str, Any], page: str, title: str) -> str:
    """Return a page that lists the fields of every record of `schema`, the outermost first."""
    lines = [
        f"# Fields of {title[0].lower()}{title[1:]}",
        "",
        f"Generated from `schemas/{page}.v1.json`. Fields marked * are always there; any other is",
        f"left out when it has its default. [{title}]({page}.md) explains the rules.",
    ]
    for name, record in _by_first_use(schema):
        lines += ["", f"## {name}", "", record["description"], ""]
        lines += ["| field | type | default | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{field}`{'*' * (field in record['required'])} | {_type(spec)} "
            f"| {_default(spec)} | {spec['description']} |"
            for field, spec in record["properties"].items()
        ]
    return "\n".join(lines) + "\n"


def _by_first_use(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found: dict[str, dict[str, Any]] = {}

    def visit(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                visit(item)
        elif isinstance(value, dict):
            name = str(value.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in found:
                found[name] = schema["$defs"][name]
                visit(found[name])
            visit(list(value.values()))

    visit({"$ref": schema["$ref"]})
    return list(found.items())


def _type(spec: dict[str, Any]) -> str:
    if "$ref" in spec:
        name = spec["$ref"].removeprefix("#/$defs/")
        return f"[{name}](#{name.lower()})"
    if "anyOf" in spec:
        return " or ".join(_type(each) for each in spec["anyOf"] if each.get("type") != "null")
    if "enum" in spec:
        return ", ".join(f"`{each}`" for each in spec["enum"])
    kind = spec.get("type", "any JSON value")
    if kind == "array":
        return f"array of {_type(spec['items'])}{_limits(spec)}"
    if kind == "object":
        values = _type(spec.get("additionalProperties", {}))
        return f"object of {values}{_limits(spec)}"
    return f"{kind}{_limits(spec)}"


_LIMITS = {
    "pattern": "`{}`",
    "minLength": "≥ {} characters",
    "maxLength": "≤ {} characters",
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "minItems": "≥ {} items",
    "maxItems": "≤ {} items",
    "minProperties": "≥ {} entries",
}


def _limits(spec: dict[str, Any]) -> str:
    texts = [text.format(spec[key]) for key, text in _LIMITS.items() if key in spec]
    return f" ({', '.join(texts)})".replace("|", r"\|") if texts else ""


def _default(spec: dict[str, Any]) -> str:
    value = spec.get("default")
    if value is None or value in ((), {}):
        return ""
    return f"`{json.dumps(value, ensure_ascii=False)}`"
