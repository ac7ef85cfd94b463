"""Invented people are never mixed with real ones."""

from django.core.management.base import CommandError

from patients.models import Patient
from security.models import User


def refuse_real_clinic() -> None:
    """A clinic with patients and without demo accounts is a real one, whatever its settings say."""
    if Patient.objects.exists() and not User.objects.filter(is_demo=True).exists():
        raise CommandError(
            "There are real patients here, and demo data would mix invented ones among them. "
            "Set a practice clinic up beside: install.sh --demo --data-dir DIR --port N."
        )
