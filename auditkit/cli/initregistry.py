"""The registry that `auditkit init --registry` makes, or finds there already."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.api.create_registry import PreparedRegistry, prepare_registry
from auditkit.cli.output import plain, stderr
from auditkit.cli.prompt import ask_passphrase
from auditkit.config import (
    Settings,
    load_settings,
    log_signer_from,
    registry_address,
    shared_key_warnings,
    user_config_dir,
)
from auditkit.config.editing import TomlValue, portable, with_values
from auditkit.errors import UsageError
from auditkit.registry.logkey import LogSigner
from auditkit.schemes import CONFIG_FILE
from auditkit.signing.keyfile import make_key_folder, write_key_pair
from auditkit.signing.keys import generate_private_key
from auditkit.signing.opening import open_signer
from auditkit.stores.atomic import replace
from auditkit.stores.opening import StoreSettings
from auditkit.stores.retention import Retention

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class InitRegistry:
    """A registry that is ready, what was written for it, and where its verifier keys belong.

    `in_policy` says that the project goes by a trust policy, which people edit themselves.
    """

    prepared: PreparedRegistry
    written: tuple[str, ...]
    in_policy: bool
    warnings: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return what `--json` says about it."""
        prepared = self.prepared
        return {
            "location": prepared.location,
            "origin": prepared.origin,
            "created": prepared.created,
            "verifier_keys": [str(each) for each in prepared.keys],
            "single_writer": prepared.single_writer,
            "guarantees": {
                **asdict(prepared.guarantees),
                "sentences": prepared.guarantees.sentences(),
            },
            "warnings": list(self.warnings),
        }

    def draw(self, console: Console) -> None:
        """Tell people what is there, what the place guarantees, and who verifies with what."""
        prepared = self.prepared
        verb = "made" if prepared.created else "found"
        _print(console, f"{verb} the registry {prepared.location}, log {prepared.origin}")
        for sentence in prepared.guarantees.sentences():
            _print(console, f"  {sentence}")
        if prepared.single_writer:
            _print(console, "  you said that only one process writes here at a time")
        for key in prepared.keys:
            _print(console, f"verifier key: {key}")
        if not prepared.keys:
            _print(console, "get its verifier key from who keeps the log, by a way you trust")
        elif self.in_policy:
            _print(console, "put the verifier key into your trust policy, under [[logs]]")
        for warning in self.warnings:
            stderr().print(f"warning: {warning}", style="yellow", markup=False)


def init_registry(
    root: Path, project: str, uri: str, *, retain: str | None, single_writer: bool
) -> InitRegistry:
    """Make the registry at `uri`, or join it, and name it in the project's `auditkit.toml`.

    Raises:
        UsageError: the project has another registry already, or `uri` is no address of one.
        ConfigError: `auditkit.toml` says otherwise, or `retain` is no retention.
        KeyFileError: the log's key cannot be used.
        StoreError: the place does not guarantee enough, refused, or cannot be reached.
    """
    settings = load_settings(root)
    section = settings.file.registry
    if section.uri not in {None, uri}:
        raise UsageError(
            f"this project has another registry: {section.uri}",
            hint=f"Change [registry] in {CONFIG_FILE} by hand if it is to be left.",
        )
    retention = retain or section.retention
    store = StoreSettings(
        s3=settings.s3,
        retention=Retention.parse(retention) if retention else None,
        single_writer=single_writer or section.single_writer,
    )
    log_key = _LogKey(settings, user_config_dir(os.environ) / "keys" / f"{project}-log.pem")
    prepared = prepare_registry(
        registry_address(uri, root),
        store,
        project,
        own_key=log_key.find(),
        make_key=log_key.make,
    )
    in_policy = settings.file.verify.trust is not None
    values: dict[str, TomlValue] = {"uri": uri}
    if prepared.keys and not section.log_key and log_key.path.exists():
        values["log-key"] = portable(log_key.path)
    if retention:
        values["retention"] = retention
    if prepared.single_writer:
        values["single-writer"] = True
    verifier: dict[str, TomlValue] = {}
    if prepared.keys and not in_policy:
        keys = [str(each) for each in prepared.keys]
        verifier["log"] = keys if len(keys) > 1 else keys[0]
    return InitRegistry(
        prepared,
        (*log_key.written(), *_write(root, values, verifier)),
        in_policy,
        shared_key_warnings(settings, (each.public_key for each in prepared.keys)),
    )


class _LogKey:
    """The log's key: the configured one, or a file beside the project's own key."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self.path = path
        self._settings = settings
        self._made = False

    def find(self) -> LogSigner | None:
        """Return the key if it is at hand."""
        flags = (str(self.path),) if not self._settings.log_keys() and self.path.exists() else ()
        return log_signer_from(self._settings, flags, prompt=ask_passphrase)

    def make(self) -> LogSigner:
        """Write a key file and return its key."""
        make_key_folder(self.path.parent)
        write_key_pair(self.path, generate_private_key("ed25519"), None)
        self._made = True
        return LogSigner(open_signer(str(self.path), environ=self._settings.environ))

    def written(self) -> tuple[str, ...]:
        """Return what was written."""
        return (str(self.path),) if self._made else ()


def _write(
    root: Path, registry: Mapping[str, TomlValue], verify: Mapping[str, TomlValue]
) -> tuple[str, ...]:
    path = root / CONFIG_FILE
    text = path.read_text(encoding="utf-8")
    changed = with_values(with_values(text, "registry", registry), "verify", verify)
    if changed == text:
        return ()
    replace(path, changed.encode())
    return (CONFIG_FILE,)


def _print(console: Console, text: str) -> None:
    console.print(plain(text), markup=False, soft_wrap=True)
