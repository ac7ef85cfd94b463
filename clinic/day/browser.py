"""A person's browser: a session of its own, files kept as browsers do, each answer timed.

Talks HTTPS alone, to a certificate of the clinic's own authority. A press sends what the form on
the page held and what was typed, nothing else.
"""

import re
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from django.urls import reverse
from requests.adapters import HTTPAdapter

from clinic.day.page import Form, NotOnPage, Page, name_of, words

LANGUAGES = "zh-CN,zh;q=0.9,en;q=0.5"
ENCODINGS = "gzip, deflate"
REDIRECTS = (301, 302, 303, 307, 308)
MOST_HOPS = 6
TIMEOUT = 60.0  # seconds; what takes longer counts as no answer
QUERIES = "X-Clinic-Queries"  # clinic.core.counting, where it is switched on
KEEPER = re.compile(r'src="(/static/js/keep[^"]*)"')
TRIES, SOON = 60, 3.0  # of keep.js: how often it asks again, after so many seconds
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Measure:
    """One request as the browser saw it."""

    at: float  # time.time() at its start
    who: str
    verb: str  # "POST registration_new", "GET queue", "POLL queue_fragment", "FILE"
    status: int  # 0: no answer
    ms: float
    bytes: int  # of the answer as it came over the line, headers included
    queries: int | None = None


@dataclass(frozen=True)
class Chosen:
    """A line taken from a list: what it says, where it leads, the button that it presses."""

    label: str
    goes: str = ""
    button: object = None


class Meter:
    """All measures of a day, of all browsers."""

    def __init__(self):
        self.measures: deque[Measure] = deque()  # append is atomic

    def add(self, measure: Measure) -> None:
        self.measures.append(measure)


class NoAnswer(Exception):
    """The connection broke or nothing came in time: what became of the request is not known."""


class NotSent(NoAnswer):
    """The press was held back, because the server could not be reached: nothing has changed."""


class Unserved(NoAnswer):
    """The front said that the application is away (502, 503, 504), or the application failed."""

    def __init__(self, page: Page, words: str):
        super().__init__(words)
        self.page = page


class SignedOut(Exception):
    """The answer was the sign-in page; people sign in again and go on."""


class Refused(AssertionError):
    """An answer of the 4xx kind, which no form of ours may lead to."""


class _From(HTTPAdapter):
    """Connections that begin at a certain address of this machine."""

    def __init__(self, address: str):
        self.address = address
        super().__init__(pool_connections=1, pool_maxsize=2)

    def init_poolmanager(self, *arguments, **more):
        return super().init_poolmanager(*arguments, source_address=(self.address, 0), **more)


class Browser:
    """`page = browser.open("desk")`, `page = browser.submit(page.form("registration_new"))`."""

    def __init__(self, url: str, *, ca, who: str, meter: Meter | None = None, timeout=TIMEOUT):
        self.url, self.who, self.timeout = url.rstrip("/"), who, timeout
        self.meter = meter or Meter()
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy, no .netrc
        self.session.verify = str(ca)
        self.session.headers.update(
            {
                "User-Agent": "Mozilla/5.0 (simulated day)",
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
                "Accept-Language": LANGUAGES,
                "Accept-Encoding": ENCODINGS,
            }
        )
        self.session.mount("https://", HTTPAdapter(pool_connections=1, pool_maxsize=2))
        self.kept: set[str] = set()  # files that this browser has
        self.page: Page | None = None  # what is on the screen

    def come_from(self, address: str) -> None:
        """Have an address of one's own: one of this machine's, as a phone elsewhere has."""
        self.session.mount("https://", _From(address))

    # -- going to pages --

    def open(self, name: str, *arguments, query: dict | None = None) -> Page:
        """The page behind a URL name, as by a bookmark."""
        address = reverse(name, args=arguments)
        return self.get(address + ("?" + urlencode(query) if query else ""))

    def get(self, address: str) -> Page:
        """Follow a link."""
        return self._go("GET", self._absolute(address), None)

    def submit(self, form: Form, button=None, **typed) -> Page:
        """Press a button of a form (none: as Enter does); follows to the page that it leads to."""
        address, data = form.fill(typed).pressed(button)
        if not form.is_post:
            return self.get(urljoin(address, "?" + urlencode(data)))
        self._reach(form.page)
        return self._go("POST", address, data, referer=form.page.url)

    def submit_twice(self, form: Form, button=None, **typed) -> tuple[Page, Page]:
        """A double click: the same press twice at once, the second over a connection of its own."""
        address, data = form.fill(typed).pressed(button)
        self._reach(form.page)
        double = self._double()
        with ThreadPoolExecutor(1) as other:
            second = other.submit(double._go, "POST", address, data, referer=form.page.url)
            first = self._go("POST", address, data, referer=form.page.url)
            return first, second.result()

    def _double(self) -> "Browser":
        """The same browser's second connection: its cookies and its files."""
        double = Browser(
            self.url, ca=self.session.verify, who=self.who, meter=self.meter, timeout=self.timeout
        )
        double.session.cookies.update(self.session.cookies)
        double.kept = self.kept
        return double

    def look(self, name: str) -> Page:
        """A page that needs nobody signed in, the sign-in page itself included."""
        return self._go("GET", self._absolute(reverse(name)), None, may_be_sign_in=True)

    def sign_in(self, name: str, password: str) -> Page:
        """Through the sign-in page, as everybody does in the morning."""
        page = self.look("login")
        if not page.is_sign_in:
            return page  # is signed in
        form = page.form("login", has="username").fill(username=name, password=password)
        address, data = form.pressed()
        page = self._go("POST", address, data, referer=page.url, may_be_sign_in=True)
        if page.is_sign_in:
            raise SignedOut(f"{name}: {page.errors}")
        return page

    def suggest(self, form: Form, field: str, typed: str) -> Page:
        """What a list offers while somebody types into a field that has one."""
        for control in form.controls:
            if control.get("name") == field and control.get("data-suggest-url"):
                address = self._absolute(control.get("data-suggest-url"))
                data = [("q", typed), ("csrfmiddlewaretoken", form["csrfmiddlewaretoken"])]
                return self._part("POST", address, data, referer=form.page.url)
        raise NotOnPage(f"{form.page.path}: {field} offers no list")

    def choose(self, form: Form, field: str, typed: str, wanted: str = "") -> "Chosen | None":
        """Type, and take the first line of the list that begins as wanted; None: there is none.

        As suggest.js does it: the line's value and its data-fill-… go into the form's fields.
        """
        offered = self.suggest(form, field, typed).find("//*[@role='option'][@data-value]")
        fitting = [one for one in offered if (one.get("data-label") or "").startswith(wanted)]
        if not fitting:
            return None
        line = fitting[0]
        box = next(one for one in form.controls if one.get("name") == field)
        form.fields[field] = [line.get("data-label")]
        target = box.get("data-suggest-target")
        for control in form.controls if target else ():
            if control.get("id") == target:
                form.fields[control.get("name")] = [line.get("data-value")]
        for name, value in line.items():
            key = name.removeprefix("data-fill-")
            if key != name and key in form.fields:
                form.fields[key] = [value]
        press = line.get("data-press") or box.get("data-suggest-press")
        pressed = [one for one in form.buttons() if press and one.get("id") == press]
        return Chosen(line.get("data-label") or "", line.get("data-go") or "", *pressed[:1])

    # -- keeping a page fresh --

    def poll(self, address: str, etag: str = "") -> tuple[Page | None, str]:
        """One round of a page's own script: the new part, or None while nothing has changed."""
        headers = {"If-None-Match": etag} if etag else {}
        page = self._part("POLL", self._absolute(address), None, headers=headers)
        etag = page.headers.get("ETag") or ("" if page.status == 200 else etag)
        return (None if page.status == 304 else page), etag

    # -- underneath --

    def _absolute(self, address: str) -> str:
        return urljoin((self.page.url if self.page else self.url + "/"), address)

    def _go(self, method, address, data, *, referer=None, may_be_sign_in=False) -> Page:
        page = self._ask(method, address, data, referer=referer)
        led_to = None
        for _hop in range(MOST_HOPS):
            if page.status not in REDIRECTS:
                break
            target = urljoin(page.url, page.headers["Location"])
            if urlsplit(target).netloc != urlsplit(self.url).netloc:
                raise Refused(f"{self.who}: {page.path} leads away to {target}")
            led_to = led_to or urlsplit(target).path
            page = self._ask("GET", target, None, referer=referer)
        page.led_to = led_to or page.path
        self._check(page, method, may_be_sign_in)
        self.page = page
        self._load_files(page)
        return page

    def _reach(self, page: Page) -> None:
        """keep.js sends a press only once the HEAD of a file is answered; tries three minutes."""
        file = KEEPER.search(page.text)
        if file is None:
            return
        for _try in range(TRIES):
            try:
                if self._ask("HEAD", self._absolute(file[1]), None).status == 200:
                    return
            except NoAnswer:
                pass
            time.sleep(SOON)
        raise NotSent(f"{page.path}: no answer for {TRIES * SOON:.0f} s, nothing was sent")

    def _check(self, page: Page, method: str, may_be_sign_in: bool) -> None:
        if page.status >= 400:
            said = words(next(iter(page.find("//main") or page.find("//h1")), page.tree))[:150]
            if page.status >= 500:
                raise Unserved(page, f"{method} {page.path}: {page.status} {said}")
            raise Refused(f"{self.who}: {method} {page.path}: {page.status} {said}")
        if page.is_sign_in and not may_be_sign_in:
            raise SignedOut(page.path)

    def _part(self, kind: str, address: str, data, **more) -> Page:
        """What a page's script asks for: never an error, and no sign-in page in its place."""
        page = self._ask(kind, address, data, **more)
        if page.status in REDIRECTS or page.status == 401:
            raise SignedOut(page.path)
        self._check(page, kind, may_be_sign_in=False)
        return page

    def _load_files(self, page: Page) -> None:
        """What the page names and this browser does not have yet."""
        for address in page.statics() - self.kept:
            file = self._ask("FILE", self._absolute(address), None)
            self._check(file, "FILE", may_be_sign_in=True)
            self.kept.add(address)

    def _ask(self, kind: str, address: str, data, *, referer=None, headers=None) -> Page:
        """One request, measured."""
        method = kind if kind in ("POST", "HEAD") else "GET"
        sent = dict(headers or {})
        body = None
        if method == "POST":
            body = urlencode(data).encode()
            sent |= {"Content-Type": FORM, "Origin": self.url}
        if referer:
            sent["Referer"] = referer
        at, begun = time.time(), time.perf_counter()
        verb = kind if kind in ("FILE", "HEAD") else f"{kind} {name_of(address)}"
        try:
            answer = self.session.request(
                method,
                address,
                data=body,
                headers=sent,
                timeout=self.timeout,
                allow_redirects=False,
            )
            content = answer.content
        except (requests.RequestException, OSError) as error:
            ms = (time.perf_counter() - begun) * 1000
            self.meter.add(Measure(at, self.who, verb, 0, ms, 0))
            raise NoAnswer(f"{verb}: {type(error).__name__} {error}"[:300]) from error
        ms = (time.perf_counter() - begun) * 1000
        size = answer.raw.tell() + sum(len(k) + len(v) + 4 for k, v in answer.headers.items())
        queries = answer.headers.get(QUERIES)
        queries = int(queries) if queries else None
        self.meter.add(Measure(at, self.who, verb, answer.status_code, ms, size, queries))
        is_text = "text/html" in answer.headers.get("Content-Type", "")
        text = content.decode("utf-8", "replace") if is_text else ""
        return Page(address, answer.status_code, text, answer.headers)

    def close(self) -> None:
        self.session.close()
