"""A doctor's own sheets, newest first, at the same price after ten years as after ten days.

An index holds those of each state in the order of time; of each at most so many are looked at.
"""

from collections.abc import Iterable
from functools import cached_property
from uuid import UUID

from django.core.paginator import Page

from clinic.core.paging import Newest, list_of_keys
from prescriptions.access import WITH_HEAD, own
from prescriptions.models import Prescription
from prescriptions.states import RxState

PAGE, MOST = 50, 1_000


class NewestOf:
    """The keys of this doctor's newest sheets of each state; of those written before one of them.

    `before` is the id of that sheet, as it stood in an address.
    """

    def __init__(self, doctor, before: str = ""):
        self.doctor, self.before = doctor, before

    def page_of(self, states: Iterable[str], number) -> Page:
        found = sorted((key for state in states for key in self._keys[state]), reverse=True)
        page = Newest([pk for _moment, pk in found], PAGE, MOST).get_page(number)
        # By their keys alone, which are the doctor's own: asked for the doctor as well, SQLite goes
        # through all that the doctor ever wrote.
        whole = Prescription.objects.select_related(*WITH_HEAD, "consultation__registration")
        page.object_list = list_of_keys(page.object_list, whole)
        return page

    def number_of(self, states: Iterable[str]) -> str:
        """How many there are, or that they are more than are counted."""
        number = sum(len(self._keys[state]) for state in states)
        return str(number) if number <= MOST else f"{MOST}+"

    @cached_property
    def _keys(self) -> dict[str, list[tuple]]:
        mine = Prescription.objects.filter(prescriber=self.doctor)
        return {state: self._newest(mine.filter(state=state)) for state in RxState}

    def _newest(self, rows) -> list[tuple]:
        if self._since is not None:
            rows = rows.filter(created_at__lte=self._since[0])
        keys = rows.order_by("-created_at").values_list("created_at", "pk")[: MOST + 1]
        return [key for key in keys if self._since is None or key < self._since]

    @cached_property
    def _since(self) -> tuple | None:
        try:
            sheets = own(self.doctor).filter(pk=UUID(self.before))
        except ValueError:
            return None
        return sheets.values_list("created_at", "pk").first()
