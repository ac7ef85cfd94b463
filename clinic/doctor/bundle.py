"""The support bundle: what somebody far away needs to help, and nothing about patients.

Everything in it comes through a white list: settings by name, counts and sizes as numbers, logs by
`scrub`. No row of a table is read but those of migrations, leases and broken-off jobs.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from clinic.core import scheduler
from clinic.core.models import Job
from clinic.core.site import DEFINITIONS, settings_of
from clinic.doctor import scrub, whole
from clinic.doctor.findings import Finding
from security import audit

LANGUAGES = ("zh-hans", "en")
# Of the settings.py; what holds a path, a name or a secret is not among them.
OPEN_SETTINGS = (
    *("VERSION", "DEBUG", "CLINIC_PRACTICE", "TRUSTED_FRONT", "LANGUAGE_CODE", "TIME_ZONE"),
    *("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "CLINIC_AUDIT_TRIGGERS"),
)
# Of these only whether they are set.
SET_OR_NOT = (
    *("CLINIC_PUBLIC_URL", "CLINIC_SCREEN_ADDRESS", "CLINIC_KEYRING_PASSPHRASE_FILE"),
    "CSRF_TRUSTED_ORIGINS",
)
FOLDERS = ("audit-checkpoints", "backups", "files", "keys", "logs", "run", "static", "tls")
DONE_JOBS = 50


def make(*, by) -> bytes:
    """The whole zip; noted in the log before anybody has it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in _members():
            bundle.writestr(name, text)
    audit.record("export", screen="support_bundle", data={"bytes": content.tell()})
    return content.getvalue()


def file_name() -> str:
    return f"clinic-support-{timezone.localtime():%Y%m%d-%H%M}.zip"


def _members() -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        found = [_without_names(one) for one in whole.examine(language)]
        yield f"doctor-{language}.json", _json([asdict(one) for one in found])
        lines = (f"[{one.level}] {one.title}: {one.said} {one.do}" for one in found)
        yield f"doctor-{language}.txt", "\n".join(lines) + "\n"
    yield "settings.json", _json(_settings())
    yield "sizes.json", _json(_sizes())
    yield "migrations.json", _json(_asked(_migrations))
    yield "jobs.json", _json(_asked(_jobs))
    for path in sorted((settings.DATA_DIR / "logs").glob("*.log")):
        yield f"logs/{path.name}", scrub.tail(path)


def _json(data) -> str:
    return json.dumps(data, ensure_ascii=True, indent=1, default=str)


def _asked(find):
    """Without its database the bundle says what the rest can say."""
    try:
        return find()
    except DatabaseError as error:
        return {"failed": type(error).__name__}


def _without_names(finding: Finding) -> Finding:
    """The doctor speaks of folders, which lie below the name of whoever owns them."""
    home = str(settings.DATA_DIR)
    said, do = finding.said.replace(home, "DATA"), finding.do.replace(home, "DATA")
    return Finding(finding.name, finding.level, said, do, finding.title)


def _settings() -> dict:
    """By name. Of the site's own those that are a number, a choice or yes and no."""
    keys = [d.key for d in DEFINITIONS.values() if not isinstance(d.default, str) or d.choices]
    return {
        "installation": {name: getattr(settings, name) for name in OPEN_SETTINGS},
        "is_set": {name: bool(getattr(settings, name)) for name in SET_OR_NOT},
        "database": connection.vendor,
        "site": _asked(lambda: settings_of(*keys)),
    }


def _sizes() -> dict:
    """Rows of each table and bytes of each folder, no names of files."""
    tables = {model._meta.db_table: _asked(model._base_manager.count) for model in _models()}
    return {"rows": tables, "bytes": {name: _bytes(settings.DATA_DIR / name) for name in FOLDERS}}


def _models() -> list:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _migrations() -> list[str]:
    return sorted(
        f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
    )


def _jobs() -> dict:
    """Kinds, states and the class of what went wrong: a job's own content is somebody's file."""
    state = scheduler.state()
    rows = Job.objects.order_by("-created_at").values("kind", "state", "error", "created_at")
    return {
        "scheduler": {"alive": state.is_alive, "failed": state.failed},
        "jobs": list(rows[:DONE_JOBS]),
    }
