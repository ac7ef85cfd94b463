"""Patient numbers and ids for floors that must not know patients."""

import re
from collections.abc import Iterable
from uuid import UUID

from patients.models import Patient

_NUMBER = re.compile(r"P?0*(\d{1,8})", re.IGNORECASE)


def id_of(number: str) -> UUID | None:
    """The patient with this number, with or without its letter and zeros."""
    found = _NUMBER.fullmatch(number.strip())
    if not found:
        return None
    wanted = f"P{int(found.group(1)):08d}"
    return Patient.objects.filter(record_no=wanted).values_list("pk", flat=True).first()


def numbers_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Patient.objects.filter(pk__in=list(ids)).values_list("pk", "record_no"))
