"""Where a double click of the simulated day led, when a colleague acts between its two answers."""

from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest

from clinic.day.book import Book
from clinic.day.clock import Clock
from clinic.day.engine import Day
from clinic.day.people.storekeeper import Storekeeper
from clinic.day.plan import Plans

FORM = '<html><body><form method="post" action="{}"><button>核准</button></form></body></html>'


class Clinic(BaseHTTPRequestHandler):
    """`/approve/` leads to the next sheet, which whoever comes second finds done;
    `/torn/` leads each click to another one."""

    asked: Counter
    lock = Lock()

    def do_POST(self):
        self._answer(302, "/next/" if self.path == "/approve/" else f"/next/{self._times()}/")

    def do_GET(self):
        if self.path == "/next/" and self._times() > 1:
            self._answer(302, "/done/")
        else:
            self._answer(200)

    def _times(self) -> int:
        with self.lock:
            self.asked[self.path] += 1
            return self.asked[self.path]

    def _answer(self, status: int, leads_to: str = ""):
        self.send_response(status)
        if leads_to:
            self.send_header("Location", leads_to)
        body = b"" if leads_to else FORM.format("/approve/").encode()
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said):
        pass


@pytest.fixture
def url():
    Clinic.asked = Counter()
    with ThreadingHTTPServer(("127.0.0.1", 0), Clinic) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("press", ["press", "click"])  # of the pharmacy and the till; of others
@pytest.mark.parametrize(("path", "complaints"), [("/approve/", 0), ("/torn/", 1)])
def test_what_counts_is_where_the_clicks_led_and_not_what_a_colleague_did_there(
    url, path, complaints, press
):
    day = Day(url, Path("ca.crt"), "secret", 1, Clock(minutes=1), Plans([]), book=Book())
    keeper = Storekeeper(day, "storekeeper")
    form = keeper.browser.get("/sheet/").forms[0]
    form.action = path

    getattr(keeper, press)(form, twice=True)

    keeper.browser.close()
    assert len(day.book.complaints) == complaints
