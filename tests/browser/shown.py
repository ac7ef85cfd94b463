"""A page of the inventory that is opened by its address."""

from dataclasses import dataclass

from django.urls import reverse

from tests.browser.people import Person, Staff


@dataclass(frozen=True)
class Shown:
    """A page opened by its address: for whom, and of which thing of the scene."""

    who: str  # an account of the demo clinic; empty for a stranger
    url_name: str
    of: str = ""
    query: str = ""

    @property
    def title(self) -> str:
        return " ".join(filter(None, (self.url_name + self.query, self.of, self.who)))

    def path(self, scene: dict) -> str:
        return reverse(self.url_name, args=[scene[self.of]] if self.of else []) + self.query

    def watcher(self, staff: Staff) -> Person:
        """A context of its own for this page: nothing of an earlier one is in its cache."""
        return staff.another(self.who) if self.who else staff.stranger()
