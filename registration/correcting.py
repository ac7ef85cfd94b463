"""The author puts a signed record right, as long as it is not archived (R-145).

All at once and not button by button: one correction is one version.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from registration import signing
from registration.consultation import (
    Conflict,
    diagnoses_of,
    put_diagnosis,
    require_whole,
    take_off,
    write,
)
from registration.models import Consultation
from registration.parts import PARTS
from registration.vitals import VITALS, as_text


@atomic_retry
def correct(
    *,
    consultation: Consultation,
    version: int,
    by,
    vitals: dict[str, Decimal | None] | None = None,
    add: str = "",
    suspected: bool = False,
    remove: list[str] = (),
    **fields: object,
) -> Consultation:
    """Write these parts into the signed record, with one diagnosis more and some less."""
    unknown = set(fields) - set(PARTS)
    if unknown:
        raise TypeError(f"a record has no {', '.join(sorted(unknown))}")
    consultation = signing.correctable(consultation, by)
    if consultation.version != version:
        raise Conflict(
            _("Not saved: this record was corrected in another window. Please open it again.")
        )
    is_other = _vitals(consultation, vitals or {})
    is_other |= _diagnoses(consultation, add, suspected, remove, by)
    if not write(consultation, fields) and is_other:
        consultation.version += 1
        consultation.save(update_fields=["version", "vitals"])
    if consultation.version == version:
        raise RuleBroken(_("Nothing was changed, so nothing was saved."))
    require_whole(consultation)
    signing.close_again(consultation, diagnoses=diagnoses_of(consultation), by=by)
    return consultation


def _vitals(consultation: Consultation, vitals: dict) -> bool:
    """Measured values that were written down wrongly; an empty field takes one away."""
    known = dict(consultation.vitals or {})
    for key, number in vitals.items():
        known.pop(VITALS[key].key, None)
        if number is not None:
            known[key] = as_text(number)
    if known == (consultation.vitals or {}):
        return False
    consultation.vitals = known or None
    consultation.save(update_fields=["vitals"])
    return True


def _diagnoses(consultation: Consultation, add: str, suspected: bool, remove, by) -> bool:
    standing = {str(diagnosis.pk): diagnosis for diagnosis in diagnoses_of(consultation)}
    gone = [standing[pk] for pk in remove if pk in standing]
    if add:  # before the others go: the first one that is left is the main one
        put_diagnosis(consultation, add, suspected=suspected, by=by)
    for diagnosis in gone:
        take_off(consultation, diagnosis, by=by)
    return bool(add or gone)
