"""The flags that say how a PDF report is signed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from auditkit.cli.flags import grouped
from auditkit.cli.prompt import ask_passphrase
from auditkit.cli.verifyopts import VerifyFlags
from auditkit.config import Settings, trust_from
from auditkit.errors import UsageError
from auditkit.signing.pades import LEVELS, Level, PdfSigning

_FILE = click.Path(path_type=Path, dir_okay=False)

_OPTIONS = (
    click.option(
        "--sign",
        "sign_key",
        metavar="URI",
        help="Sign the PDF (PAdES): a private key file, env:NAME, awskms:KEY or pkcs11:...",
    ),
    click.option(
        "--certificate",
        type=_FILE,
        metavar="FILE",
        help="X.509 certificate for the key of --sign, followed by those that lead to its root.",
    ),
    click.option("--allow-open-key", is_flag=True, help="Accept a key file that others can read."),
    click.option(
        "--pades",
        "level",
        type=click.Choice(LEVELS, case_sensitive=False),
        help="Level of the signature: b-t where a time-stamping authority is named, else b-b.",
    ),
    click.option(
        "--timestamp",
        "timestamps",
        multiple=True,
        metavar="URL",
        help="Time-stamping authority (RFC 3161) for the signature; several are tried in turn.",
    ),
    click.option(
        "--crl",
        "crls",
        multiple=True,
        type=_FILE,
        metavar="FILE",
        help="List of revoked certificates for a b-lta signature to carry.",
    ),
)


@dataclass(frozen=True, slots=True)
class PdfSignFlags:
    """The flags as given."""

    sign_key: str | None
    certificate: Path | None
    allow_open_key: bool
    level: Level | None
    timestamps: tuple[str, ...]
    crls: tuple[Path, ...]


pdf_sign_options = grouped(PdfSignFlags, _OPTIONS)


def open_pdf_signing(
    settings: Settings, flags: PdfSignFlags, verifying: VerifyFlags
) -> PdfSigning | None:
    """Return how the PDF is to be signed, None where --sign is not given.

    A B-LTA signature carries the roots of what the report is verified by.

    Raises:
        UsageError: a flag about the signature without --sign.
        KeyFileError: the key or its certificate cannot be used.
    """
    if flags.sign_key is None:
        if flags.certificate or flags.level or flags.timestamps or flags.crls:
            raise UsageError(
                "a flag about the PDF's signature is given without a key",
                hint="Give the key by --sign URI.",
            )
        return None
    from auditkit.config.pades import pdf_signing_from

    return pdf_signing_from(
        settings,
        flags.sign_key,
        certificate=flags.certificate,
        level=flags.level,
        timestamps=flags.timestamps,
        crls=flags.crls,
        trust=trust_from(settings, verifying.key, verifying.trust),
        allow_open_key=flags.allow_open_key,
        prompt=ask_passphrase,
    )
