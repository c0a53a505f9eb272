"""Sign a manifest that was captured without a key."""

from __future__ import annotations

from pathlib import Path

from auditkit.errors import TargetNotFoundError, UsageError
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.dsse import pae
from auditkit.schemes import BUNDLE_SUFFIX, MANIFEST_BUNDLE, PAYLOAD_TYPE
from auditkit.signing.signer import Signer
from auditkit.stores.atomic import write_new
from auditkit.stores.evidence import EvidenceFolder


def sign(path: Path, signer: Signer) -> Path:
    """Sign the manifest at `path` (an evidence folder, bundle or unsigned manifest).

    The payload bytes are signed exactly as they are. An unsigned manifest gets its first bundle;
    a signed one gets a sibling bundle named after the key.

    Returns:
        The path of the bundle written.

    Raises:
        TargetNotFoundError: no manifest at `path`.
        ManifestError: the payload is not a valid manifest, so signing it would be a mistake.
        UsageError: this key has signed it already.
        StorageError: the bundle could not be written.
    """
    folder = EvidenceFolder.open(path)
    payload, name = _payload(folder, signer.public_key.keyid, path)
    decode_statement(payload)
    bundle = Bundle(
        payload=payload,
        signature=signer.sign(pae(PAYLOAD_TYPE, payload)),
        keyid=signer.public_key.keyid,
    )
    target = folder.folder / name
    write_new(target, bundle.encode())
    return target


def _payload(folder: EvidenceFolder, keyid: str, path: Path) -> tuple[bytes, str]:
    bundles = folder.bundles()
    if not bundles:
        unsigned = folder.unsigned()
        if unsigned is None:
            raise TargetNotFoundError("holds no manifest", path=str(path))
        return unsigned, MANIFEST_BUNDLE
    decoded = [decode_bundle(each.data) for each in bundles]
    if any(each.keyid == keyid for each in decoded):
        raise UsageError("this key has signed this manifest already", path=str(path))
    stem = bundles[0].name.removesuffix(BUNDLE_SUFFIX)
    return decoded[0].payload, f"{stem}.{keyid[:8]}{BUNDLE_SUFFIX}"
