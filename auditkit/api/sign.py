"""Sign a manifest that was captured without a key, or add a signature."""

from __future__ import annotations

from pathlib import Path

from auditkit.errors import TargetNotFoundError, UsageError
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.schemes import MANIFEST_BUNDLE
from auditkit.signing.signer import Signer, seal
from auditkit.stores.atomic import write_new
from auditkit.stores.evidence import EvidenceFolder
from auditkit.stores.writing import sibling_name


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
        SigningError: the service or token that holds the key did not sign.
        StorageError: the bundle could not be written.
    """
    folder = EvidenceFolder.open(path)
    payload, name = _payload(folder, signer.public_key.keyid, path)
    decode_statement(payload)
    target = folder.folder / name
    write_new(target, seal(payload, signer).encode())
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
    return decoded[0].payload, sibling_name(bundles[0].name, keyid)
