"""The packs that come with auditkit: complete, in their schema, and never promising too much."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from reports import samples

from auditkit.config.packs import check_pack
from auditkit.controls.assess import Framework, assess
from auditkit.controls.facts import Fact, kind_of
from auditkit.controls.load import builtin_packs
from auditkit.controls.pack import decode_pack
from auditkit.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "controls.v1.json").read_text(encoding="utf-8"))
TEXTS = {
    each.name: each.read_text(encoding="utf-8")
    for each in (files("auditkit.controls") / "packs").iterdir()
}
PACKS = builtin_packs()
OVERSTATED = re.compile(r"\b(compliant|certified|guaranteed)\b", re.IGNORECASE)


def document(text: str) -> dict[str, Any]:
    """Return TOML as the JSON document that a schema judges."""
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_every_framework_is_there() -> None:
    assert set(PACKS) == {
        "21-cfr-part-11",
        "eu-ai-act",
        "eu-gmp-annex-11",
        "iso-iec-42001",
        "nist-ai-600-1",
        "nist-ai-rmf",
        "nist-sp-800-218a",
        "slsa-build",
        "us-model-risk",
    }
    assert set(TEXTS) == {f"{name}.toml" for name in PACKS}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_schema_and_the_model_take_it(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(document(TEXTS[name]))
    check_pack(decode_pack(TEXTS[name].encode()))


@pytest.mark.parametrize("name", sorted(PACKS))
def test_every_row_says_where_it_stands_and_what_cannot_be_shown(name: str) -> None:
    pack = PACKS[name]
    for control in pack.controls:
        assert control.source.strip()
        assert control.cannot_evidence.endswith(".")
        assert bool(control.paraphrase) is not pack.titles_only
        assert pack.retention_of(control).kind
        assert pack.legal_status_of(control) != "rescinded"


@pytest.mark.parametrize("field", ["cannot-evidence", "source"])
@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_row_without_its_limits_or_its_source_is_refused(name: str, field: str) -> None:
    text = re.sub(
        rf'(\[\[controls\]\].*?)^{field} = "[^"]*"\n',
        r"\1",
        TEXTS[name],
        count=1,
        flags=re.DOTALL | re.MULTILINE,
    )
    assert text != TEXTS[name]
    with pytest.raises(ConfigError, match=field):
        decode_pack(text.encode())
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document(text))


def test_the_text_of_a_copyright_standard_is_not_shipped() -> None:
    assert PACKS["iso-iec-42001"].titles_only
    assert not any(each.paraphrase for each in PACKS["iso-iec-42001"].controls)


def test_few_rows_claim_to_reach_a_whole_control() -> None:
    whole = {
        (pack.id, each.id)
        for pack in PACKS.values()
        for each in pack.controls
        if each.reach == "whole"
    }
    assert whole == {
        ("21-cfr-part-11", "11.50"),
        ("21-cfr-part-11", "11.70"),
        ("slsa-build", "Build L1"),
    }


def test_logs_of_operation_and_quality_of_data_are_never_evidenced() -> None:
    outcomes = {
        (pack.id, each.control.id): each.outcome
        for pack in PACKS.values()
        for each in assess(Framework(pack), samples.passed().runs[0])
    }
    for control in (
        ("eu-ai-act", "Art. 12(1), (2)"),
        ("eu-ai-act", "Art. 19(1), 26(6)"),
        ("eu-ai-act", "Art. 10(3), (4)"),
        ("iso-iec-42001", "A.6.2.8"),
        ("iso-iec-42001", "A.7.4"),
        ("slsa-build", "Build L2"),
        ("slsa-build", "Build L3"),
    ):
        assert outcomes[control] == "not-evidenced"


def test_packs_use_many_kinds_of_facts() -> None:
    used = {
        kind_of(fact) for pack in PACKS.values() for each in pack.controls for fact in each.evidence
    }
    known = {kind.__struct_config__.tag for kind in get_args(Fact)}
    assert used <= known
    assert known - used == {"ci-job"}


def test_no_text_of_ours_promises_what_evidence_cannot_show() -> None:
    pattern = ROOT / "auditkit" / "controls" / "pack.py"  # names the words in order to refuse them
    paths = [
        *(ROOT / "auditkit").rglob("*.py"),
        *(ROOT / "auditkit" / "controls" / "packs").iterdir(),
        *(path for path in (ROOT / "templates").rglob("*") if path.is_file()),
    ]
    assert len(paths) > 250
    said = {
        str(path.relative_to(ROOT)): found[0]
        for path in paths
        if path != pattern and (found := OVERSTATED.search(path.read_text(encoding="utf-8")))
    }
    assert said == {}
