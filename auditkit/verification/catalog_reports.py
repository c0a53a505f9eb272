"""The checks of a report in PDF, beside those of the evidence that it carries."""

from __future__ import annotations

from typing import Final

from auditkit.verification.checkinfo import CheckInfo

REPORT_CHECKS: Final = (
    CheckInfo(
        id="report.file",
        step=1,
        title="The PDF can be read, and does nothing",
        what="Reads a report in PDF in a process with limits on memory and time, and looks for "
        "scripts and other actions that a reader might carry out.",
        passed="It can be read, and nothing in it is active.",
        failed="It is damaged, encrypted or asks for more than a report does; or it has scripts, "
        "programs, forms that are sent, or media.",
        action="Get the report again from where it was archived. Do not open one with scripts.",
    ),
    CheckInfo(
        id="report.signature",
        step=2,
        title="The report is signed, and the signature holds",
        what="Checks the one signature of a report over the bytes that it covers (PAdES), and that "
        "it certifies the document without allowing any change.",
        passed="The holder of the certificate's key signed exactly these pages and attachments.",
        failed="The bytes were changed after signing, the signature allows changes, there is more "
        "than one, or there is none and the policy says who signs reports.",
        indeterminate="The report is not signed, so nothing shows who made its pages. The evidence "
        "that it carries is verified on its own.",
        action="Ask whoever issued the report for a signed one.",
    ),
    CheckInfo(
        id="report.additions",
        step=2,
        title="Nothing was added after the signature",
        what="Compares every object that a later update of the file defines again with what was "
        "signed. Document time stamps, and what validates certificates, may be added.",
        passed="The file ends with its last signature or time stamp, and no more than these was "
        "added.",
        failed="Pages, attachments or anything else were changed or added after the signature.",
        action="What was signed is the file up to the end of the signature's byte range.",
    ),
    CheckInfo(
        id="report.signer",
        step=3,
        title="Somebody trusted signed the report",
        what="Looks for a signer of the trust policy that may sign a `report`, by its key or by a "
        "certificate that one of its authorities issued, at the time the signature is known since.",
        passed="A signer of the policy, or the trusted key, signed the report.",
        failed="Nobody trusted did; or the certificate was revoked, is for something else, or "
        "leads to no root; or the signer may not sign reports of this project.",
        indeterminate="No key was given; or the certificate has expired, and no time stamp proves "
        "that the signature is older.",
        action="Add the signer to the policy with `statements` of `report`, and its authority.",
    ),
    CheckInfo(
        id="report.timestamp",
        step=3,
        title="Since when the report's signature exists",
        what="Reads time stamps over the signature, and document time stamps over the whole file, "
        "by authorities of the trust policy.",
        passed="The signature existed by the time named.",
        failed="The policy requires a time stamp, and no valid one is there.",
        skipped="A time stamp that proves nothing is not counted.",
        action="Ask for a report at the level B-T or B-LTA, and name the authority in the policy.",
    ),
    CheckInfo(
        id="report.attachments",
        step=6,
        title="The attachments are those that were listed",
        what="Compares every attachment with the list of digests that is attached too, and so "
        "covered by the report's signature, and says which runs came without evidence.",
        passed="Every attachment is there as listed, and the list is signed.",
        failed="An attachment was changed, removed or added, or the list is missing.",
        indeterminate="The report is on a run whose evidence is not attached.",
        skipped="All are as listed, and nobody signed the list.",
        action="Get the report again. A bundle has a signature of its own, whatever the list says.",
    ),
    CheckInfo(
        id="report.pages",
        step=6,
        title="The pages say what the attached data says",
        what="Renders the report again from the data attached to it, and compares the bytes with "
        "those that were signed.",
        passed="Every page is what this program makes of the attached data.",
        failed="The pages are others, though they were set with the same fonts and libraries; or "
        "the data makes no report.",
        indeterminate="Another version of auditkit made the report, other fonts or libraries set "
        "it, a team's templates were used, or pages cannot be rendered here.",
        skipped="Nobody trusted signed the report, or its signature does not hold.",
        action="Verify with the version of auditkit that made the report, or render it again with "
        "auditkit report and compare.",
    ),
)
