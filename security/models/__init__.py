"""The tables of this app, one module for each matter."""

from security.models.audit import AuditEntry
from security.models.devices import Device, DeviceUnlock, Pin
from security.models.keys import KeyCheck
from security.models.people import User, UserManager

__all__ = ["AuditEntry", "Device", "DeviceUnlock", "KeyCheck", "Pin", "User", "UserManager"]
