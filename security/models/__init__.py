"""The tables of this app, one module for each matter."""

from security.models.audit import AuditEntry
from security.models.backups import BackupRecord
from security.models.glass import BreakGlass
from security.models.keys import KeyCheck
from security.models.people import User, UserManager

__all__ = ["AuditEntry", "BackupRecord", "BreakGlass", "KeyCheck", "User", "UserManager"]
