"""What a patient is allergic to, and the groups of substances, as the rules see them."""

from uuid import UUID

from django.utils import timezone

from clinic.core.prepared import prepared
from patients.models import Allergy, AllergyGroup
from prescriptions.rules.columns import split
from prescriptions.rules.facts import AllergyFact, Group
from security.models import with_names


def allergy_facts(patient) -> tuple[AllergyFact, ...]:
    return tuple(
        AllergyFact(
            group=row.group_code,
            substance=row.substance,
            severe=row.severity == Allergy.Severity.SEVERE,
            reaction=row.reaction or "",
            recorded_by=row.recorded_by.full_name,
            recorded_on=timezone.localdate(row.recorded_at),
        )
        for row in allergies_of(patient)
    )


@prepared
def allergies_of(patient: UUID):
    rows = Allergy.objects.filter(patient=patient, state=Allergy.State.ACTIVE)
    return with_names(rows, "recorded_by").order_by("recorded_at")


def allergy_groups() -> dict[str, Group]:
    rows = list(AllergyGroup.objects.all())
    codes = {row.code for row in rows}
    return {
        row.code: Group(
            code=row.code,
            name=row.name,
            members=frozenset(
                _member(part) for part in split(row.members) if len(_member(part)) > 1
            ),
            crosses=frozenset(
                code for code in codes if f"{code}:" in row.cross_reactivity and code != row.code
            ),
            checked=row.checked,
        )
        for row in rows
    }


def _member(text: str) -> str:
    """A member without the remark in brackets that a few carry."""
    return text.split("（")[0].split("(")[0].strip()
