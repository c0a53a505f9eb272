"""What each check does, what its outcomes mean, and what to do: one entry per check id."""

from __future__ import annotations

from auditkit.verification.catalog_reports import REPORT_CHECKS
from auditkit.verification.checkinfo import CheckInfo

_CHECKS = (
    CheckInfo(
        id="envelope",
        step=1,
        title="The bundle is well-formed",
        what="Reads the file as a Sigstore bundle v0.3 with one DSSE envelope: strict JSON, at "
        "most 16 MiB, the in-toto payload type, exactly one signature. Sibling bundles must hold "
        "the same payload.",
        passed="The bytes are a bundle; nothing is said yet about who made it.",
        failed="The file is damaged, was changed, is not a bundle, or there is no signature.",
        indeterminate="The manifest is not signed and no key was given, or it could not be read.",
        action="Get the evidence folder again from where it was archived.",
    ),
    CheckInfo(
        id="signature",
        step=2,
        title="The signature verifies",
        what="Verifies the signature over the DSSE pre-authentication encoding of the payload "
        "bytes, exactly as they are stored.",
        passed="The holder of the trusted private key signed exactly these bytes.",
        failed="The payload or the signature was changed after signing.",
        indeterminate="No key was given.",
        skipped="The signature was made by a key that is not at hand.",
        action="Treat the manifest as changed; look for another copy and for who wrote this one.",
    ),
    CheckInfo(
        id="signer",
        step=3,
        title="The signer is trusted",
        what="Holds the keys that verify against the one key or the policy that the verifier chose "
        "to trust: whose they are, what their holders may sign, whether they were good at the time "
        "the signature is known since, and whether enough different signers signed. Also holds "
        "the signers listed in the payload against the bundles that are there. What a bundle says "
        "about its key is a hint and decides nothing.",
        passed="A trusted signer signed, may sign this, and its key was good.",
        failed="Nobody trusted signed, or too few did; the signer may not sign this; the key was "
        "not valid yet, or was compromised and nothing proves that the signature is older; the "
        "bundle names a key that did not sign; or a signature that the payload lists is missing.",
        indeterminate="No key was given; or the key has expired or was replaced, and nothing "
        "proves that the signature is older. The detail says what would settle it.",
        skipped="The signature does not count, and enough others do.",
        action="Check the fingerprint with the team by a second way; give the right key by --key "
        "or the right policy by --trust. auditkit trust show explains a policy.",
    ),
    CheckInfo(
        id="timestamp",
        step=3,
        title="A proven time",
        what="Checks RFC 3161 tokens over the signature against the authorities of the trust "
        "policy. The earliest valid one says since when the signature is known to exist, and that "
        "is held against the start of the run.",
        passed="A trusted authority saw the signature at this time.",
        failed="The policy requires a time stamp and there is no valid one, or a signature is "
        "proven to be older than the run it is about.",
        indeterminate="The run says that it began later than this verification.",
        skipped="No time stamp is required, and times in the manifest are the machine's own; or a "
        "token that proves nothing is not counted.",
        action="Ask the authority named in the token for its root certificate, and name it in the "
        "policy.",
    ),
    CheckInfo(
        id="approval",
        step=3,
        title="Approved by a person",
        what="Reads the approvals beside the manifest, each signed with a person's own key, and "
        "counts persons by role. Name and role are those that the trust policy gives the key. A "
        "missing approval does not keep the data from being checked.",
        passed="This person approved exactly this manifest; or enough persons of a role did.",
        failed="Fewer persons approved than the policy requires; or an approval is damaged, about "
        "another manifest, by a machine, by whoever signed the manifest, or in another name or "
        "role than the key's.",
        indeterminate="The approver's key has expired or was replaced, and nothing proves that "
        "the approval is older.",
        skipped="No approval is required, or it was made by a key that is not at hand.",
        action="Ask for an approval: auditkit approve, with the key of the person who approves.",
    ),
    CheckInfo(
        id="manifest",
        step=4,
        title="The payload is a valid manifest",
        what="Reads the payload strictly by the typed model: no unknown or duplicate fields, one "
        "consistent set of subjects, data sets and sidecars. Fields that a newer minor version "
        "added are listed and not interpreted.",
        passed="The manifest says one consistent thing.",
        failed="The payload is not a manifest, contradicts itself, or needs a newer auditkit.",
        skipped="Steps 1-3 did not pass.",
        action="If a newer major version wrote it, install a newer auditkit.",
    ),
    CheckInfo(
        id="log.checkpoint",
        step=5,
        title="The checkpoint is the log's own",
        what="Reads the registry's checkpoint, origin, size and root hash, and verifies that a "
        "trusted key of that log signed it, and as many cosigners as the policy asks for.",
        passed="The log's operator signed this state of it.",
        failed="It is not signed by a trusted key, of another log, damaged, or too few cosigners "
        "signed it.",
        indeterminate="No log is trusted, or the registry could not be reached.",
        action="Get the log's verifier key from its operator, and give it by --log or in the "
        "policy's [[logs]].",
    ),
    CheckInfo(
        id="log.timestamp",
        step=5,
        title="Since when the log was in this state",
        what="Looks for time-stamp tokens (RFC 3161) beside the receipt, over the text of the "
        "checkpoint in it, by authorities of the trust policy.",
        passed="The log was in this state by that time; everything in it is at least as old.",
        failed="Never: a token that does not count is skipped, with the reason.",
        indeterminate="Never.",
        action="Name the authority under [[authorities]] of the trust policy, or stamp again: "
        "auditkit timestamp RECEIPT.",
    ),
    CheckInfo(
        id="log.inclusion",
        step=5,
        title="Recorded in a registry",
        what="Looks for the manifest in the log: reads all entries, which have to add up to the "
        "checkpoint, and proves that one of them is this manifest's. Without a registry it checks "
        "the receipt beside the bundle.",
        passed="The manifest is in the log. It is not said that every run was recorded.",
        failed="The log has no such entry; or the receipt, or the registry's tiles, do not prove "
        "it; or the entry says something else than the manifest.",
        indeterminate="It was recorded and waits to be integrated, or the registry could not be "
        "reached.",
        skipped="No registry was given and there is no receipt, or no log is trusted.",
        action="If it waits, run auditkit log integrate. Otherwise record it: auditkit record.",
    ),
    CheckInfo(
        id="log.consistency",
        step=5,
        title="Nothing was dropped or rewritten since",
        what="Proves that the log extends every earlier checkpoint at hand: the last one that was "
        "remembered on this machine, those given by --checkpoint, and that of the receipt.",
        passed="Everything that was in the log at that checkpoint still is, unchanged.",
        failed="The log was rolled back or forked: something that was recorded was dropped or "
        "rewritten.",
        indeterminate="The policy requires an earlier checkpoint and none is at hand, or the "
        "registry could not be reached.",
        skipped="No earlier checkpoint is at hand, so a rollback is not excluded.",
        action="Keep both checkpoints: they prove it. auditkit log verify names what was changed; "
        "restore the registry from a copy, and find out who could write to it.",
    ),
    CheckInfo(
        id="log.conflict",
        step=5,
        title="One manifest for one run",
        what="Looks through all entries for another manifest under this run's id.",
        passed="Nobody trusted signed another one.",
        failed="Somebody trusted signed another manifest of the same run; or not all entries could "
        "be read.",
        indeterminate="Another one is there and cannot be read; or, in auditkit log verify, "
        "which trusts nobody, there are two.",
        skipped="There is a receipt only, which does not show what else is in the log.",
        action="Ask which of the two is right. A retried job is a run of its own, with an id of "
        "its own.",
    ),
    CheckInfo(
        id="log.tree",
        step=5,
        title="Every entry is as it was",
        what="In auditkit log verify: reads every entry and every tile, and holds them against "
        "each other and against the checkpoint.",
        passed="All entries and tiles add up to the checkpoint.",
        failed="The entry or tile named was changed or is missing.",
        action="Restore what is named from a copy; the log proves which copy is right.",
    ),
    CheckInfo(
        id="log.blob",
        step=5,
        title="Everything recorded is still stored",
        what="In auditkit log verify --blobs: reads the bundle, token and sidecars of every entry "
        "and compares them with their digests.",
        passed="All of it is byte for byte what was recorded.",
        failed="It is missing, or was changed or swapped.",
        indeterminate="The manifest is not valid, so what belongs to it is not known.",
        action="Restore the blob from a copy or, in a bucket that keeps versions, from the "
        "version that the detail names.",
    ),
    CheckInfo(
        id="sidecar",
        step=6,
        title="Sidecars are unchanged",
        what="Reads every sidecar the manifest binds and compares its SHA-256 and size; an "
        "inventory must also add up to the signed root and counts.",
        passed="The sidecar is byte for byte what was signed.",
        failed="The sidecar is missing, changed, swapped, or disagrees with the manifest.",
        indeterminate="The operating system refused to read it.",
        skipped="The manifest was not authenticated or is not valid; or digests of single rows, "
        "which reports and packs do not carry, were left out.",
        action="Restore the whole evidence folder. Without an inventory a change in a data set is "
        "still found, but cannot be located.",
    ),
    CheckInfo(
        id="lineage",
        step=7,
        title="The chain of runs holds",
        what="Follows parents, and inputs that are outputs of earlier runs by their digests, back "
        "through the evidence given by --parents. A manifest that nobody trusted signed counts for "
        "nothing there. The evidence cannot show a run that was never recorded, or whose evidence "
        "is not at hand.",
        passed="Every earlier run that was found is signed by somebody trusted, and none is "
        "missing; or the run begins the chain.",
        failed="A parent is missing or cannot be believed; or the policy requires this step.",
        indeterminate="A parent's standing is not settled, or the chain is too long to follow.",
        skipped="No parents were given. Or runs go round in a circle: one read what a later one "
        "wrote. By their clocks the data was there before, so the later one is not counted.",
        action="Give the evidence of earlier runs by --parents. auditkit lineage draws the chain.",
    ),
    CheckInfo(
        id="lineage.parent",
        step=7,
        title="A parent is there and signed",
        what="Looks for each run that this one, or an earlier run of the chain, declares as its "
        "parent: by manifest digest, with a trusted signature and the run id that was declared. "
        "Says which outputs of the parent are inputs here.",
        passed="The parent is there, and somebody trusted signed it.",
        failed="It is missing, is the manifest of another run, or nobody trusted signed it.",
        indeterminate="Its signer's key has expired or was replaced, and nothing proves that the "
        "signature is older.",
        action="Ask the team for the parent's evidence folder.",
    ),
    CheckInfo(
        id="lineage.citation",
        step=7,
        title="A cited data set is what its run recorded",
        what="Looks for the run on whose word an input stands (`run:RUN/NAME`), here or in an "
        "earlier run of the chain, and compares root, content digest, counts and location.",
        passed="Somebody trusted signed that run's manifest, and it says the same.",
        failed="That run is missing, nobody trusted signed it, or it says something else.",
        indeterminate="Its signer's key has expired or was replaced, and nothing proves that the "
        "signature is older.",
        action="Ask the team for the cited run's evidence folder. To re-read the data itself, give "
        "--data NAME=PATH.",
    ),
    CheckInfo(
        id="lineage.input",
        step=7,
        title="Where an input came from",
        what="Looks for earlier runs with an output that has the digest of this input: of the "
        "file, of the folder, or of the rows of a table.",
        passed="A run that somebody trusted signed wrote it.",
        failed="",
        skipped="No run at hand wrote it: it came from outside, or the evidence is not here.",
    ),
    CheckInfo(
        id="code",
        step=8,
        title="The commit is in the repository",
        what="Looks for the recorded commit and its tree among the objects of the repository given "
        "by --repo. No hook, filter or other program of that repository is run.",
        passed="The repository has this commit, with this tree.",
        failed="The repository lacks the commit, or has another tree for it.",
        indeterminate="git could not be run or refused.",
        skipped="No repository was given, or the manifest records no commit.",
        action="Fetch all branches and tags, or give the repository that the run was made from.",
    ),
    CheckInfo(
        id="dataset.version",
        step=9,
        title="The recorded version is there",
        what="For a Delta table: reads the log of the recorded version again and compares the "
        "table's id, its protocol and the number of data files. For objects in a bucket: looks for "
        "the version of each that was recorded, and reads that, whatever came after it. With "
        "--against latest what is there now is read instead.",
        passed="This version, or the newest one if that was asked for, can be read; or every "
        "recorded version is in the bucket, and the detail says what came after.",
        failed="Another table is there, or the log says another thing about the version; or "
        "recorded versions are not in the bucket any more.",
        indeterminate="The table itself shows that its retention removed the log of the version.",
        skipped="The bucket kept no versions, or the verifier named another place; what is there "
        "now was read.",
        action="Keep versions that a record needs: see the guides on Delta tables and retention. "
        "With --against latest the check tells whether what is there today is what was recorded.",
    ),
    CheckInfo(
        id="dataset.files",
        step=9,
        title="The files are there, and no others",
        what="Lists the data set's folder and compares it with the recorded inventory, file by "
        "file. A missing file with the content of an extra one is reported as renamed.",
        passed="Every recorded file is there and nothing was added; or a table's rows, in other "
        "files, were all read again and are the recorded ones (`relaid`).",
        failed="Files are missing, were added, or the data set is gone.",
        indeterminate="The folder could not be listed, nothing was re-read, or the store itself "
        "shows that retention removed files.",
        skipped="The data set was not selected by --only, or the manifest was not authenticated.",
        action="If the data moved, use --data-root DIR or --data NAME=PATH; otherwise restore it.",
    ),
    CheckInfo(
        id="erasure",
        step=9,
        title="Recorded data was lawfully deleted",
        what="Reads the erasures beside the manifest. One counts if somebody signed it whom the "
        "verifier lets attest erasures, and it names this manifest, the data set and its root. It "
        "excuses bytes that are gone, never bytes that differ.",
        passed="An erasure of this data set counts; the detail says who attested it, and why.",
        failed="",
        skipped="An erasure does not count, with the reason; then what is gone is missing.",
        action="Let whoever may attest it sign an erasure: auditkit attest-erasure.",
    ),
    CheckInfo(
        id="dataset.bytes",
        step=9,
        title="The bytes are unchanged",
        what="Reads every byte again and compares each file's SHA-256 with the inventory, and the "
        "root over all files with the signed one. No cache, date or stored checksum is believed.",
        passed="Every byte was re-read and is what was recorded; or a table was written again, and "
        "all of its rows are the recorded ones (`relaid`).",
        failed="The content of a file differs; or the rows are the same, and what files say to "
        "readers beside them is not: metadata that readers go by, or statistics they skip rows by.",
        indeterminate="A file could not be read, changed while it was read, or metadata mode read "
        "no bytes.",
        action="Compare with a backup. If the change was intended, record a new run.",
    ),
    CheckInfo(
        id="dataset.schema",
        step=9,
        title="The schema is unchanged",
        what="Reads the columns of a table again, CSV and JSON Lines under the recorded types, and "
        "compares names, order, types and nullability.",
        passed="The columns are the recorded ones; or they are stored in another way that makes no "
        "difference to readers, and all rows are the recorded ones.",
        failed="Columns were added, removed, moved or changed their type, or the file is no longer "
        "such a table.",
        indeterminate="No schema could be read.",
        action="The detail lists each change and whether readers of the old schema still work.",
    ),
    CheckInfo(
        id="dataset.rows",
        step=9,
        title="The row count is unchanged",
        what="Counts rows again: from the footers of Parquet and Arrow files, the others one by "
        "one under the recorded dialect.",
        passed="The number of rows is the recorded one.",
        failed="Rows were added or removed.",
        indeterminate="The rows could not be counted.",
        skipped="Metadata mode does not count rows of CSV and JSON Lines.",
    ),
    CheckInfo(
        id="dataset.content",
        step=9,
        title="The values are unchanged",
        what="Reads all rows of a table again, under the recorded schema, dialect and null tokens, "
        "and compares the digest over their values with the signed one. Where it differs, the "
        "recorded digests of blocks of 65,536 rows say which columns and rows changed, and where "
        "the others are now. Rows of a `bag` are named by digests of their own, where those "
        "were recorded.",
        passed="Every value is what was recorded, whatever files hold it.",
        failed="Values changed, or rows were added, removed or moved: one finding a place, with "
        "column, rows (counted from 0), file and row group as far as they are known.",
        indeterminate="Not all rows could be read.",
        skipped="No content digest was recorded, or metadata mode read no rows.",
        action="Compare the rows named with a backup. Files that did not change narrow a block "
        "down; within a changed file a block is the smallest thing that can be named.",
    ),
    CheckInfo(
        id="retention",
        step=11,
        title="The data will be there long enough",
        what="Looks by names and sizes whether each recorded version is there, asks its store for "
        "the settings that remove or protect it, and compares the date with how long the record "
        "must be kept. Only auditkit retention does this; no verdict depends on it.",
        passed="Everything is held by its store until the record need not be kept any more.",
        failed="Something is not there any more, or a setting lets it be removed too early.",
        indeterminate="No setting removes it, and none protects it; or the settings could not be "
        "read.",
        action="Each row says what to do. Do it before the date: what is gone cannot be verified.",
    ),
)

CHECKS: dict[str, CheckInfo] = {check.id: check for check in (*_CHECKS, *REPORT_CHECKS)}
"""Every check id there is. Step 10 runs the `dataset.*` checks on outputs."""
