"""What was done to reports in PDF, and other files that are no reports: none of it passes."""

from __future__ import annotations

import io
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import keypool
import pikepdf
import pki
import pytest
from commands import Printed
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pdfdesk import Desk, details, outcomes, rewritten, use
from pdfsigners import DAY, NOW, Office
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError

from auditkit.signing.pades import PdfSigning, sign_pdf
from auditkit.signing.pades_identity import pdf_identity
from auditkit.stores import pdf_content


def updated(desk: Desk, change: Callable[[object], None]) -> None:
    """Append a change to the report as an incremental update, which leaves the bytes signed."""

    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(desk.file.read_bytes()))
    change(writer)
    writer.write(out)
    desk.file.write_bytes(out.getvalue())


def new_page_content(writer: object) -> None:

    page = writer.root["/Pages"]["/Kids"][0]  # type: ignore[attr-defined]
    stream = generic.StreamObject(stream_data=b"BT (All is well) Tj ET")
    page["/Contents"] = writer.add_object(stream)  # type: ignore[attr-defined]
    writer.update_container(page)  # type: ignore[attr-defined]


def new_attachment(writer: object) -> None:

    stream = EmbeddedFileObject.from_file_data(writer, b"{}")  # type: ignore[arg-type]
    embed_file(writer, FileSpec("more.json", embedded_data=stream))  # type: ignore[arg-type]


def no_attachments(writer: object) -> None:
    root = writer.root  # type: ignore[attr-defined]
    del root["/Names"]["/EmbeddedFiles"]
    del root["/AF"]
    writer.update_root()  # type: ignore[attr-defined]
    writer.update_container(root["/Names"])  # type: ignore[attr-defined]


def script(writer: object) -> None:

    action = generic.DictionaryObject(
        {
            pdf_name("/S"): pdf_name("/JavaScript"),
            pdf_name("/JS"): generic.pdf_string("app.alert(1)"),
        }
    )
    writer.root["/OpenAction"] = action  # type: ignore[attr-defined]
    writer.update_root()  # type: ignore[attr-defined]


class TestAttacks:
    @pytest.mark.parametrize(
        "change",
        [new_page_content, new_attachment, no_attachments, script],
        ids=lambda f: f.__name__,
    )
    def test_what_is_appended_shows(
        self, change: Callable[[object], None], desk: Desk, made: tuple[Path, Office]
    ) -> None:
        for name in ("signed.pdf", "lasting.pdf"):
            use(desk, made, name)
            updated(desk, change)
            printed = desk.verify()
            assert printed.code == 10
            found = outcomes(printed)
            assert found["report.additions"] == "failed"
            assert found["report.signature"] == "passed"  # of what was signed
            wrong = {"script": "report.file", "new_page_content": "report.additions"}
            assert found[wrong.get(change.__name__, "report.attachments")] == "failed"

    def test_bytes_after_the_end_show(self, desk: Desk) -> None:
        with desk.file.open("ab") as file:
            file.write(b"\n% more\n")
        printed = desk.verify()
        assert (printed.code, outcomes(printed)["report.additions"]) == (10, "failed")

    def test_a_changed_byte_breaks_the_signature(self, desk: Desk) -> None:
        content = bytearray(desk.file.read_bytes())
        at = content.index(b"/Title")
        content[at + 12] ^= 1
        desk.file.write_bytes(content)
        printed = desk.verify()
        assert (printed.code, outcomes(printed)["report.signature"]) == (10, "failed")
        assert "report.signer" not in outcomes(printed)

    def test_a_signature_by_a_stranger_counts_for_nothing(self, desk: Desk, tmp_path: Path) -> None:

        stranger = Office.open(tmp_path / "stranger")
        certificate = stranger.certificate(keypool.private_key("ecdsa-p256", 5))
        content = desk.file.read_bytes()
        base = content[: content.index(b"%%EOF") + 6]
        identity = pdf_identity(keypool.key_signer("ecdsa-p256", 5), certificate, NOW)
        desk.file.write_bytes(sign_pdf(base, PdfSigning(identity)))
        printed = desk.verify()
        assert (printed.code, outcomes(printed)["report.signer"]) == (10, "failed")
        assert "no path leads" in details(printed, "report.signer")
        by_key = desk.verify("--key", "signer.pub")
        assert "not trusted" in details(by_key, "report.signer")

    def test_an_expired_certificate_is_undecided_without_a_time_stamp(
        self, desk: Desk, made: tuple[Path, Office], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = NOW + 500 * DAY

        class Clock(type(NOW)):  # type: ignore[misc]
            @classmethod
            def now(cls, tz: object = None) -> object:  # noqa: ARG003
                return later

        monkeypatch.setattr("auditkit.verification.options.datetime", Clock)
        printed = desk.verify()
        assert outcomes(printed)["report.signer"] == "indeterminate", printed.out
        use(desk, made, "lasting.pdf")
        assert outcomes(desk.verify())["report.signer"] == "passed"

    def test_a_revoked_certificate_fails(self, desk: Desk, tmp_path: Path) -> None:

        mine = tmp_path / "policy"
        shutil.copytree(desk.office.folder, mine)
        leaf = x509.load_pem_x509_certificates((mine / "signer.pem").read_bytes())[0]
        crl = desk.office.issuing.crl(pki.revoked(leaf, NOW - DAY / 2), issued=NOW - DAY / 2)
        (mine / "issuing.crl").write_bytes(crl.public_bytes(Encoding.PEM))
        printed = desk.verify("--trust", mine / "trust.toml")
        assert (printed.code, outcomes(printed)["report.signer"]) == (10, "failed")
        assert "revoked" in details(printed, "report.signer")

    def test_signers_of_other_things_or_projects_do_not_count(self, desk: Desk) -> None:
        text = (desk.office.folder / "trust.toml").read_text()
        for wrong, why in (
            ('statements = ["approval"]\nrole = "x"', "may not sign reports"),
            ('statements = ["report"]\nprojects = ["other"]', "for the project sample"),
        ):
            changed = text.replace('statements = ["report"]', wrong)
            changed = changed.replace(
                '"machine"\nstatements = ["approval"', '"person"\nstatements = ["approval"'
            )
            (desk.office.folder / "other.toml").write_text(changed)
            printed = desk.verify("--trust", desk.office.folder / "other.toml")
            assert why in details(printed, "report.signer"), printed.out
            assert printed.code == 10

    def test_attachments_of_an_unsigned_report(self, desk: Desk, made: tuple[Path, Office]) -> None:
        use(desk, made, "unsigned.pdf")

        def swap(document: pikepdf.Pdf) -> None:
            document.attachments["environment.packages.json"] = pikepdf.AttachedFileSpec(
                document, b"{}", filename="environment.packages.json"
            )
            del document.attachments["verdict.json"]
            document.attachments["more.json"] = pikepdf.AttachedFileSpec(
                document, b"{}", filename="more.json"
            )
            del document.Root.AF

        rewritten(desk, swap)
        printed = desk.verify("--key", "signer.pub")
        assert printed.code == 10
        told = details(printed, "report.attachments")
        assert "verdict.json: is listed and not attached" in told
        assert "more.json: is attached and not listed" in told
        assert "environment.packages.json: is not what was listed" in told


class TestOtherFiles:
    def damaged(self, desk: Desk, content: bytes) -> Printed:
        desk.file.write_bytes(content)
        printed = desk.verify()
        assert "Traceback" not in printed.err
        return printed

    def test_truncated(self, desk: Desk) -> None:
        content = desk.file.read_bytes()
        for size in (5, 1000, len(content) // 2, len(content) - 100):
            printed = self.damaged(desk, content[:size])
            assert printed.code == 10
            assert outcomes(printed) == {"report.file": "failed"}

    def test_encrypted(self, desk: Desk) -> None:
        rewritten_to = io.BytesIO()
        with pikepdf.open(desk.file) as document:
            document.save(rewritten_to, encryption=pikepdf.Encryption(owner="a", user=""))
        printed = self.damaged(desk, rewritten_to.getvalue())
        assert printed.code == 10
        assert "encrypted" in details(printed, "report.file")

    def test_by_another_tool(self, desk: Desk) -> None:
        blank = io.BytesIO()
        with pikepdf.new() as document:
            document.add_blank_page()
            document.save(blank)
        desk.file.write_bytes(blank.getvalue())
        printed = desk.verify()
        assert (printed.code, printed.document["error"]) == (3, "NothingToVerifyError")

    def test_a_bomb(self, desk: Desk) -> None:
        printed = self.damaged(desk, bomb())
        assert (printed.code, outcomes(printed)) == (10, {"report.file": "failed"})

    def test_a_page_tree_that_goes_round(self, desk: Desk) -> None:
        pages = b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"
        printed = self.damaged(desk, written(b"<</Type/Catalog/Pages 2 0 R>>", pages))
        assert "nested too deep" in details(printed, "report.file")

    def test_a_reader_that_takes_too_long_is_stopped(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("auditkit.stores.pdf.SECONDS", 0.01)
        printed = self.damaged(desk, desk.file.read_bytes())
        assert "could not be read in" in details(printed, "report.file")

    def test_no_more_of_an_attachment_is_unpacked_than_is_allowed(self) -> None:
        packed = zlib.compress(bytes(1 << 20))
        filtered = {pdf_name("/Filter"): pdf_name("/FlateDecode")}
        stream = generic.StreamObject(filtered, encoded_data=packed)
        assert len(pdf_content._unpacked(stream, 1 << 20)) == 1 << 20
        with pytest.raises(PdfReadError, match="attachments have more than"):
            pdf_content._unpacked(stream, (1 << 20) - 1)


def written(*objects: bytes) -> bytes:
    """Return a PDF of these objects, the first of which is its catalog."""
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + head + table + tail


def bomb() -> bytes:
    """Return a small PDF whose cross-reference stream unpacks to eight gigabytes."""
    packer = zlib.compressobj(9)
    zeros = bytes(1 << 24)
    packed = b"".join(packer.compress(zeros) for _ in range(512)) + packer.flush()
    head = b"%PDF-1.7\n1 0 obj\n"
    entry = (
        b"<</Type/XRef/W[1 4 2]/Size 2/Root 2 0 R/Filter/FlateDecode/Length %d>>\nstream\n"
        % len(packed)
    )
    body = head + entry + packed + b"\nendstream\nendobj\n"
    return body + b"startxref\n9\n%%EOF\n"
