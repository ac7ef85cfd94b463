"""Somebody at a workplace while the clinic's server fails now and then.

They do what the page of the fault says: wait, look, and send the form again. The form carries its
token, so that an answer that was lost on its way is had without doing the thing twice.
"""

import re
import threading
import time

from requests.adapters import HTTPAdapter

from clinic.day.browser import Browser, NoAnswer, SignedOut
from clinic.day.page import Form, Page

PATIENCE = 180  # seconds until somebody is told that the clinic does not come back
PAUSE = 0.3
AWAY = {429, 502, 503, 504}  # what a front or a database that is away is answered with
TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Broken(AssertionError):
    """What must never be seen, whatever fails."""


class Over(Exception):
    """The trial has ended while somebody waited."""


class FromOwnAddress(HTTPAdapter):
    """Each workplace has an address of its own, as in a clinic."""

    def __init__(self, address: str):
        self.address = address
        super().__init__(pool_connections=1, pool_maxsize=2)

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


class Person(Browser):
    """Signed in once; from then on never asked to sign in again."""

    def __init__(self, clinic, name: str, place: int, ended: threading.Event):
        super().__init__(clinic.url, ca=clinic.authority, who=name, timeout=70)
        self.session.mount(
            "https://", FromOwnAddress(f"127.0.{1 + place // 200}.{place % 200 + 2}")
        )
        self.ended = ended
        self.lost = 0  # answers that never came
        self.told: dict[str, int] = {}  # the pages that were shown instead, by their heading
        self.waited = 0.0  # the longest, in seconds
        self.signed_out = 0  # times; none where no clock was touched
        self.may_be_signed_out = False

    def send(self, address: str, form: Form) -> Page:
        """What a page's script sends while somebody types; the page stays."""
        to = self._absolute(address)
        return self._ask("POST", to, form.pressed()[1], referer=form.page.url)

    def _ask(self, kind: str, address: str, data, **options) -> Page:
        """Until there is an answer of the clinic's own."""
        began = time.monotonic()
        while True:
            page = self._try(kind, address, data, options)
            if page is not None:
                self.waited = max(self.waited, time.monotonic() - began)
                return page
            if time.monotonic() - began > PATIENCE:
                raise Broken(f"{self.who}: no answer at {address} for {PATIENCE} s")
            if self.ended.wait(PAUSE):
                raise Over

    def _try(self, kind: str, address: str, data, options: dict) -> Page | None:
        try:
            page = super()._ask(kind, address, data, **options)
        except NoAnswer:
            self.lost += 1
            return None
        if page.status in AWAY:
            self._note(kind, page)
            return None
        if page.status >= 500:
            raise Broken(f"{self.who}: {page.status} at {address}")
        return page

    def _note(self, kind: str, page: Page) -> None:
        """What is shown meanwhile has to say in words what is the matter."""
        found = TITLE.search(page.text)
        words = " ".join(found[1].split()) if found else ""
        if kind not in ("HEAD", "FILE") and not CHINESE.search(words):
            raise Broken(f"{self.who}: {page.status} at {page.path} without a word for people")
        self.told[words] = self.told.get(words, 0) + 1

    def _check(self, page: Page, method: str, may_be_sign_in: bool) -> None:
        try:
            super()._check(page, method, may_be_sign_in)
        except SignedOut as out:
            if self.may_be_signed_out:
                self.signed_out += 1
                raise
            raise Broken(f"{self.who} is asked to sign in again at {out}") from out
