"""Reports in PDF that are verified: what passes, and what is undecided."""

from __future__ import annotations

import json
from pathlib import Path

import keypool
import pikepdf
import pytest
from pdfdesk import GOOD, Desk, details, outcomes, rewritten, use
from pdfsigners import NOW, Office

from auditkit.signing.pades import PdfSigning, sign_pdf
from auditkit.signing.pades_identity import pdf_identity
from auditkit.verification.catalog import CHECKS


class TestWhatPasses:
    def test_a_signed_report_and_the_evidence_in_it(self, desk: Desk) -> None:
        printed = desk.verify()
        assert outcomes(printed) == GOOD, printed.out
        assert printed.code == 0
        report, run = printed.document["targets"]
        assert report["source"] == "report.pdf"
        assert run["source"] == "report.pdf/manifest.sigstore.json"
        assert [each["condition"] for each in run["datasets"]] == ["intact", "intact"]
        told = desk.shell("verify", "report.pdf", "--trust", desk.office.folder / "trust.toml")
        assert "report.pdf: the report itself" in told.out
        assert "PASSED: 2 targets, 2 passed" in told.out

    def test_one_that_lasts_is_as_old_as_its_time_stamp(
        self, desk: Desk, made: tuple[Path, Office]
    ) -> None:
        use(desk, made, "lasting.pdf")
        printed = desk.verify()
        assert outcomes(printed) == {**GOOD, "report.timestamp": "passed"}, printed.out
        assert "document time stamps" in details(printed, "report.additions")
        assert "says stamper" in details(printed, "report.timestamp")

    def test_by_the_signers_key_alone(self, desk: Desk) -> None:
        (desk.shell.cwd / "office.pub").write_bytes(
            keypool.key_signer("ecdsa-p256").public_key.pem()
        )
        printed = desk.verify("--key", "office.pub")
        assert outcomes(printed)["report.signer"] == "passed"
        assert printed.code == 10  # for this key did not sign the run

    def test_other_commands_read_the_evidence_in_it(self, desk: Desk) -> None:
        assert "train.csv" in desk.shell("inventory", "report.pdf", "train").out
        run = desk.shell("show", "report.pdf", "--json").document["predicate"]["run"]
        assert run["project"] == "sample"
        assert desk.shell("report", "report.pdf", "--key", "signer.pub").code == 0


class TestWithoutASignature:
    def test_the_evidence_is_verified_and_nothing_passes(
        self, desk: Desk, made: tuple[Path, Office]
    ) -> None:
        use(desk, made, "unsigned.pdf")
        printed = desk.verify("--key", "signer.pub")
        assert printed.code == 11
        assert outcomes(printed) == {
            "report.file": "passed",
            "report.signature": "indeterminate",
            "report.attachments": "skipped",
            "report.pages": "skipped",
        }
        assert printed.document["targets"][1]["status"] == "passed"

    def test_a_policy_that_names_signers_of_reports_misses_it(
        self, desk: Desk, made: tuple[Path, Office]
    ) -> None:
        use(desk, made, "unsigned.pdf")
        printed = desk.verify()
        assert printed.code == 10
        assert outcomes(printed)["report.signature"] == "failed"

    def test_taking_it_away_gains_nothing(self, desk: Desk) -> None:
        content = desk.file.read_bytes()
        desk.file.write_bytes(content[: content.index(b"%%EOF") + 6])
        assert desk.verify().code == 10
        assert desk.verify("--key", "signer.pub").code == 11

    def test_without_trust_nothing_is_known(self, desk: Desk) -> None:
        printed = desk.shell("verify", "report.pdf", "--json")
        assert printed.code == 11
        assert outcomes(printed)["report.signer"] == "indeterminate"


class TestPages:
    def signed_by_the_office(self, desk: Desk, content: bytes) -> None:
        certificate = desk.office.folder / "signer.pem"
        identity = pdf_identity(keypool.key_signer("ecdsa-p256"), certificate, NOW)
        desk.file.write_bytes(sign_pdf(content, PdfSigning(identity)))

    def test_pages_that_say_something_else_fail_whoever_signed_them(
        self, desk: Desk, made: tuple[Path, Office]
    ) -> None:
        use(desk, made, "unsigned.pdf")

        def lie(document: pikepdf.Pdf) -> None:
            document.pages[0].contents_add(b"BT (All is well) Tj ET")

        rewritten(desk, lie)
        self.signed_by_the_office(desk, desk.file.read_bytes())
        printed = desk.verify()
        assert outcomes(printed) == {**GOOD, "report.pages": "failed"}, printed.out
        assert printed.code == 10

    @pytest.mark.parametrize(
        ("name", "other", "why"),
        [
            ("auditkit.api.pdf_pages.__version__", "9.9", "only that version"),
            ("auditkit.reports.pdf._SAMPLES", "<p>{characters}</p>", "other fonts or libraries"),
        ],
    )
    def test_what_cannot_be_made_again_is_undecided(
        self, name: str, other: str, why: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(name, other)
        printed = desk.verify()
        assert outcomes(printed) == {**GOOD, "report.pages": "indeterminate"}, printed.out
        assert why in details(printed, "report.pages")
        assert printed.code == 11

    def test_data_that_makes_no_report_fails(self, desk: Desk, made: tuple[Path, Office]) -> None:
        use(desk, made, "unsigned.pdf")

        def damage(document: pikepdf.Pdf) -> None:
            document.attachments["evidence.json"] = pikepdf.AttachedFileSpec(
                document, b'{"schema": 1}', filename="evidence.json"
            )
            del document.Root.AF

        rewritten(desk, damage)
        self.signed_by_the_office(desk, desk.file.read_bytes())
        assert outcomes(desk.verify())["report.pages"] == "failed"


def test_a_json_verdict_names_each_check_of_the_catalogue(desk: Desk) -> None:

    found = json.loads(desk.verify().out)["targets"][0]["findings"]
    assert {each["check"] for each in found} <= CHECKS.keys()
