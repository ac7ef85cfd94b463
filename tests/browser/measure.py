"""What a page costs on the wire, what axe and an HTML parser say of it, whether it moves."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import html5lib
from html5lib.html5parser import ParseError

from tests.browser.people import Person

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
KB = 1024
LATE = 150  # milliseconds in which a script could still ask for something; polls come later
TOLD = 50  # milliseconds in which the browser tells what it has noted of a page before

SHIFTS = """([late, left]) => new Promise(resolve => {
  const until = performance.getEntriesByType('navigation')[0].loadEventEnd + late;
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput && entry.startTime <= until) sum += entry.value;
    }
  }).observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => setTimeout(() => resolve(sum), left));
})"""
VIOLATIONS = """async rules => {
  const which = rules.length ? {runOnly: rules} : {};
  const found = await axe.run(document, {resultTypes: ['violations'], ...which});
  return found.violations.map(v => v.id + ': ' + v.help + ' – '
      + v.nodes.slice(0, 4).map(n => n.target.join(' ')).join(' | '));
}"""
SIDEWAYS = """() => {
  const root = document.documentElement, wide = root.clientWidth;
  if (root.scrollWidth <= wide && document.body.scrollWidth <= wide) return null;
  const out = Array.from(document.body.querySelectorAll('*'))
    .filter(e => e.getBoundingClientRect().right > wide + 1 && !e.closest('.scroll'))
    .slice(0, 4).map(e => e.tagName.toLowerCase() + (e.className ? '.' + e.className : ''));
  return root.scrollWidth + ' > ' + wide + ': ' + out.join(', ');
}"""


@dataclass
class Traffic:
    """Requests of one visit that went over the wire, and their bytes with headers."""

    asked: dict[str, str] = field(default_factory=dict)  # request id to URL
    cached: set[str] = field(default_factory=set)
    size: dict[str, int] = field(default_factory=dict)
    redirects: int = 0

    @property
    def requests(self) -> int:
        return len([key for key in self.asked if key not in self.cached]) + self.redirects

    @property
    def transferred(self) -> int:
        return sum(size for key, size in self.size.items() if key not in self.cached)

    def __str__(self) -> str:
        return f"{self.transferred / KB:.1f} KB in {self.requests} requests"


class Wire:
    """Chromium's own count of what one person's page asks for and gets."""

    def __init__(self, person: Person):
        self.page = person.page
        self.traffic = Traffic()
        self.source, self.loaded = "", None
        self.session = person.context.new_cdp_session(self.page)
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.requestServedFromCache", self._from_memory)
        self.session.on("Network.responseReceived", self._answered)
        self.session.on("Network.loadingFinished", self._finished)
        self.session.send("Network.enable")

    def visit(self, path: str) -> Traffic:
        """Open `path`; what its scripts ask for within LATE is counted."""
        self.traffic, self.loaded = Traffic(), None
        self.source = self.page.goto(path).text()
        self.loaded = time.time()
        return self.traffic

    @property
    def left(self) -> float:
        """Milliseconds until LATE is over; 0 once it is."""
        return max(0.0, LATE - (time.time() - self.loaded) * 1000)

    def settle(self) -> None:
        """Wait until LATE is over, if it is not yet."""
        self.page.wait_for_timeout(self.left)

    def _asked(self, event: dict) -> None:
        if urlsplit(event["request"]["url"]).scheme == "data":
            return
        if self.loaded and event["wallTime"] > self.loaded + LATE / 1000:
            return
        if event.get("redirectResponse"):
            self.traffic.redirects += 1
            size = event["redirectResponse"].get("encodedDataLength", 0)
            self.traffic.size[f"redirect {self.traffic.redirects}"] = size
        self.traffic.asked[event["requestId"]] = event["request"]["url"]

    def _from_memory(self, event: dict) -> None:
        self.traffic.cached.add(event["requestId"])

    def _answered(self, event: dict) -> None:
        if event["response"].get("fromDiskCache"):
            self.traffic.cached.add(event["requestId"])

    def _finished(self, event: dict) -> None:
        if event["requestId"] in self.traffic.asked:
            self.traffic.size[event["requestId"]] = event["encodedDataLength"]


def layout_shift(wire: Wire) -> float:
    """How much of the page moved by itself since it was opened (CLS), LATE included."""
    return wire.page.evaluate(SHIFTS, [LATE, max(TOLD, wire.left)])


def axe_violations(person: Person, *rules: str) -> list[str]:
    """What axe finds on the page as it stands; by these rules alone, if any are named."""
    if not person.page.evaluate("'axe' in window"):
        person.page.evaluate(AXE)
    return person.page.evaluate(VIOLATIONS, list(rules))


def sideways(person: Person) -> str | None:
    """What makes the page scroll sideways; None when nothing does."""
    return person.page.evaluate(SIDEWAYS)


def html_error(source: str) -> str | None:
    """The first place where `source` isn't valid HTML; None when it is."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        parser.parse(source)
    except ParseError:
        (line, column), code, _ = parser.errors[0]
        text = source.splitlines()[line - 1] if line <= source.count("\n") + 1 else ""
        return f"{code} in line {line}: {text[max(0, column - 60) : column + 20].strip()}"
    return None
