"""A page as a person sees it: forms with all that they hold, links, messages, errors.

Found by addresses and names of fields, not by words, so that the language does not matter.
"""

import re
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from lxml import html

STATIC = re.compile(r'(?:href|src)="(/static/[^"#]+)"')
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = "00000000-0000-4000-8000-000000000000"
ERRORS = ("field-error", "message-error")
SILENT = {"submit", "button", "image", "reset", "file"}  # inputs that send nothing by themselves
PARSER = html.HTMLParser(encoding="utf-8")


class NotOnPage(AssertionError):
    """What a person looks for does not stand on the page."""


def name_of(address: str) -> str:
    """The name of the URL behind an address; its path where there is none."""
    path = urlsplit(address).path
    return _name_like(UUID.sub(NOBODY, path)) or path


@lru_cache(maxsize=2000)
def _name_like(path: str) -> str:
    """Asked for every link and form of a page: whose they are makes no difference."""
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def key_of(address: str) -> str:
    """The identifier in an address: /registration/<this>/cancel/."""
    kept = resolve(urlsplit(address).path).kwargs
    return str(next(iter(kept.values()), ""))


def has_class(name: str) -> str:
    """For XPath: the element has this class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def words(element) -> str:
    """The text of an element, with single spaces."""
    return " ".join(element.text_content().split())


@dataclass(frozen=True)
class Message:
    """What the page says of what was just done; with a form where it can be undone."""

    level: str  # ok, warn, error, info
    words: str
    undo: "Form | None" = None


class Form:
    """A form of a page: what it holds now, what somebody types into it, and where it goes."""

    def __init__(self, page: "Page", element):
        self.page, self.element = page, element
        self.action = element.get("action") or page.url

    @property
    def name(self) -> str:
        """The name of the URL where it goes."""
        return name_of(self.address)

    @property
    def address(self) -> str:
        return urljoin(self.page.url, self.action)

    @property
    def is_again(self) -> bool:
        """Prints once more the slip of a number that the chosen patient holds."""
        return (self.element.get("id") or "").startswith("again-")

    @property
    def is_post(self) -> bool:
        return (self.element.get("method") or "get").lower() == "post"

    @cached_property
    def controls(self) -> list:
        """All of it, wherever on the page it stands."""
        own = self.element.get("id")
        inside = "descendant::*[self::input or self::select or self::textarea or self::button]"
        found = [one for one in self.element.xpath(inside) if one.get("form") in (None, own)]
        if own:
            outside = self.page.tree.xpath("//*[@form=$own]", own=own)
            found += [one for one in outside if one not in found]
        return found

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """What each field holds; several values only where several can be chosen."""
        held: dict[str, list[str]] = {}
        for control in self.controls:
            name = control.get("name")
            if not name or control.tag == "button" or control.get("disabled") is not None:
                continue
            held.setdefault(name, []).extend(_values(control))
        return held

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    def __getitem__(self, field: str) -> str:
        """What stands in a field now."""
        return (self.fields[field] or [""])[0]

    def fill(self, typed: dict | None = None, **more) -> "Form":
        """Type into fields; a list chooses several. A field that is not there is an error."""
        for field, value in {**(typed or {}), **more}.items():
            if field not in self.fields:
                raise NotOnPage(f"{self.page.path}: no field {field} in {sorted(self.fields)}")
            several = value if isinstance(value, (list, tuple)) else [value]
            self.fields[field] = [str(one) for one in several]
        return self

    def choices(self, field: str) -> list[tuple[str, str]]:
        """(value, words) of a choice: options, or radio buttons with their labels."""
        found = []
        for control in self.controls:
            if control.get("name") != field or control.get("disabled") is not None:
                continue
            if control.tag == "select":
                found += [
                    (one.get("value", words(one)), words(one)) for one in control.iter("option")
                ]
            elif control.get("type") in ("radio", "checkbox"):
                label = self.page.tree.xpath("//label[@for=$id]", id=control.get("id") or "-")
                found.append((control.get("value", "on"), words(label[0]) if label else ""))
        return found

    def buttons(self) -> list:
        kinds = ("submit", "image", None)
        return [
            one
            for one in self.controls
            if one.tag == "button" and one.get("type") in kinds or one.get("type") == "submit"
        ]

    def button(self, name: str, value: str | None = None):
        """The button of this name; of several the one with this value."""
        for one in self.buttons():
            if one.get("name") == name and value in (None, one.get("value")):
                return one
        raise NotOnPage(f"{self.page.path}: no button {name} {value or ''}")

    def pressed(self, button=None) -> tuple[str, list[tuple[str, str]]]:
        """Address and data of a press: the given button's, else as Enter sends it."""
        if isinstance(button, str):
            button = self.button(button)
        data = [(name, value) for name, values in self.fields.items() for value in values]
        address = self.address
        if button is not None:
            if button.get("name"):
                data.append((button.get("name"), button.get("value") or ""))
            if button.get("formaction"):
                address = urljoin(self.page.url, button.get("formaction"))
        return address, data


def _values(control) -> list[str]:
    if control.tag == "textarea":
        return [(control.text or "").removeprefix("\n")]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [one for one in options if one.get("selected") is not None]
        if not chosen and control.get("multiple") is None:
            chosen = options[:1]
        return [one.get("value", words(one)) for one in chosen]
    kind = (control.get("type") or "text").lower()
    if kind in SILENT:
        return []
    if kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value") or ""]


@dataclass
class Part:
    """A part of a page that its script asks for again and again."""

    address: str
    seconds: float
    etag: str
    due: float  # time.monotonic() of the next question


class Page:
    """An answer of the server; parsed only when somebody looks into it."""

    def __init__(self, url: str, status: int, text: str, headers=None):
        self.url, self.status, self.text = url, status, text
        self.headers = headers or {}
        self.led_to = self.path  # where a press led by itself: its answer's redirect, if it had one

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def name(self) -> str:
        return name_of(self.url)

    @property
    def key(self) -> str:
        return key_of(self.url)

    @cached_property
    def tree(self):
        return html.fromstring(self.text.encode() or b"<p></p>", parser=PARSER)

    def find(self, path: str, **values) -> list:
        """Elements by XPath."""
        return self.tree.xpath(path, **values)

    def first(self, path: str, **values):
        found = self.find(path, **values)
        if not found:
            raise NotOnPage(f"{self.path}: nothing at {path}")
        return found[0]

    def classed(self, name: str, tag: str = "*") -> list:
        return self.find(f"//{tag}[{has_class(name)}]")

    def said(self, name: str) -> str:
        """The text of the first element of this class; empty where there is none."""
        found = self.classed(name)
        return words(found[0]) if found else ""

    @cached_property
    def forms(self) -> list[Form]:
        return [Form(self, one) for one in self.tree.iter("form")]

    def of(self, element) -> Form:
        """The form that this element is."""
        return Form(self, element)

    def form(self, name: str = "", *, has: str = "", key: str = "") -> Form:
        """The first form that goes to this URL name, has this field, is about this identifier."""
        for one in self.forms:
            fits = not name or one.name == name
            if fits and (not has or has in one) and (not key or key in one.action):
                return one
        raise NotOnPage(f"{self.path}: no form {name} {has} {key}")

    def has_form(self, name: str, *, has: str = "", key: str = "") -> bool:
        try:
            return bool(self.form(name, has=has, key=key))
        except NotOnPage:
            return False

    def within(self, element, name: str) -> Form:
        """The form to this URL name inside an element, such as a row of a list."""
        for one in element.iter("form"):
            form = Form(self, one)
            if form.name == name:
                return form
        raise NotOnPage(f"{self.path}: no form {name} in this row")

    def links(self, name: str, within=None) -> list[str]:
        """Addresses of the links to this URL name."""
        found = (within if within is not None else self.tree).iter("a")
        return [one.get("href") for one in found if name_of(one.get("href") or "") == name]

    def link(self, name: str, within=None) -> str:
        found = self.links(name, within)
        if not found:
            raise NotOnPage(f"{self.path}: no link to {name}")
        return found[0]

    def rows(self) -> list:
        """The rows of the page's tables."""
        return self.find("//tbody/tr")

    def row(self, *marks: str):
        """The first row in which all these words stand; None where there is none."""
        for one in self.rows():
            text = words(one)
            if all(mark in text for mark in marks):
                return one
        return None

    @cached_property
    def messages(self) -> list[Message]:
        found = []
        for one in self.find(f"//*[{has_class('said')}]/*[{has_class('message')}]"):
            level = re.search(r"message-(\w+)", one.get("class"))[1]
            undo = next(iter(one.iter("form")), None)
            text = words(one.find("span")) if one.find("span") is not None else words(one)
            found.append(Message(level, text, None if undo is None else Form(self, undo)))
        return found

    @cached_property
    def errors(self) -> list[str]:
        """What the page says is wrong, of fields and of the whole."""
        return [words(one) for kind in ERRORS for one in self.classed(kind)]

    @property
    def refuses(self) -> bool:
        """It says that what was sent is not done."""
        return bool(self.errors) or any(one.level == "error" for one in self.messages)

    @property
    def is_sign_in(self) -> bool:
        return self.name in ("login", "switch")

    @property
    def is_practice(self) -> bool:
        return 'class="practice' in self.text

    def statics(self) -> set[str]:
        return set(STATIC.findall(self.text))

    @cached_property
    def parts(self) -> list[Part]:
        """What the page keeps fresh by itself, as long as it is on the screen."""
        now = time.monotonic()
        found = []
        for one in self.find("//*[@data-refresh-url]"):
            address = urljoin(self.url, one.get("data-refresh-url"))
            seconds = max(float(one.get("data-seconds") or 10), 2)
            found.append(Part(address, seconds, one.get("data-etag") or "", now + seconds))
        return found
