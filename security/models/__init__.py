"""The tables of this app, one module for each matter."""

from security.models.audit import AuditEntry
from security.models.keys import KeyCheck
from security.models.people import User, UserManager
from security.models.seals import AuditSeal, AuditSealed

__all__ = ["AuditEntry", "AuditSeal", "AuditSealed", "KeyCheck", "User", "UserManager"]
