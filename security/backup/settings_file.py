"""Of `.env` only what is no secret goes into a backup: a white list, as for the audit log."""

from pathlib import Path

HARMLESS = {
    "CLINIC_ALLOWED_HOSTS",
    "CLINIC_CSRF_ORIGINS",
    "CLINIC_HSTS_SECONDS",
    "CLINIC_INSTANCE",
    "CLINIC_LANGUAGE",
    "CLINIC_PORT",
    "CLINIC_SSL_REDIRECT",
    "CLINIC_TIME_ZONE",
    "CLINIC_TRUSTED_FRONT",
}


def harmless_settings(path: Path) -> bytes:
    """The lines of `.env` that tell nothing; empty where the settings come from elsewhere."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return "".join(f"{line}\n" for line in lines if line.partition("=")[0] in HARMLESS).encode()
