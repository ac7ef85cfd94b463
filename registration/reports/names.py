"""Names of doctors for a report; one query."""

from collections.abc import Iterable

from registration.models import Clinician


def of_doctors(ids: Iterable[int]) -> dict[int, str]:
    found = Clinician.objects.filter(pk__in=set(ids))
    return dict(found.order_by().values_list("pk", "user__full_name"))


def every_doctor() -> list[tuple[int, str]]:
    """For a choice: also those who work here no more, whose papers are still asked for."""
    return list(Clinician.objects.order_by("letter").values_list("pk", "user__full_name"))
