"""What a pack may say, and what is refused before it is used."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from controls.own import PACK

from auditkit.controls.load import builtin_packs, choose, known_packs, load_pack
from auditkit.controls.pack import MAX_PACK_BYTES, decode_pack
from auditkit.errors import ConfigError


def test_what_a_control_leaves_out_is_as_the_pack_has_it() -> None:
    pack = decode_pack(PACK.encode())
    (control,) = pack.controls
    assert pack.legal_status_of(control) == "guidance"
    assert pack.retention_of(control).period == "P7Y"
    assert pack.review_of(control) == dt.date(2027, 6, 30)
    assert not pack.past_review(control, dt.date(2027, 6, 30))
    assert pack.past_review(control, dt.date(2027, 7, 1))


def test_a_control_has_its_own_status_date_and_review() -> None:
    own = 'legal-status = "in-force"\nreview-by = 2026-01-01\napplies-from = [{ date = 2025-01-01, what = "x" }]'
    pack = decode_pack((PACK + own).encode())
    (control,) = pack.controls
    assert pack.legal_status_of(control) == "in-force"
    assert pack.review_of(control) == dt.date(2026, 1, 1)
    assert [each.what for each in pack.applies_to(control)] == ["x"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('fact = "signature"', 'fact = "exec"', "exec"),
        ('fact = "signature"', 'fact = "signature", code = "1"', "code"),
        ("version = 1", "version = 2", "version"),
        ('id = "model-policy"', 'id = "Model Policy"', "id"),
        (
            'retention = "seven-years"',
            'retention = "ten-years"',
            "no retention is named 'ten-years'",
        ),
        ('period = "P7Y"', 'period = "7 years"', "period"),
        ('period = "P7Y"\n', "", "period goes with kind fixed"),
        ('anchor = "the model was taken out of use"\n', "", "anchor goes with"),
        ('basis = "cited"\n', "", "source and basis"),
        ('kind = "fixed"', 'kind = "for-ever"', "for-ever"),
        ("review-by = 2027-06-30", 'review-by = "soon"', "review-by"),
        ('paraphrase = "Somebody', 'nonsense = "Somebody', "nonsense"),
        ('title = "Model policy"', 'title = "Model policy"\ntitles-only = true', "titles only"),
        ('title = "Second', 'title = "\\u0007Second', "title"),
        ("[[controls]]", "[controls]", "controls"),
        ('evidence = [{ fact = "signature" }, { fact = "datasets" }]', "", "without evidence"),
        ('title = "Second pair of eyes"', 'title = "Certified reviewer"', "says 'Certified'"),
        ('title = "Second pair of eyes"', 'title = "Konform"', "says 'Konform'"),
    ],
)
def test_what_is_refused(old: str, new: str, says: str) -> None:
    assert old in PACK
    text = PACK.replace(old, new, 1)
    with pytest.raises(ConfigError, match=says) as caught:
        decode_pack(text.encode())
    assert caught.value.hint


def test_two_controls_with_one_id_are_refused() -> None:
    row = PACK[PACK.index("[[controls]]") :]
    with pytest.raises(ConfigError, match=r"two controls have the id '4\.2'"):
        decode_pack((PACK + row).encode())


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 5000, b""])
def test_bytes_that_are_no_pack(content: bytes) -> None:
    with pytest.raises(ConfigError, match="not a control pack"):
        decode_pack(content)


def test_a_file_is_named_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(ConfigError, match=r"mine\.toml: the control pack cannot be read"):
        load_pack(path)
    path.write_bytes(b"#" * (MAX_PACK_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load_pack(path)
    path.write_text("version = 1")
    with pytest.raises(ConfigError, match=r"mine\.toml: not a control pack"):
        load_pack(path)


def test_packs_are_chosen_by_id_or_file_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PACK)
    packs = known_packs([path])
    assert list(packs) == [*builtin_packs(), "model-policy"]
    chosen = choose(("model-policy", "slsa-build", str(path), "slsa-build"), packs)
    assert [each.id for each in chosen] == ["model-policy", "slsa-build"]
    with pytest.raises(ConfigError, match="no control pack has the id 'soc-2'"):
        choose(("soc-2",), packs)


def test_a_pack_cannot_take_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PACK.replace('"model-policy"', '"eu-ai-act"'))
    with pytest.raises(ConfigError, match="another pack with the id 'eu-ai-act'"):
        known_packs([path])
