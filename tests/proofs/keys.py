"""New keys over everything, and the clinic again from backup and key sheet."""

import shutil
from pathlib import Path

PURPOSES = ("data", "index", "audit", "backup")
COUNTS = """
from django.apps import apps
for model in apps.get_models():
    if model._meta.managed and model._meta.app_label != "sessions" and not model._meta.proxy:
        print(model._meta.label, model._default_manager.count())
"""
# What a restore itself writes, and what it ends.
MOVING = {"security.AuditEntry", "security.AuditSeal", "security.AuditSealed", "axes.AccessAttempt"}
MOVING |= {"security.BackupRecord", "security.OpenSession", "security.DeviceUnlock", "core.Job"}


def rotate(manage, purpose: str = "all") -> str:
    """Everything is sealed anew; it opens, the log fits, and the old data key is needed no more."""
    told = manage.ok("rotate_keys", "--purpose", purpose).stdout
    manage.ok("verify_audit")
    opened = manage.ok("verify_encryption").stdout.strip().splitlines()[-1]
    refused = manage("retire_key", "audit", "1")
    assert refused.returncode, "an audit key that old entries need was retired"
    return f"{told.strip().splitlines()[-1]}; {opened}; {refused.stderr.strip().splitlines()[-1]}"


def restore(manage, other: Path, other_manage) -> str:
    """Backup and key sheet alone, on another machine: as many rows of everything."""
    manage.ok("backup")
    before = _counts(manage)
    saved = max((manage.data / "backups").glob("*"), key=lambda path: path.stat().st_mtime)
    sheet = other / "sheet.txt"
    (other / "keys").mkdir(parents=True, mode=0o700)
    shutil.copy(manage.data / ".env", other / ".env")  # the settings of a new installation
    sheet.write_text(manage.ok("key_sheet").stdout)
    other_manage.ok("key_sheet", "--read", str(sheet))
    other_manage.ok("keyring", "init")
    other_manage.ok("migrate", "-v0")
    other_manage.ok("restore", str(saved), "--yes")
    after = _counts(other_manage)
    differing = {name for name in before if before[name] != after.get(name)} - MOVING
    assert not differing, {name: (before[name], after.get(name)) for name in differing}
    other_manage.ok("verify_audit")
    opened = other_manage.ok("verify_encryption").stdout.strip().splitlines()[-1]
    for check in ("check_stock", "check_cash", "verify_archive"):
        other_manage.ok(check)
    return f"{sum(before.values())} rows of {len(before)} tables are back; {opened}"


def _counts(manage) -> dict[str, int]:
    lines = manage.ok("shell", "-v0", "-c", COUNTS).stdout.split("\n")
    return {name: int(count) for name, count in (line.split() for line in lines if line)}
