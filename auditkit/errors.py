"""Every error auditkit raises on purpose.

An *error* means the tool could not do its job; bad, missing or unchecked evidence is a
`Finding`. Low-level verification raises `EvidenceError`, which the engine turns into findings.

    AuditkitError                    1   the tool failed
    ├── UsageError                   2   what was asked for cannot be done as asked
    │   ├── ConfigError              2   auditkit.toml, an environment variable or a flag is wrong
    │   ├── KeyFileError             2   a key is absent, unreadable, too open or needs a passphrase
    │   ├── MissingDependencyError   2   an optional extra or system library is not installed
    │   └── TargetNotFoundError      2   no such path, run or manifest
    ├── NothingToVerifyError         3   there is no evidence here
    ├── DataError                    1   a data set cannot be recorded as it is
    │   ├── DataNotFoundError        2   the path named does not exist
    │   ├── ExpiredError             1   retention removed it, as the store itself shows
    │   ├── EmptyDatasetError        2   nothing to record
    │   ├── PathNameError            1   a name that an inventory cannot carry
    │   ├── UnsafePathError          1   a symlink out of the tree, a cycle, a special file
    │   ├── UnreadableError          1   the operating system refused or failed
    │   ├── FileChangedError         1   a file changed while it was read
    │   ├── TableFormatError         1   corrupt, ragged or unsupported table
    │   └── PointerError             1   a file of DVC that cannot be read as one
    ├── GitError                     1   git could not be run or refused
    ├── StorageError                 1   evidence could not be written
    ├── StoreError                   1   the place of a registry or data set refused
    │   ├── StoreUnavailableError    1   it cannot be reached
    │   └── ObjectNotFoundError      1   it has no such object
    ├── SigningError                 1   the service or token that holds a key did not sign
    ├── TimestampError               1   no time-stamp token could be obtained
    ├── RenderError                  1   a report could not be rendered
    ├── WorkerError                  1   a process that shared the work was killed
    ├── InterruptedRunError        130   stopped by the user
    └── EvidenceError               10   the evidence itself is bad
        ├── PackError               10   a pack of evidence is not as one is written
        ├── PdfError                10   a PDF that cannot be read, or asks for too much
        ├── EnvelopeError           10   step 1: not a well-formed bundle or envelope
        ├── SignatureError          10   step 2: the signature does not verify
        ├── SignerError             10   step 3: the signer is not trusted for this
        │   └── IndeterminateSignerError 11 step 3: what is at hand does not settle it
        ├── TokenError              10   step 3: a time-stamp token proves nothing
        ├── ManifestError           10   step 4: the payload is not a valid manifest
        │   └── ManifestVersionError  10 step 4: written by a newer major version
        ├── LogError                10   step 5: a log, or a proof from one, is bad
        └── SidecarError            10   step 6: a sidecar is missing or differs
"""

from __future__ import annotations


class AuditkitError(Exception):
    """Base of all errors; carries what happened, where, and what to do next.

    `message` has no leading capital and no full stop; `hint` is a full sentence.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class UsageError(AuditkitError):
    """What was asked for cannot be done as asked."""

    exit_code = 2


class ConfigError(UsageError):
    """auditkit.toml, an environment variable or a flag is wrong."""


class KeyFileError(UsageError):
    """A key is absent, unreadable, too open, of the wrong kind, or needs a passphrase."""


class MissingDependencyError(UsageError):
    """An optional extra or a system library is not installed."""


class TargetNotFoundError(UsageError):
    """No such path, run or manifest."""


class NothingToVerifyError(AuditkitError):
    """There is no evidence here."""

    exit_code = 3


class DataError(AuditkitError):
    """A data set cannot be recorded as it is."""


class DataNotFoundError(DataError):
    """The path named does not exist."""

    exit_code = 2


class ExpiredError(DataError):
    """Retention removed the version that was recorded, as the store itself shows."""


class EmptyDatasetError(DataError):
    """The data set has no files, so there is nothing to record."""

    exit_code = 2


class PathNameError(DataError):
    """A file name that an inventory cannot carry: control characters, backslash, non-UTF-8."""


class UnsafePathError(DataError):
    """A symlink out of the tree, a cycle, a device, socket or pipe, a path that escapes."""


class UnreadableError(DataError):
    """The operating system refused or failed while reading."""


class FileChangedError(DataError):
    """A file changed, shrank, grew or disappeared while it was read."""


class TableFormatError(DataError):
    """A table is corrupt, ragged, or of a kind that cannot be read."""


class PointerError(DataError):
    """A file in which DVC says what it tracks, or a list of a folder's files, that is none."""


class GitError(AuditkitError):
    """git could not be run, or refused."""


class StorageError(AuditkitError):
    """Evidence could not be written; what was there before is untouched."""


class StoreError(AuditkitError):
    """The place where a registry or a data set lies refused what was asked of it."""


class StoreUnavailableError(StoreError):
    """The place cannot be reached, or did not answer in time."""


class ObjectNotFoundError(StoreError):
    """The place has no object under this key."""


class SigningError(AuditkitError):
    """The service or token that holds a key did not sign."""


class TimestampError(AuditkitError):
    """No time-stamp token could be obtained from an authority."""


class RenderError(AuditkitError):
    """A report could not be rendered."""


class WorkerError(AuditkitError):
    """A process that shared the work ended before its work was done, or could not start."""


class InterruptedRunError(AuditkitError):
    """Stopped by the user."""

    exit_code = 130


class EvidenceError(AuditkitError):
    """The evidence itself is bad."""

    exit_code = 10


class PackError(EvidenceError):
    """A pack of evidence is damaged, or not in the one form in which packs are written."""


class PdfError(EvidenceError):
    """A PDF that is damaged, encrypted, or asks for more than a report does."""


class EnvelopeError(EvidenceError):
    """Step 1: not a well-formed bundle or envelope."""


class SignatureError(EvidenceError):
    """Step 2: the signature does not verify over these bytes."""


class SignerError(EvidenceError):
    """Step 3: the signer is not trusted for this statement."""


class IndeterminateSignerError(SignerError):
    """Step 3: nothing is wrong with the signer, and what is at hand does not settle it.

    It gives a finding `indeterminate`; whoever does not tell the two apart errs on the safe side.
    """

    exit_code = 11


class TokenError(EvidenceError):
    """Step 3: a time-stamp token that proves nothing about this signature."""


class ManifestError(EvidenceError):
    """Step 4: the payload is not a valid manifest."""


class ManifestVersionError(ManifestError):
    """Step 4: the payload was written by a newer major version."""


class LogError(EvidenceError):
    """Step 5: a log is damaged, forked or rolled back, or a proof from it does not hold."""


class SidecarError(EvidenceError):
    """Step 6: a sidecar is missing or differs from its recorded digest."""
