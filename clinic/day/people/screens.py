"""Screens of the waiting room: nobody signs in there, and no full name may stand on them."""

import re

from clinic.day.engine import Actor
from clinic.day.page import Page

HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")


def people(day) -> list:
    return [Screen(day, f"screen{number + 1}") for number in range(day.options.get("screens", 0))]


class Screen(Actor):
    """Asks every few seconds, as its script does; looks at what it shows."""

    role = "screen"
    page: Page | None = None
    etag = ""

    def begin(self) -> None:
        page = self.browser.open("display")
        if page.links("display_area"):
            areas = page.links("display_area")
            page = self.browser.get(areas[hash(self.account) % len(areas)])
        self.part = page.first("//*[@data-poll]").get("data-poll")
        self.seconds = max(float(page.first("//*[@data-poll]").get("data-seconds") or 5), 2)
        self.etag = ""
        self.look(page)
        # Screens that were switched on together don't ask together.
        self.day.clock.pause(self.seconds * self.chance.random())

    def step(self) -> None:
        fresh, self.etag = self.browser.poll(self.part, self.etag)
        if fresh is not None:
            if fresh.status != 200:
                self.complain(f"a screen was answered {fresh.status}")
            self.look(fresh)
        self.day.clock.pause(self.seconds)

    def look(self, page: Page) -> None:
        """Numbers and masked names alone (R-97)."""
        names = set(HAN.findall(page.text)) & self.day.names
        for name in names:
            self.complain(f"a screen shows the full name {name}")
