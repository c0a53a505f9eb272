"""What a report hands on beside its pages: bundles, tokens and sidecars, as they were read."""

from __future__ import annotations

from auditkit.errors import EnvelopeError, LogError, UnreadableError
from auditkit.evidence import Attachment, InventoryExcerpt, SignedBundle
from auditkit.manifest.model import Statement
from auditkit.manifest.packages import read_packages
from auditkit.registry.receipt import MAX_RECEIPT_BYTES
from auditkit.schemes import JSON_MEDIA_TYPE, TIMESTAMP_MEDIA_TYPE
from auditkit.stores.attached import NamedToken, receipt_path, tokens_beside
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.stores.reading import read_regular
from auditkit.verification.approvals import Approvals
from auditkit.verification.authenticate import Authentication
from auditkit.verification.erasures import Erasures
from auditkit.verification.manifest_check import all_sidecars, row_digests
from auditkit.verification.sidecar_check import Sidecars

_EXCERPT = 200


def excerpts(sidecars: Sidecars) -> tuple[InventoryExcerpt, ...]:
    """Return the first files of every inventory."""
    return tuple(
        InventoryExcerpt(
            dataset=name, entries=found.inventory[:_EXCERPT], total=len(found.inventory)
        )
        for name, found in sidecars.datasets.items()
        if found.inventory is not None
    )


def signed_bundles(authentication: Authentication) -> tuple[SignedBundle, ...]:
    """Return the bundles that count, in the order in which they were read."""
    return tuple(
        SignedBundle(
            bundle=each.name,
            keyid=each.public_key.keyid,
            algorithm=each.public_key.algorithm,
            has_certificate=each.trusted is None,
        )
        for standing in authentication.signers
        for each in standing.signatures
    )


def packages(statement: Statement, sidecars: Sidecars) -> tuple[tuple[str, str], ...]:
    """Return names and versions of the recorded distributions."""
    recorded = statement.predicate.environment.packages
    content = sidecars.contents.get(recorded.list.name) if recorded else None
    return read_packages(content) if content is not None else ()


def attachments(
    authentication: Authentication,
    approvals: Approvals,
    erasures: Erasures,
    statement: Statement,
    sidecars: Sidecars,
) -> tuple[Attachment, ...]:
    """Return signed bundles, time-stamp tokens, and the sidecars that are what was signed.

    Row digests stay behind: single rows can be guessed from them, and a report goes to people who
    are not to have the data.
    """
    kept_back = row_digests(statement)
    files = (
        Attachment(
            name=reference.name,
            media_type=reference.media_type,
            description="Sidecar bound by the manifest",
            content=sidecars.contents[reference.name],
        )
        for reference in all_sidecars(statement)
        if reference.name in sidecars.contents and reference not in kept_back
    )
    return (
        *(_bundle(each, "Signed manifest (Sigstore bundle)") for each in authentication.bundles),
        *(_bundle(each, "Signed approval (Sigstore bundle)") for each in approvals.bundles),
        *(_bundle(each, "Signed erasure (Sigstore bundle)") for each in erasures.bundles),
        *(_token(each) for each in (*authentication.tokens, *approvals.tokens)),
        *files,
    )


def receipt_files(folder: EvidenceFolder) -> tuple[Attachment, ...]:
    """Return the receipt beside the bundle and the tokens over its checkpoint, where they are.

    One that cannot be read stays behind; step 5 says what is wrong with it.
    """
    path = receipt_path(folder)
    if not path.exists():
        return ()
    try:
        content = read_regular(path, MAX_RECEIPT_BYTES, LogError)
        stamps = tokens_beside(path, folder.listings)
    except (LogError, EnvelopeError, UnreadableError):
        return ()
    receipt = Attachment(
        name=path.name,
        media_type="text/plain",
        description="Receipt of a registry (C2SP tlog-proof)",
        content=content,
    )
    return (receipt, *(_token(each) for each in stamps))


def _token(named: NamedToken) -> Attachment:
    return Attachment(
        name=named.name,
        media_type=TIMESTAMP_MEDIA_TYPE,
        description="Time-stamp token (RFC 3161)",
        content=named.data,
    )


def _bundle(named: NamedBundle, description: str) -> Attachment:
    return Attachment(
        name=named.name, media_type=JSON_MEDIA_TYPE, description=description, content=named.data
    )
