"""`auditkit retention` on data in buckets: versions, lifecycle rules and Object Lock decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from buckets.places import Place, capture

from auditkit.api.retention import RetentionOptions, check_retention
from auditkit.api.targets import resolve_targets
from auditkit.trust.keys import KeyTrust
from auditkit.verification.options import VerifyOptions

NOW = datetime.now(UTC)


def midnight(days: int) -> str:
    """Return the next midnight so many days after today's writes, as S3 counts."""
    moment = (NOW + timedelta(days=days + 1)).replace(hour=0, minute=0, second=0)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def own(s3):
    """A place in a bucket of its own, whose settings the test may change."""

    def own(**kind: bool) -> Place:
        return Place(s3, s3.make_bucket(**kind), "data")

    return own


@pytest.fixture
def row(project):
    """The only row of the project's run, which is recorded first if a place is given."""

    def row(place: Place | None = None, name: str = "train"):
        if place is not None:
            capture(project, train=place.uri(name))
        trust = KeyTrust(project.signer.public_key)
        options = VerifyOptions(trust=trust, data_root=project.root)
        targets = resolve_targets((), project.root / "evidence")
        result = check_retention(targets, RetentionOptions(verify=options, years=10))
        (found,) = result.rows
        return found

    return row


def put_rules(place: Place, *rules: dict) -> None:
    configuration = {"Rules": [{"Status": "Enabled", "Filter": {}, **each} for each in rules]}
    place.client.put_bucket_lifecycle_configuration(
        Bucket=place.bucket, LifecycleConfiguration=configuration
    )


def put_locked(place: Place, name: str, mode: str, days: int) -> None:
    until = NOW + timedelta(days=days)
    place.put(name, ObjectLockMode=mode, ObjectLockRetainUntilDate=until)


def test_a_bucket_without_versions(own, row):
    place = own()
    place.put("train/a.bin")
    found = row(place)
    assert (found.outcome, found.setting) == ("unknown", "none: no versions")
    assert found.readable_until is None
    assert "record it again" in found.action


def test_versions_without_a_lock(own, row):
    place = own(versions=True)
    place.put("train/a.bin")
    assert row(place).setting == "none: no Object Lock"
    place.put("train/a.bin", b"other")
    assert (row().setting, row().outcome) == ("none: no Object Lock", "unknown")


def test_a_rule_removes_objects_where_no_versions_are_kept(own, row):
    place = own()
    place.put("train/a.bin")
    place.put("train/b.bin")
    put_rules(place, {"ID": "tidy", "Filter": {"Prefix": "data/"}, "Expiration": {"Days": 30}})
    found = row(place)
    assert (found.outcome, found.setting) == ("too-early", "lifecycle rule 'tidy'")
    assert found.readable_until == midnight(30)
    assert "removes objects 30 days after they were written" in found.detail


def test_a_rule_hides_versions_and_another_one_removes_them(own, row):
    place = own(versions=True)
    place.put("train/a.bin")
    put_rules(place, {"ID": "tidy", "Expiration": {"Days": 30}})
    assert row(place).setting == "none: no Object Lock"
    old = {"ID": "old", "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}
    put_rules(place, {"ID": "tidy", "Expiration": {"Days": 30}}, old)
    found = row()
    assert (found.outcome, found.setting) == ("too-early", "lifecycle rule 'old'")
    assert found.readable_until == midnight(30 + 7)[:10] + "T00:00:00Z"


def test_the_newest_version_has_no_date_until_it_is_replaced(own, row):
    place = own(versions=True)
    place.put("train/a.bin")
    put_rules(place, {"ID": "old", "NoncurrentVersionExpiration": {"NoncurrentDays": 7}})
    found = row(place)
    assert (found.outcome, found.readable_until) == ("unknown", None)
    assert found.setting == "lifecycle rule 'old'"
    assert "once it is replaced or deleted, the bucket removes it after 7 days" in found.detail
    place.delete("train/a.bin")
    found = row()
    assert (found.outcome, found.readable_until) == ("too-early", midnight(7))


def test_a_rule_that_spares_the_newest_versions(own, row):
    place = own(versions=True)
    place.put("train/a.bin")
    spared = {"NoncurrentDays": 7, "NewerNoncurrentVersions": 1}
    put_rules(place, {"ID": "old", "NoncurrentVersionExpiration": spared})
    capture_and_replace = row(place)
    assert capture_and_replace.outcome == "unknown"
    place.put("train/a.bin", b"2")
    assert row().outcome == "unknown"
    place.put("train/a.bin", b"3")
    assert row().outcome == "too-early"


def test_rules_that_are_about_something_else(own, row):
    place = own()
    place.put("train/a.bin", b"12345")
    put_rules(
        place,
        {"ID": "1", "Filter": {"Prefix": "other/"}, "Expiration": {"Days": 1}},
        {"ID": "2", "Filter": {"ObjectSizeGreaterThan": 5}, "Expiration": {"Days": 1}},
        {"ID": "3", "Filter": {"ObjectSizeLessThan": 5}, "Expiration": {"Days": 1}},
        {"ID": "4", "Status": "Disabled", "Expiration": {"Days": 1}},
        {"ID": "5", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    )
    assert row(place).setting == "none: no versions"


def test_a_rule_for_tags_is_not_judged(own, row):
    place = own()
    place.put("train/a.bin")
    tagged = {"And": {"Prefix": "data/", "Tags": [{"Key": "temporary", "Value": "yes"}]}}
    put_rules(place, {"ID": "tags", "Filter": tagged, "Expiration": {"Days": 1}})
    found = row(place)
    assert (found.outcome, found.setting) == ("unknown", "lifecycle rule 'tags'")
    assert "tags are not read" in found.detail


def test_a_day_in_the_rule(own, row):
    place = own()
    place.put("train/a.bin")
    day = datetime(NOW.year + 2, 1, 1, tzinfo=UTC)
    put_rules(place, {"ID": "end", "Expiration": {"Date": day}})
    found = row(place)
    assert (found.outcome, found.readable_until) == ("too-early", f"{NOW.year + 2}-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("mode", "days", "outcome"),
    [
        ("COMPLIANCE", 3700, "kept"),
        ("COMPLIANCE", 30, "unknown"),
        ("GOVERNANCE", 3700, "unknown"),
    ],
)
def test_object_lock(own, row, mode, days, outcome):
    place = own(lock=True)
    put_locked(place, "train/a.bin", mode, 3800)
    put_locked(place, "train/b.bin", mode, days)
    found = row(place)
    assert (found.outcome, found.setting) == (outcome, f"Object Lock ({mode})")
    assert found.readable_until[:10] == f"{NOW + timedelta(days=days):%Y-%m-%d}"


def test_one_object_without_a_lock_decides(own, row):
    place = own(lock=True)
    put_locked(place, "train/a.bin", "COMPLIANCE", 3700)
    place.put("train/b.bin")
    assert row(place).setting == "none: no Object Lock"


def test_a_rule_waits_for_the_lock(own, row):
    place = own(lock=True)
    put_locked(place, "train/a.bin", "COMPLIANCE", 100)
    old = {"ID": "old", "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}
    put_rules(place, old, {"ID": "tidy", "Expiration": {"Days": 30}})
    found = row(place)
    assert (found.outcome, found.setting) == ("too-early", "lifecycle rule 'old'")
    assert found.readable_until[:10] == f"{NOW + timedelta(days=100):%Y-%m-%d}"
    assert "when its Object Lock (COMPLIANCE) ends" in found.detail


def test_a_lock_that_is_long_enough_outlasts_every_rule(own, row):
    place = own(lock=True)
    put_locked(place, "train/a.bin", "COMPLIANCE", 3700)
    old = {"ID": "old", "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}
    put_rules(place, old, {"ID": "tidy", "Expiration": {"Days": 30}})
    found = row(place)
    assert (found.outcome, found.setting) == ("kept", "Object Lock (COMPLIANCE)")


def test_a_legal_hold_has_no_date(own, row):
    place = own(lock=True)
    place.put("train/a.bin", ObjectLockLegalHoldStatus="ON")
    put_rules(place, {"ID": "old", "NoncurrentVersionExpiration": {"NoncurrentDays": 7}})
    found = row(place)
    assert (found.outcome, found.setting) == ("unknown", "legal hold")


def test_what_a_rule_removed_is_lost(own, row):
    place = own(versions=True)
    version = place.put("train/a.bin")
    row(place)
    place.delete("train/a.bin", version)
    assert row().outcome == "lost"


def test_settings_that_may_not_be_read_are_not_known(own, row, s3, monkeypatch):
    place = own(versions=True)
    place.put("train/a.bin")
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": '
        '["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions"], '
        f'"Resource": ["arn:aws:s3:::{place.bucket}", "arn:aws:s3:::{place.bucket}/*"]}}]}}'
    )
    place.client.put_bucket_policy(Bucket=place.bucket, Policy=policy)
    row(place)
    for name, value in s3.visitor().environ.items():
        monkeypatch.setenv(name, value)
    found = row()
    assert (found.outcome, found.setting) == ("unknown", "access")
    assert "s3:GetLifecycleConfiguration" in found.action


def test_a_server_that_does_not_answer_is_not_known(own, row, monkeypatch):
    place = own(versions=True)
    place.put("train/a.bin")
    row(place)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    found = row()
    assert (found.outcome, found.setting) == ("unknown", "access")
