"""The words of the report, each explained in a sentence."""

from __future__ import annotations

from auditkit.reports.blocks import Column, Table
from auditkit.reports.language import Language


def glossary_table(say: Language) -> Table:
    """Return the words that a reader may not know, in the order in which they are needed."""
    return Table(
        caption=say("Words used in this report"),
        columns=(Column(say("Word"), 24), Column(say("What it means here"), 76)),
        rows=(
            (say("Run"), say("One execution of training code.")),
            (say("Manifest"), say("The signed record of one run; it is never changed.")),
            (
                say("Digest"),
                say("A number that stands for bytes: other bytes have another (SHA-256)."),
            ),
            (
                say("Manifest digest"),
                say("The SHA-256 of the manifest's bytes. It names the record everywhere."),
            ),
            (say("Data set"), say("Something a run read or wrote; an output is one, too.")),
            (say("Inventory"), say("The list of a data set's files with size and digest.")),
            (
                say("Root (dirHash)"),
                say("One digest for a folder: the SHA-256 of what sha256sum prints, by path."),
            ),
            (
                say("Content digest"),
                say("One digest for the rows of a table, whatever files hold them."),
            ),
            (say("Schema fingerprint"), say("One digest for names and types of all columns.")),
            (say("Bundle"), say("The file that holds a signed statement and its signature.")),
            (say("Sidecar"), say("A file beside the bundle whose digest the manifest holds.")),
            (say("Trust policy"), say("Who may sign what, and what else a verifier demands.")),
            (
                say("Time stamp"),
                say("An authority's word that something existed by a time (RFC 3161)."),
            ),
            (say("Finding"), say("The outcome of one check; skipped is never passed.")),
            (say("Coverage"), say("How much was read again, out of how much was recorded.")),
            (say("Verdict"), say("All findings of one verification.")),
            (
                say("[U+202E], … [+9700]"),
                say("A character that cannot be seen; so many characters more in the evidence."),
            ),
        ),
        empty="",
    )
