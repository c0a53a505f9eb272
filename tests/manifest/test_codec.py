import json

import msgspec
import pytest
from dataset_samples import train_sample
from samples import predicate_sample, statement_sample

from auditkit.errors import ManifestError, ManifestVersionError
from auditkit.manifest import model
from auditkit.manifest.codec import decode_statement, encode_statement


def payload(statement=None):
    statement = statement or statement_sample()
    return encode_statement(statement.subject, statement.predicate)


def document():
    return json.loads(payload())


def decode(value):
    return decode_statement(json.dumps(value).encode())


def refusal(value):
    with pytest.raises(ManifestError) as caught:
        decode(value)
    assert not isinstance(caught.value, ManifestVersionError)
    return str(caught.value)


def test_round_trip_of_every_field():
    decoded = decode_statement(payload())
    assert decoded.statement == statement_sample()
    assert decoded.unknown == ()


def structs(kind, found=None):
    found = set() if found is None else found
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
        found.add(kind)
        for field in msgspec.structs.fields(kind):
            for each in msgspec.inspect.multi_type_info([field.type]):
                walk(each, found)
    return found


def walk(info, found):
    if isinstance(info, msgspec.inspect.StructType):
        structs(info.cls, found)
    for child in (
        *getattr(info, "types", ()),
        *getattr(info, "item_types", ()),
        *(
            getattr(info, name)
            for name in ("item_type", "value_type", "type")
            if hasattr(info, name)
        ),
    ):
        if isinstance(child, msgspec.inspect.Type):
            walk(child, found)


def seen_fields(value, found):
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(type(value)):
            item = getattr(value, field.name)
            if field.required or item != default(field):
                found.add((type(value).__name__, field.name))
            seen_fields(item, found)
    elif isinstance(value, tuple):
        for item in value:
            seen_fields(item, found)


def default(field):
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def test_the_sample_sets_every_field_of_the_model():
    found = set()
    seen_fields(statement_sample(), found)
    everything = {
        (kind.__name__, field.name)
        for kind in structs(model.Statement)
        for field in msgspec.structs.fields(kind)
    }
    missing = everything - found
    assert {name for _, name in missing} <= {"basis", "exceptions"}, missing


def test_names_in_json_are_camel_case():
    predicate = document()["predicate"]
    assert document()["_type"] == "https://in-toto.io/Statement/v1"
    assert document()["predicateType"] == "urn:auditkit:training-run:v1"
    assert {"startedAt", "finishedAt", "exitCode"} <= predicate["run"].keys()
    assert b":null" not in payload()


@pytest.mark.parametrize(
    ("pointer", "change"),
    [
        ("/extra", lambda d: d.update(extra=1)),
        ("/predicate/extra", lambda d: d["predicate"].update(extra=1)),
        ("/predicate/run/ci/extra", lambda d: d["predicate"]["run"]["ci"].update(extra=1)),
        (
            "/predicate/datasets/0/schema/fields/1/fields/0/a~1b~0",
            lambda d: d["predicate"]["datasets"][0]["schema"]["fields"][1]["fields"][0].update(
                {"a/b~": 1}
            ),
        ),
    ],
)
class TestUnknownFields:
    def test_same_minor_version_refuses(self, pointer, change):
        value = document()
        change(value)
        assert f"unknown field {pointer}" in refusal(value)

    def test_newer_minor_version_sets_aside_and_lists(self, pointer, change):
        value = document()
        change(value)
        value["predicate"]["version"] = "1.7"
        decoded = decode(value)
        assert decoded.unknown == (pointer,)
        assert decoded.statement == statement_sample(version="1.7")

    def test_other_versions_are_no_newer_minor(self, pointer, change):
        for version in ("0.9", "2.0", "1.0", "1", "1.x", None):
            value = document()
            change(value)
            value["predicate"]["version"] = version
            assert f"unknown field {pointer}" in refusal(value)


def test_a_newer_minor_version_without_anything_unknown():
    value = document()
    value["predicate"]["version"] = "1.1"
    assert decode(value).unknown == ()


def test_a_newer_minor_version_does_not_excuse_wrong_known_fields():
    value = document()
    value["predicate"]["version"] = "1.1"
    value["predicate"]["run"]["status"] = "splendid"
    assert "splendid" in refusal(value)


@pytest.mark.parametrize("major", [2, 17])
def test_a_newer_major_version_says_so(major):
    value = document()
    value["predicateType"] = f"urn:auditkit:training-run:v{major}"
    with pytest.raises(ManifestVersionError, match=f"version {major}") as caught:
        decode(value)
    assert "newer auditkit" in caught.value.hint


@pytest.mark.parametrize(
    "other",
    [
        "urn:auditkit:training-run:v0",
        "urn:auditkit:training-run:v1 ",
        "urn:auditkit:training-run:v02",
        "urn:auditkit:training-run:v2\n",
        "urn:auditkit:training-run:v9999999999",
        "https://slsa.dev/provenance/v1",
        None,
        5,
        ["urn:auditkit:training-run:v1"],
        "x" * 100_000,
    ],
)
def test_other_predicates(other):
    value = document()
    value["predicateType"] = other
    assert len(refusal(value)) < 300


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"5", b'"x"', b"{}", b"\xff", b"[" * 10_000])
def test_what_is_no_statement(data):
    with pytest.raises(ManifestError):
        decode_statement(data)


def test_duplicate_names_are_refused():
    with pytest.raises(ManifestError, match="duplicate name 'subject'"):
        decode_statement(payload().replace(b'"subject":', b'"subject":[],"subject":', 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda d: d.update(subject=[]),
        lambda d: d["subject"][0].update(digest={}),
        lambda d: d["subject"][0].update(digest={"sha256": "AB" * 32}),
        lambda d: d["predicate"].pop("run"),
        lambda d: d["predicate"].update(version=1.5),
        lambda d: d["predicate"]["run"].update(id="0192f7a4-6b3c-4d21-9a4e-5f60718293a4"),
        lambda d: d["predicate"]["run"].update(project="a\n"),
        lambda d: d["predicate"]["run"].update(project="../x"),
        lambda d: d["predicate"]["run"].update(exitCode=256),
        lambda d: d["predicate"]["run"].update(exitCode=True),
        lambda d: d["predicate"]["run"].update(exitCode="0"),
        lambda d: d["predicate"]["run"].update(startedAt="2026-03-02T09:30:00+01:00"),
        lambda d: d["predicate"]["datasets"][0].update(rows=2**53),
        lambda d: d["predicate"]["datasets"][0].update(rows=-1),
        lambda d: d["predicate"]["datasets"][0].update(rows=1.5),
        lambda d: d["predicate"]["datasets"][0].update(role="INPUT"),
        lambda d: d["predicate"]["datasets"][0]["inventory"].update(root={"md5": "0" * 64}),
        lambda d: d["predicate"]["datasets"][0]["inventory"].update(files=0),
        lambda d: d["predicate"]["datasets"][0]["inventory"]["list"].update(
            name="../../etc/passwd"
        ),
        lambda d: d["predicate"]["datasets"][0]["inventory"]["list"].update(sha256="0" * 63),
        lambda d: d["predicate"]["code"].update(commit="HEAD"),
        lambda d: d["predicate"].update(datasets={}),
        lambda d: d["predicate"].update(parameters=[]),
    ],
)
def test_wrong_values_are_refused(change):
    value = document()
    change(value)
    refusal(value)


def test_a_wide_schema_is_read_quickly_enough():
    field = model.Field(name="c", type="double")
    wide = msgspec.structs.replace(
        train_sample(), schema=model.Schema(fingerprint="0" * 64, fields=(field,) * 20_000)
    )
    statement = statement_sample(datasets=(wide,))
    assert decode_statement(payload(statement)).statement == statement


def test_parameters_keep_what_looks_like_fields():
    predicate = predicate_sample(parameters={"run": {"extra": 1}, "_type": None})
    statement = msgspec.structs.replace(statement_sample(), predicate=predicate)
    assert decode_statement(payload(statement)).statement.predicate.parameters == {
        "run": {"extra": 1},
        "_type": None,
    }
