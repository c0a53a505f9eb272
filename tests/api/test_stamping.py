"""Time stamps at capture and afterwards, from real authorities, and what a dead one does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from policies import new_signer, policy, signer_table
from projects import Project
from rewrite import read
from timestamping import OpensslAuthority, make_root, make_stamper, served

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.preflight import check
from auditkit.api.recorder import CaptureResult
from auditkit.api.stamping import Stamping
from auditkit.api.timestamp import timestamp
from auditkit.datasets.base import Reference
from auditkit.errors import NothingToVerifyError, TimestampError
from auditkit.manifest.codec import decode_statement
from auditkit.signing.signer import Signer
from auditkit.signing.timestamp import TimestampClient

ROOT = make_root()
TRUST = '[[authorities]]\nname = "stamper"\nroots = ["root.pem"]\n[require]\ntimestamp = true\n'


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    authority = OpensslAuthority.make(tmp_path / "tsa", make_stamper(ROOT))
    with served(authority.reply) as address:
        yield address


@pytest.fixture
def dead() -> str:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}/"


def client(url: str) -> TimestampClient:
    return TimestampClient(url, attempts=1)


def options(folder: Path, stamping: Stamping | None, *signers: Signer) -> CaptureOptions:
    folder.mkdir(exist_ok=True)
    (folder / "data.bin").write_bytes(b"data")
    return CaptureOptions(
        project="sample",
        root=folder,
        signers=signers,
        stamping=stamping,
        evidence_dir=folder / "evidence",
        datasets=(DatasetRequest(name="data", reference=Reference("data.bin"), base=folder),),
    )


def verified(folder: Path, signer: Signer) -> int:
    text = signer_table("ci", "ci") + TRUST
    trust = policy(folder, text, ci=signer, root=ROOT.pem)
    return Project(folder, signer).verify(trust=trust).verdict.exit_code


def test_a_capture_is_stamped_by_every_authority(tmp_path: Path, url: str) -> None:
    signer, second = new_signer(), new_signer("ecdsa-p256")
    stamping = Stamping((client(url), client(url)))
    result = capture_run(options(tmp_path / "p", stamping, signer, second))
    for bundle in result.path.glob("*.sigstore.json"):
        assert len(read(bundle).timestamps) == 2
    assert result.warnings == ()
    assert verified(tmp_path / "p", signer) == 0


def test_a_dead_authority_stops_a_run_before_it_begins(tmp_path: Path, dead: str) -> None:
    with pytest.raises(TimestampError):
        check(options(tmp_path / "p", Stamping((client(dead),)), new_signer()), outputs_exist=True)
    assert not (tmp_path / "p" / "evidence").exists()


def test_where_it_is_optional_a_dead_authority_is_a_warning_in_the_record(
    tmp_path: Path, dead: str
) -> None:
    stamping = Stamping((client(dead),), required=False)
    result = capture_run(options(tmp_path / "p", stamping, new_signer()))
    manifest = decode_statement(read(result.path / "manifest.sigstore.json").payload).statement
    (recorded,) = manifest.predicate.capture.warnings
    assert recorded.startswith("before the run: ")
    assert len(result.warnings) == 2
    assert result.problems == ()


def test_one_of_two_authorities_is_enough(tmp_path: Path, url: str, dead: str) -> None:
    stamping = Stamping((client(dead), client(url)))
    signer = new_signer()
    result = capture_run(options(tmp_path / "p", stamping, signer))
    assert any("no answer" in each for each in result.warnings)
    assert verified(tmp_path / "p", signer) == 0


def test_an_authority_that_dies_during_the_run_loses_nothing(tmp_path: Path) -> None:
    signer = new_signer()
    authority = OpensslAuthority.make(tmp_path / "tsa", make_stamper(ROOT))
    with served(authority.reply) as url:
        asked = options(tmp_path / "p", Stamping((client(url),)), signer)
        preflight = check(asked, outputs_exist=True)
    with pytest.raises(TimestampError) as caught:
        capture_run(asked, preflight=preflight)
    (folder,) = (tmp_path / "p" / "evidence").iterdir()
    assert caught.value.hint == f"The run is recorded and signed: auditkit timestamp {folder}"
    assert read(folder / "manifest.sigstore.json").timestamps == ()
    with served(authority.reply) as url:
        timestamp(folder, [client(url)])
    assert verified(tmp_path / "p", signer) == 0


def captured(folder: Path, *signers: Signer) -> CaptureResult:
    return capture_run(options(folder, None, *signers))


def test_later_tokens_are_files_beside_the_bundles_which_stay_as_they_are(
    tmp_path: Path, url: str
) -> None:
    signer, second = new_signer(), new_signer("ecdsa-p256")
    folder = captured(tmp_path / "p", signer, second).path
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    first = timestamp(folder, [client(url)])
    again = timestamp(folder / "manifest.sigstore.json", [client(url)])
    keyid8 = second.public_key.keyid[:8]
    assert {each.name for each in first.written} == {
        "manifest.1.tsr",
        f"manifest.{keyid8}.1.tsr",
    }
    assert {each.name for each in again.written} == {
        "manifest.2.tsr",
        f"manifest.{keyid8}.2.tsr",
    }
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert verified(tmp_path / "p", signer) == 0


def test_nothing_is_written_where_no_authority_answers(tmp_path: Path, dead: str) -> None:
    folder = captured(tmp_path / "p", new_signer()).path
    before = sorted(folder.iterdir())
    with pytest.raises(TimestampError):
        timestamp(folder, [client(dead)])
    assert sorted(folder.iterdir()) == before


def test_what_is_not_signed_has_nothing_to_stamp(tmp_path: Path, url: str) -> None:
    folder = captured(tmp_path / "p").path
    with pytest.raises(NothingToVerifyError):
        timestamp(folder, [client(url)])
