"""Git repositories, only ever read, and safe to point at a hostile one."""

from auditkit.git.repository import Diff, Ref, Repository
from auditkit.git.status import Status

__all__ = ["Diff", "Ref", "Repository", "Status"]
