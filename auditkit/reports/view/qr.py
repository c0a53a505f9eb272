"""A QR code that holds the manifest digest, to find the record again from paper."""

from __future__ import annotations

from auditkit.reports.blocks import QrCode


def qr_code(manifest: str) -> QrCode:
    """Return the code that holds `sha256:` and a manifest digest; error correction level M."""
    import segno  # noqa: PLC0415  46 ms, and only reports need it

    text = f"sha256:{manifest}"
    code = segno.make(text, error="m", micro=False, boost_error=False)
    modules = tuple(tuple(bool(module) for module in row) for row in code.matrix)
    return QrCode(modules, text)
