"""What each field of a control pack means, for its JSON Schema and for the documentation."""

from __future__ import annotations

from typing import Any, Final, get_args

from auditkit.controls.facts import Fact

_REVIEW: Final = "The day by which somebody must have read it again."

_FACT_FIELDS: Final = {
    "Approval": {"role": "The role in which the person approved; any if absent."},
    "Check": {
        "id": "The check's id, as in `auditkit explain`; `lineage` covers `lineage.outputs`.",
        "role": "Only data sets with this role; all if absent.",
    },
    "Datasets": {"role": "Only data sets with this role; all inputs if absent."},
    "DeclaredOfData": {"field": "What the team states."},
    "DeclaredOfRun": {"field": "What the team states."},
    "Parameters": {"names": "Names at the top level that must be there."},
    "Metrics": {"names": "Names at the top level that must be there."},
}

DESCRIPTIONS: Final[dict[str, dict[str, str]]] = {
    "Pack": {
        "version": "The version of this format.",
        "id": "The framework's name on the command line; unique.",
        "title": "The framework's short name.",
        "document": "The full name of the document.",
        "edition": "Which edition of it; control ids are read together with it.",
        "source": "Where the document is to be found.",
        "legal-status": "What force it has, unless a control says otherwise.",
        "review-by": _REVIEW,
        "retentions": "Rules on keeping records, by name.",
        "retention": "The rule for controls that name none.",
        "controls": "The controls, in the document's order.",
        "applies-from": "From when it applies, unless a control says otherwise.",
        "titles-only": "Ids and titles only, because the text is copyright: no paraphrases.",
        "language": "The language of its texts, as a BCP 47 tag.",
        "note": "What else a reader should know.",
    },
    "Control": {
        "id": "The provision's number as the document has it; unique.",
        "title": "Its title, or a short one of our own.",
        "cannot-evidence": "What no evidence of a run can show of it.",
        "source": "Where it stands.",
        "paraphrase": "What it asks for, in our own words.",
        "evidence": "Facts that speak for it; none where a manifest holds no such evidence.",
        "reach": "Whether these facts, all shown, reach the whole control or a part of it.",
        "retention": "The name of a rule on keeping records.",
        "legal-status": "What force it has.",
        "applies-from": "From when it applies.",
        "review-by": _REVIEW,
        "note": "What else a reader should know.",
    },
    "Retention": {
        "kind": "`fixed`; `floor`: at least; `none-stated`; `inherited`; `not-assessed`.",
        "period": "Years, months or days as an ISO 8601 duration, such as `P10Y`.",
        "anchor": "From when the period runs, or what it follows.",
        "basis": "Whether the source states it, or it was inferred.",
        "source": "Where it stands.",
    },
    "Application": {"date": "From this day.", "what": "To what it applies."},
    **{
        kind.__name__: {
            "fact": "Names the kind of fact.",
            **_FACT_FIELDS.get(kind.__name__, {}),
        }
        for kind in get_args(Fact)
    },
}

_TITLED: Final = {"properties": {"titles-only": {"const": True}}, "required": ["titles-only"]}
_WITHOUT: Final = {"properties": {"controls": {"items": {"not": {"required": ["paraphrase"]}}}}}
_WITH: Final = {"properties": {"controls": {"items": {"required": ["paraphrase"]}}}}


def _kind(kinds: list[str], required: list[str], absent: list[str]) -> dict[str, Any]:
    return {
        "if": {"properties": {"kind": {"enum": kinds}}},
        "then": {
            "required": required,
            "properties": {name: {"type": "null"} for name in absent},
        },
    }


RULES: Final[dict[str, dict[str, Any]]] = {
    "Pack": {"if": _TITLED, "then": _WITHOUT, "else": _WITH},
    "Control": {
        "if": {"properties": {"reach": {"const": "whole"}}, "required": ["reach"]},
        "then": {"required": ["evidence"], "properties": {"evidence": {"minItems": 1}}},
    },
    "Retention": {
        "allOf": [
            _kind(["fixed", "floor"], ["period", "anchor", "basis", "source"], []),
            _kind(["inherited"], ["anchor", "basis", "source"], ["period"]),
            _kind(["none-stated"], ["basis", "source"], ["period", "anchor"]),
            _kind(["not-assessed"], [], ["period", "anchor"]),
        ]
    },
}
"""What `__post_init__` of the records checks, as far as JSON Schema can say it."""
