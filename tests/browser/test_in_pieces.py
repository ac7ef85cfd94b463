"""A page on a slow line or a busy PC is drawn before all of it is there; nothing moves by that."""

import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.browser.measure import LATE, SHIFTS, TOLD

pytestmark = pytest.mark.browser

PAUSE = 0.3  # seconds: long enough for a browser to draw what it has
STYLE = re.compile(r'(<link rel="stylesheet" href=")([^"]+)')
# Where the page breaks off: before what stands at the bottom of the window.
BREAKS = re.compile(r"(?=<footer|<aside)")


@contextmanager
def slow_line(page: str, style: str):
    """The address of a server that gives `page` in pieces, and `style` to all that is asked."""

    class Slow(BaseHTTPRequestHandler):
        def log_message(self, *_words):
            """Nobody reads it."""

        def do_GET(self):
            is_page = urlsplit(self.path).path == "/"
            self.send_response(200)
            self.send_header("Content-Type", f"text/{'html' if is_page else 'css'}; charset=utf-8")
            self.end_headers()
            for piece in BREAKS.split(page) if is_page else [style]:
                self.wfile.write(piece.encode())
                self.wfile.flush()
                time.sleep(PAUSE * is_page)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_screen_that_comes_in_pieces_stands_still(browser, staff, scene):
    visit = staff("screen").page.goto
    page = visit(reverse("display_area", args=[scene["area"]])).text()
    assert 'class="missed"' in page and len(BREAKS.split(page)) > 2
    style = visit(STYLE.search(page)[2]).text()
    tv = browser.new_page(viewport={"width": 1366, "height": 640})

    try:
        with slow_line(STYLE.sub(r"\1/style.css", page), style) as address:
            tv.goto(address)
            shift = tv.evaluate(SHIFTS, [LATE, LATE + TOLD])
            stands = tv.locator(".display footer").is_visible()
    finally:
        tv.close()

    assert stands and round(shift, 4) == 0
