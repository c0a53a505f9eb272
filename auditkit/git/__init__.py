"""Git repositories, only ever read, and safe to point at a hostile one."""

from auditkit.git.repository import Diff, Repository
from auditkit.git.status import Status

__all__ = ["Diff", "Repository", "Status"]
