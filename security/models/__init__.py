"""The tables of this app, one module for each matter."""

from security.models.archives import AuditArchive
from security.models.audit import AuditEntry
from security.models.backups import BackupRecord
from security.models.devices import Device, DeviceUnlock, Pin
from security.models.glass import BreakGlass
from security.models.keys import KeyCheck
from security.models.mentions import AuditMention
from security.models.open_session import OpenSession
from security.models.people import User, UserManager, with_names
from security.models.resets import AccountReset
from security.models.seals import AuditSeal, AuditSealed
from security.models.second_factor import RecoveryCode, SecondFactor
from security.models.tries import FormerPassword, WrongTries

__all__ = [
    "AccountReset",
    "AuditArchive",
    "AuditEntry",
    "AuditMention",
    "AuditSeal",
    "AuditSealed",
    "BackupRecord",
    "BreakGlass",
    "Device",
    "DeviceUnlock",
    "FormerPassword",
    "KeyCheck",
    "OpenSession",
    "Pin",
    "RecoveryCode",
    "SecondFactor",
    "User",
    "UserManager",
    "WrongTries",
    "with_names",
]
