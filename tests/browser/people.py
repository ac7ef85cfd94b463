"""Somebody at a screen: signed in, in a browser context of their own, and listened to."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.installation import PASSWORD, Installation
from tests.browser.words import named, zh

# What a clinic's screen leaves for the page is less (1366 x 640); test_every_page looks at that.
SCREEN = {"width": 1366, "height": 768}
# Chromium's own line for a page that was answered with an error status on purpose.
ANSWERED = "Failed to load resource: the server responded with a status of"


def click(button: Locator) -> None:
    """As most people do."""
    button.click()


class Person:
    """One browser context with one page; collects what must never happen."""

    def __init__(self, browser: Browser, clinic: Installation, name: str, **options):
        self.clinic = clinic
        self.name = name
        self.context = browser.new_context(
            base_url=clinic.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=SCREEN,
            **options,
        )
        self.context.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.has_scripts = options.get("java_script_enabled", True)
        self.press_button = click  # how this person presses buttons: some press twice
        self.context.on("page", self._listen)
        self.page: Page = self.context.new_page()

    def _listen(self, page: Page) -> None:
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._note_request)

    def _note_message(self, message) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ANSWERED):
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _note_request(self, request) -> None:
        if urlsplit(request.url).scheme != "data" and not request.url.startswith(self.clinic.url):
            self.complaints.append(f"asked another host: {request.url}")

    def sign_in(self, password: str = PASSWORD) -> "Person":
        """Through the sign-in page, as everybody does in the morning."""
        self.page.goto(reverse("login"))
        self.page.get_by_label(zh("User name")).fill(self.name)
        self.page.get_by_label(zh("Password"), exact=True).fill(password)
        self.page.get_by_role("button", name=zh("Sign in")).click()
        expect(self.page).not_to_have_url(re.compile(reverse("login")))
        return self

    def open(self, url_name: str, *arguments) -> Page:
        """The page behind a URL name; it has to answer."""
        response = self.page.goto(reverse(url_name, args=arguments))
        assert response.ok, f"{url_name} as {self.name}: {response.status}"
        return self.page

    def press(self, words: str, within: Locator | None = None) -> None:
        """Press the button with these words and wait for the page it leads to."""
        button = (within or self.page).get_by_role("button", name=named(words))
        with self.page.expect_navigation():
            self.press_button(button)

    def insist(self, words: str) -> None:
        """Press a button that says it is not possible yet; the server has the last word."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=named(words)).click(force=True)

    def press_named(self, name: str) -> None:
        """Press the button of this name, where its words are Django's own."""
        with self.page.expect_navigation():
            self.page.locator(f"[name={name}]").click()

    def follow(self, words: str, within: Locator | None = None) -> None:
        """Follow the link with these words."""
        with self.page.expect_navigation():
            (within or self.page).get_by_role("link", name=named(words)).first.click()

    def fill(self, words: str, value: str) -> None:
        """Type into the field with this label, over what stands there."""
        self.page.get_by_label(named(words)).fill(value)

    def choose(self, words: str, within: Locator | None = None) -> None:
        """Choose the tile with these words."""
        (within or self.page).get_by_role("radio", name=named(words)).check(force=True)

    def choose_tile(self, words: str) -> None:
        """Choose the tile that begins with these words of the clinic's own."""
        tile = re.compile(rf"^{re.escape(words)}")
        self.page.get_by_role("radio", name=tile).first.check(force=True)

    def text(self) -> str:
        """What can be read on the page."""
        return self.page.inner_text("body")

    def shot(self, title: str) -> None:
        """A picture for people to look at, when CLINIC_SHOTS names a folder."""
        folder = os.environ.get("CLINIC_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder, f"{title}.png"))


class Staff:
    """`staff("doctor")` signs a person in; a second call gives the same person again.

    "screen" is the one on the waiting room's wall: nobody signs in there.
    """

    def __init__(self, browser: Browser, clinic: Installation, cookies: dict):
        self.browser = browser
        self.clinic = clinic
        self.cookies = cookies
        self.people: list[Person] = []
        self.by_name: dict[str, Person] = {}

    def __call__(self, name: str, **options) -> Person:
        if name not in self.by_name:
            if name == "screen":
                make = self.stranger
            else:
                make = self.another if name in self.cookies else self.sign_in
            self.by_name[name] = make(name, **options)
        return self.by_name[name]

    def sign_in(self, name: str, **options) -> Person:
        """Through the sign-in page; the cookies are kept for this person's next contexts."""
        person = self.stranger(name, **options).sign_in()
        self.cookies[name] = person.context.storage_state()
        return person

    def another(self, name: str, **options) -> Person:
        """A context with nothing in its cache in which this person is signed in."""
        if name not in self.cookies:
            self.sign_in(name)
        return self.stranger(name, storage_state=self.cookies[name], **options)

    def stranger(self, name: str = "", **options) -> Person:
        """Somebody whom the clinic doesn't know: the waiting-room screen, a visitor."""
        person = Person(self.browser, self.clinic, name, **options)
        self.people.append(person)
        return person

    def go_home(self) -> None:
        """Close every context; fail when any page complained or spoke to another host."""
        complaints = [line for person in self.people for line in person.complaints]
        for person in self.people:
            person.context.close()
        assert not complaints, "\n".join(complaints)
