"""Drugs under special control: who must be two, and the book of each drug (R-120, R-53)."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.prepared import prepared
from pharmacy.models import ControlClass, Drug

NARCOTIC, PSYCHOTROPIC_1 = "麻醉药品", "第一类精神药品"
TOXIC = "医疗用毒性药品"
# A book of their own (专用账册), in this order; the law's own words, never translated.
BOOKED = [NARCOTIC, PSYCHOTROPIC_1, "第二类精神药品", TOXIC, "放射性药品"]
# By two people: handed out with the second one's password or PIN, taken out by any other paper
# with the second one posting it, taken in with the second one named.
TWO_PEOPLE = {NARCOTIC, PSYCHOTROPIC_1, TOXIC}


def classes_on(day: date) -> dict[int, str]:
    """The control class in force that day of each drug that has a book, in one query (R-53)."""
    rows = ControlClass.objects.filter(since__lte=day)
    return _booked(rows.order_by("since").values_list("drug_id", "name"))


def classes_of(drug_ids: Iterable[int], day: date) -> dict[int, str]:
    """The control class in force that day of each drug that has one, in one query (R-53)."""
    return _booked(named_on(sorted(set(drug_ids)), day))


@prepared
def named_on(drugs: list[int], day: date):
    rows = ControlClass.objects.filter(drug_id__in=drugs, since__lte=day)
    return rows.order_by("since").values_list("drug_id", "name")


def give_classes(drugs: Iterable[Drug]) -> None:
    """Their `control_classes` at hand, by one query that is put together once."""
    by_drug: dict[int, list[ControlClass]] = {}
    drugs = list(drugs)
    for row in _classes(sorted({drug.pk for drug in drugs})):
        by_drug.setdefault(row.drug_id, []).append(row)
    nothing = _at_hand(ControlClass.objects.none(), [])  # as of nearly every drug
    for drug in drugs:
        rows = by_drug.get(drug.pk)
        found = _at_hand(ControlClass.objects.filter(drug=drug), rows) if rows else nothing
        drug._prefetched_objects_cache = {"control_classes": found}


def _at_hand(queryset: QuerySet, rows: list[ControlClass]) -> QuerySet:
    """As Django leaves a queryset whose rows were prefetched."""
    queryset._result_cache, queryset._prefetch_done = rows, True
    return queryset


@prepared
def _classes(drugs: list[int]):
    return ControlClass.objects.filter(drug__in=drugs)


def _booked(rows: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Of each drug the latest class, if it has a book."""
    return {drug_id: name for drug_id, name in dict(rows).items() if name in BOOKED}


def needs_two_people(drug_ids: Iterable[int]) -> bool:
    """True when one of these is a narcotic, a psychotropic of class I or toxic today."""
    return bool(TWO_PEOPLE & set(classes_of(drug_ids, timezone.localdate()).values()))


def any_by_two_people(drugs: Iterable[Drug]) -> bool:
    """The same of drugs whose `control_classes` are at hand."""
    today = timezone.localdate()
    return any(drug.control_class_on(today) in TWO_PEOPLE for drug in drugs)


def require_two_people_if_controlled(*, drug_ids: Iterable[int], by, witness) -> None:
    """RuleBroken unless a second person confirmed what is done with such a drug (R-120)."""
    if needs_two_people(drug_ids) and (witness is None or witness.pk == by.pk):
        raise RuleBroken(
            _(
                "Not done: narcotics, class-I psychotropics and toxic drugs need a second person. "
                "Please ask a colleague to confirm with name and password."
            ),
            field="witness_name",
            rule="R-120",
        )


def booked_drugs(today: date) -> list[Drug]:
    """Every drug that has a book, with its class as `.control`, by class and name."""
    rows = Drug.objects.filter(control_classes__isnull=False).distinct()
    drugs = list(rows.prefetch_related("control_classes"))
    for drug in drugs:
        drug.control = drug.control_class_on(today)
    # A class that was lifted: the book is kept, so the drug stays in the list.
    drugs = [drug for drug in drugs if _was_ever_booked(drug)]
    return sorted(drugs, key=lambda drug: (_rank(drug.control), drug.generic_name))


def _rank(name: str) -> int:
    return BOOKED.index(name) if name in BOOKED else len(BOOKED)


def _was_ever_booked(drug: Drug) -> bool:
    return any(row.name in BOOKED for row in drug.control_classes.all())
