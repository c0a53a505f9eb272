"""Statements beside a manifest, and what their signatures are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditkit.errors import EnvelopeError
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import preview
from auditkit.stores.attached import NamedToken, tokens
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.trust.rules import Principal, Rules
from auditkit.verification.bundles import DecodedBundle
from auditkit.verification.signatures import check_signatures
from auditkit.verification.signers import counted, standings
from auditkit.verification.timestamps import known_times


@dataclass(frozen=True, slots=True)
class Attested:
    """A statement: the name of the first of its bundles, its payload, and who signed it.

    `objection` says why it does not count, and is empty where there is a `signer` who may sign it,
    with a key that was good.
    """

    name: str
    payload: bytes
    signer: Principal | None = None
    objection: str = ""


def read_attested(
    folder: EvidenceFolder, bundles: Sequence[NamedBundle], rules: Rules, now: datetime
) -> Iterator[Attested]:
    """Yield each statement in a folder's bundles with what it is worth under the rules.

    Raises:
        UnreadableError: the operating system refused.
    """
    found: dict[bytes, list[tuple[NamedBundle, DecodedBundle]]] = {}
    for each in bundles:
        try:
            decoded = DecodedBundle(each.name, decode_bundle(each.data))
        except EnvelopeError as error:
            yield Attested(each.name, b"", objection=error.message)
            continue
        found.setdefault(decoded.bundle.payload, []).append((each, decoded))
    for payload, own in found.items():
        try:
            files = {each.name: tokens(folder, each) for each, _ in own}
            yield judge_statement([decoded for _, decoded in own], files, rules, now)
        except EnvelopeError as error:
            yield Attested(own[0][0].name, payload, objection=error.message)


def judge_statement(
    own: Sequence[DecodedBundle],
    files: Mapping[str, Sequence[NamedToken]],
    rules: Rules,
    now: datetime,
) -> Attested:
    """Return what bundles over one payload are worth; `files` are tokens by the bundle's name."""
    name, payload = own[0].name, own[0].bundle.payload
    signatures, findings = check_signatures(own, rules)
    times = known_times(signatures, files, rules, now)
    found = standings(signatures, times.known, preview(payload), rules.strength)
    passed = counted(found)
    if passed:
        return Attested(name, payload, passed[0].principal)
    reasons = [each.judgement.detail for each in found]
    reasons += [each.detail for each in findings if each.status != "passed"]
    return Attested(name, payload, objection=reasons[0])
