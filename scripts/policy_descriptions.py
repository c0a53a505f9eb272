"""What each field of `trust.toml` means, for its JSON Schema and for the documentation."""

from __future__ import annotations

from typing import Final

_WINDOW: Final = {
    "not-before": "The key may not have signed earlier; RFC 3339 with an offset.",
    "not-after": "Signatures must be proven to be this old or older.",
    "revoked-at": "From then on the key no longer counts.",
    "reason": "Why it was revoked. Only after `compromise` are unproven signatures `failed`.",
}

DESCRIPTIONS: Final[dict[str, dict[str, str]]] = {
    "PolicyFile": {
        "version": "The version of this format.",
        "signers": "Who may sign.",
        "description": "For readers of the file.",
        "layout": "`strict` fails data whose files changed while its rows did not.",
        "require": "What else a manifest needs.",
        "algorithms": "Which keys are strong enough.",
        "authorities": "Whose time stamps count.",
        "logs": "Whose transparency logs count.",
    },
    "SignerSection": {
        "name": "Who it is; unique. Of a person, the full name.",
        "kind": "Whether a machine or a natural person holds the keys.",
        "keys": "Public keys: a path relative to this file, PEM text, or a key with a validity.",
        "certificate": "Instead of keys, or besides: who issues its certificates.",
        "require": "Whether `all` keys must sign, or `any` one; hybrid signatures need `all`.",
        "role": "The role in which a person approves.",
        "projects": "Projects it may sign for, `*` standing for any text; all if absent.",
        "statements": "What it may sign; by default machines training runs, persons approvals.",
        **_WINDOW,
    },
    "CertificateSection": {
        "roots": "Root certificates: paths relative to this file, or PEM text.",
        "identities": "Names of which the leaf has one: `email:`, `uri:`, `dns:`, `subject:`.",
        "intermediates": "Certificates between a root and the leaf.",
        "crls": "Revocation lists: paths relative to this file, or PEM text.",
        "require-crl": "Whether a missing revocation list leaves the signer indeterminate.",
    },
    "KeySection": {"key": "A path relative to this file, or PEM text.", **_WINDOW},
    "RequireSection": {
        "signatures": "How many signers must have signed the manifest.",
        "timestamp": "Whether the signatures need a time-stamp token.",
        "log": "Whether the manifest must be in a transparency log.",
        "consistency": "Whether an earlier checkpoint of the log must be at hand to compare with.",
        "steps": "Steps that fail when they are skipped.",
        "approvals": "Role -> how many persons in that role must have approved.",
    },
    "AlgorithmSection": {
        "allowed": "Algorithms of signers' keys; all that are supported if absent.",
        "minimum-rsa-bits": "The smallest RSA modulus.",
    },
    "AuthoritySection": {
        "name": "What findings call it; unique.",
        "roots": "Its root certificates: paths relative to this file, or PEM text.",
        "intermediates": "Certificates between the roots and the authority's own.",
    },
    "LogSection": {
        "origin": "The log's origin line.",
        "keys": "Verifier keys of the log (C2SP signed-note).",
        "cosigners": "Verifier keys of its cosigners.",
        "cosignatures": "How many cosigners must have signed a checkpoint; 1 where any are named.",
    },
}

RULES: Final[dict[str, dict[str, object]]] = {
    name: {"dependentRequired": {"revoked-at": ["reason"], "reason": ["revoked-at"]}}
    for name in ("SignerSection", "KeySection")
}
