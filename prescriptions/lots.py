"""Who got a certain lot: asked in the search box, before anybody thinks of a recall.

Calling the patients, and noting how it went, is a recall's (prescriptions.recalls).
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Max, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.core.text import half_width
from patients.hints import Hint
from patients.models import Patient
from pharmacy.models import Batch, Drug, Recall
from prescriptions import recalls

SHORTEST = 4  # characters of a lot that are looked up while somebody types
MOST = 5


def find(words: str) -> list[Hint]:
    """The lots of this name, one of each drug."""
    lot = half_width(words).strip()
    if len(lot) < SHORTEST or not any(c.isdigit() for c in lot):
        return []
    found = Batch.objects.filter(lot__in={lot, lot.upper()}).order_by()
    rows = found.values("drug", "lot").annotate(batch=Min("pk")).order_by("drug")[:MOST]
    drugs = Drug.objects.in_bulk([row["drug"] for row in rows])
    return [
        Hint(
            _("Who got lot %(lot)s") % {"lot": row["lot"]},
            drugs[row["drug"]].label,
            reverse("lot_patients", args=[row["batch"]]),
        )
        for row in rows
    ]


def patients(batch: Batch) -> list[UUID]:
    """Everybody who got some of this batch's lot, the latest first."""
    return list(
        recalls.lines_of(batch)
        .values_list("item__prescription__patient", flat=True)
        .annotate(last=Max("movement__made_at"))
        .order_by("-last", "item__prescription__patient")
    )


def rows(batch: Batch, ids: Iterable[UUID]) -> list[dict]:
    """What the list says of each of them, phones masked, in a fixed number of queries."""
    ids = list(ids)
    people, got = Patient.objects.in_bulk(ids), recalls.handed_out(batch, ids)
    return [
        {"patient": people[pk], "phone": recalls.phone_of(people[pk], False), "got": got[pk]}
        for pk in ids
    ]


def open_recall(batch: Batch) -> Recall | None:
    """The recall of this lot that is under way."""
    calls = Recall.objects.filter(drug=batch.drug_id, lot=batch.lot, state=Recall.State.OPEN)
    return calls.first()
