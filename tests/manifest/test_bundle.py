import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.errors import EnvelopeError
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.schemes import BUNDLE_MEDIA_TYPE, MAX_BUNDLE_BYTES, PAYLOAD_TYPE

BUNDLE = Bundle(payload=b'{"_type":"\xfb\xff"}', signature=b"\xfb\xff\xfe" * 20, keyid="ab" * 32)
STAMPED = Bundle(payload=b"{}", signature=b"sig", keyid="k", timestamps=(b"one", b"two"))
CERTIFIED = Bundle(
    payload=b"{}", signature=b"sig", keyid="k", timestamps=(b"one",), certificate=b"leaf"
)


def document(bundle=BUNDLE):
    return json.loads(bundle.encode())


def decode(value):
    return decode_bundle(json.dumps(value).encode())


def refusal(data):
    with pytest.raises(EnvelopeError) as caught:
        decode_bundle(data)
    return str(caught.value)


@given(
    st.builds(
        Bundle,
        payload=st.binary(),
        signature=st.binary(),
        keyid=st.text("0123456789abcdef"),
        timestamps=st.lists(st.binary(), max_size=3).map(tuple),
        certificate=st.none() | st.binary(),
    )
)
def test_round_trip(bundle):
    assert decode_bundle(bundle.encode()) == bundle


def test_shape_of_the_file():
    """sigstore/protobuf-specs, sigstore_bundle.proto v0.3, in its JSON form."""
    assert document(STAMPED) == {
        "mediaType": BUNDLE_MEDIA_TYPE,
        "verificationMaterial": {
            "publicKey": {"hint": "k"},
            "tlogEntries": [],
            "timestampVerificationData": {
                "rfc3161Timestamps": [{"signedTimestamp": "b25l"}, {"signedTimestamp": "dHdv"}]
            },
        },
        "dsseEnvelope": {
            "payload": "e30=",
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": "c2ln", "keyid": "k"}],
        },
    }
    assert STAMPED.encode().endswith(b"}\n")


def test_a_certificate_stands_in_place_of_the_key():
    """sigstore_bundle.proto v0.3: `certificate` and `publicKey` are alternatives."""
    material = document(CERTIFIED)["verificationMaterial"]
    assert material["certificate"] == {"rawBytes": "bGVhZg=="}
    assert "publicKey" not in material


@pytest.mark.parametrize(
    "material",
    [
        {},
        {"publicKey": {"hint": "k"}, "certificate": {"rawBytes": "bGVhZg=="}},
        {"x509CertificateChain": {"certificates": [{"rawBytes": "bGVhZg=="}]}},
    ],
)
def test_exactly_one_key_or_certificate(material):
    value = document(STAMPED)
    value["verificationMaterial"] = {**material, "tlogEntries": []}
    assert "exactly one of publicKey and certificate" in refusal(json.dumps(value).encode())


def test_signed_bytes_and_manifest_digest():
    assert STAMPED.signed_bytes == b"DSSEv1 28 application/vnd.in-toto+json 2 {}"
    assert STAMPED.manifest_digest == (
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )


@pytest.mark.parametrize("padding", ["=", ""])
def test_url_safe_and_unpadded_base64_is_the_same_bytes(padding):
    value = document()
    envelope = value["dsseEnvelope"]
    for holder, name in ((envelope, "payload"), (envelope["signatures"][0], "sig")):
        encoded = base64.urlsafe_b64encode(base64.b64decode(holder[name])).decode()
        holder[name] = encoded.rstrip("=") + padding * encoded.count("=")
    assert "_" in envelope["payload"] + envelope["signatures"][0]["sig"]
    assert decode(value) == BUNDLE


@pytest.mark.parametrize("text", ["a", "YQ=", "YQ==YQ==", "Y Q=", "YQ==\n", "é", "\x00", "%%%%"])
@pytest.mark.parametrize("where", ["payload", "sig", "signedTimestamp", "rawBytes"])
def test_bad_base64(text, where):
    value = document(STAMPED if where != "rawBytes" else CERTIFIED)
    holders = {
        "payload": value["dsseEnvelope"],
        "sig": value["dsseEnvelope"]["signatures"][0],
        "signedTimestamp": value["verificationMaterial"]["timestampVerificationData"][
            "rfc3161Timestamps"
        ][0],
        "rawBytes": value["verificationMaterial"].get("certificate"),
    }
    holders[where][where] = text
    assert f"{where} is not base64" in refusal(json.dumps(value).encode())


@pytest.mark.parametrize(
    "other",
    ["", "application/vnd.in-toto+json ", "application/vnd.in-toto", "text/plain", "x" * 10_000],
)
def test_other_payload_types(other):
    value = document()
    value["dsseEnvelope"]["payloadType"] = other
    message = refusal(json.dumps(value).encode())
    assert "payloadType is" in message
    assert len(message) < 300


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_signature(count):
    value = document()
    value["dsseEnvelope"]["signatures"] *= count
    assert "not a Sigstore bundle" in refusal(json.dumps(value).encode())


@pytest.mark.parametrize("keyid", ["", "cd" * 32, ("ab" * 32).upper()])
def test_hint_and_keyid_must_be_equal(keyid):
    value = document()
    value["dsseEnvelope"]["signatures"][0]["keyid"] = keyid
    assert "keyid differ" in refusal(json.dumps(value).encode())


@pytest.mark.parametrize(
    "path",
    [
        ("mediaType",),
        ("verificationMaterial",),
        ("verificationMaterial", "publicKey"),
        ("verificationMaterial", "publicKey", "hint"),
        ("dsseEnvelope",),
        ("dsseEnvelope", "payload"),
        ("dsseEnvelope", "payloadType"),
        ("dsseEnvelope", "signatures"),
    ],
)
@pytest.mark.parametrize("replacement", ["absent", None, 5, [], {}])
def test_every_field_is_needed_and_typed(path, replacement):
    value = document()
    holder = value
    for name in path[:-1]:
        holder = holder[name]
    if replacement == "absent":
        del holder[path[-1]]
    else:
        holder[path[-1]] = replacement
    refusal(json.dumps(value).encode())


def test_other_bundle_versions_and_log_entries_are_refused():
    value = document()
    value["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    refusal(json.dumps(value).encode())
    value = document()
    value["verificationMaterial"]["tlogEntries"] = [{}]
    refusal(json.dumps(value).encode())


@given(st.integers(0, len(BUNDLE.encode()) - 3))
def test_truncated(length):
    refusal(BUNDLE.encode()[:length])


@given(st.binary(max_size=200))
def test_garbage(data):
    refusal(data)


def test_oversized_is_refused_before_it_is_parsed():
    assert "more than 16777216" in refusal(b"\xff" * (MAX_BUNDLE_BYTES + 1))


def test_duplicate_names():
    data = BUNDLE.encode().replace(b'"payload":', b'"payload": "e30=", "payload":')
    assert "duplicate name 'payload'" in refusal(data)


def test_deep_nesting():
    assert "nested deeper" in refusal(b'{"x":' * 100_000)
    assert "nested deeper" in refusal(BUNDLE.encode()[:-2] + b',"x":' + b"[" * 100)
