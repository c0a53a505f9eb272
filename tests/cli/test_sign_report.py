"""Reports that are signed: what other programs say of them, and what is never signed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import keypool
import pikepdf
import pytest
from commands import Shell
from pdfsigners import Office, openssl_verify

CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")


@pytest.fixture
def captured(sample: Shell) -> Shell:
    assert sample(*CAPTURE).code == 0
    return sample


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office.open(tmp_path_factory.mktemp("office"))
    office.certificate(keypool.private_key("ecdsa-p256"))
    return office


def signing(office: Office, *more: str | Path) -> tuple[str | Path, ...]:
    return ("--sign", office.key(), "--certificate", office.folder / "signer.pem", *more)


def test_other_programs_accept_report_and_attachments(
    captured: Shell, office: Office, tmp_path: Path
) -> None:
    policy = ("--trust", office.policy(captured.cwd / "auditkit.pub"))
    with office.stamping() as url:
        lasting = ("--pades", "b-lta", "--timestamp", url, "--crl", office.folder / "tsa.crl")
        printed = captured(
            "report", "-o", "report.pdf", *signing(office, *lasting), *policy, "--json"
        )
    assert printed.code == 0, printed.out
    assert printed.document["signature"]["level"] == "b-lta"
    file = captured.cwd / "report.pdf"
    content = file.read_bytes()
    done = openssl_verify(content, office.folder / "root.pem", tmp_path)
    assert done.returncode == 0, done.stderr
    told = subprocess.run(
        ["pdfsig", "-nocert", file], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in told
    assert told.count("Total document signed") == 1  # by the last time stamp
    folder = tmp_path / "attachments"
    folder.mkdir()
    subprocess.run(["pdfdetach", "-saveall", "-o", folder, file], check=True)
    listed = json.loads((folder / "hashes.json").read_text())["files"]
    sums = "".join(f"{digest}  {name}\n" for name, digest in listed.items())
    subprocess.run(["sha256sum", "-c"], input=sums, text=True, cwd=folder, check=True)
    assert set(listed) == {each.name for each in folder.iterdir()} - {"hashes.json"}


def test_a_signature_changes_nothing_that_archives_and_screen_readers_need(
    captured: Shell, office: Office
) -> None:
    printed = captured("report", "-o", "report.pdf", *signing(office))
    assert printed.code == 0
    assert re.search(r"signed \(PAdES B-B\) by key [0-9a-f]{16}…", printed.out)
    file = captured.cwd / "report.pdf"
    done = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    signed = file.read_bytes()
    unsigned = signed[: signed.index(b"%%EOF") + 6]
    with pikepdf.open(file) as after, pikepdf.open(io.BytesIO(unsigned)) as before:
        with after.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["pdfuaid:part"] == "1"
        for name in ("/StructTreeRoot", "/OutputIntents", "/Names", "/MarkInfo"):
            assert after.Root[name].objgen == before.Root[name].objgen
        assert after.Root.Lang == before.Root.Lang
        for old, new in zip(before.pages, after.pages, strict=True):
            assert old.Contents.read_bytes() == new.Contents.read_bytes()
            assert "/Annots" not in new.obj or new.Tabs == "/S"
        (widget,) = (
            each for page in after.pages for each in page.get("/Annots", []) if "/FT" in each
        )
        assert (widget.FT, str(widget.TU)) == ("/Sig", "Signature over this report")
        assert "/AP" not in widget  # nothing to see, and so no font that is missing
        assert "/NeedAppearances" not in after.Root.AcroForm


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("-o", "r.html"), "only a PDF report can be signed"),
            (("-o", "r.pdf", "--verdict", "verdict.json"), "an earlier verdict is not signed"),
            (("-o", "r.pdf", "--pades", "b-t"), "needs a time-stamping authority"),
        ],
    )
    def test_reports(
        self, arguments: tuple[str, ...], message: str, captured: Shell, office: Office
    ) -> None:
        (captured.cwd / "verdict.json").write_text(captured("verify", "--json").out)
        printed = captured("report", *signing(office), *arguments)
        assert printed.code == 2
        assert message in printed.err
        assert not list(captured.cwd.glob("r.*"))

    def test_a_bare_key(self, captured: Shell, office: Office) -> None:
        printed = captured("report", "-o", "r.pdf", "--sign", office.key())
        assert printed.code == 2
        assert "is signed with a certificate" in printed.err
        assert "openssl req -new" in printed.err

    def test_flags_without_a_key(self, captured: Shell, office: Office) -> None:
        flags = ("--certificate", office.folder / "signer.pem")
        printed = captured("report", "-o", "r.pdf", *flags)
        assert (printed.code, "without a key" in printed.err) == (2, True)

    def test_an_authority_that_is_down_leaves_no_file(
        self, captured: Shell, office: Office
    ) -> None:
        (captured.cwd / "r.pdf").write_bytes(b"what was there")
        port = ("--timestamp", "http://127.0.0.1:9/tsa")
        printed = captured("report", "-o", "r.pdf", *signing(office, *port))
        assert (printed.code, "no answer" in printed.err) == (1, True)
        assert (captured.cwd / "r.pdf").read_bytes() == b"what was there"

    def test_without_the_library_the_extra_is_named(self, captured: Shell, office: Office) -> None:
        code = (
            "import sys; sys.modules['pyhanko'] = None; from auditkit.cli.main import main; main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "report", "-o", "r.pdf", *map(str, signing(office))],
            cwd=captured.cwd,
            env=dict(captured.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert "auditkit-manifest[pades]" in done.stderr


def test_help_and_other_reports_do_without_it(captured: Shell) -> None:
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: print([m for m in ('pyhanko', 'weasyprint') if m in sys.modules]))\n"
        "from auditkit.cli.main import main\nmain()"
    )
    for arguments in (["--help"], ["-o", "report.html"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "report", *arguments],
            cwd=captured.cwd,
            env=dict(captured.environ),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.endswith("[]\n")
