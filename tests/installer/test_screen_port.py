"""`--screen-port`: screens and the patient's own place over plain HTTP, and nothing else there."""

import http.client
import json
import re
import time

import pytest

from installer.setup import envfile, listeners
from installer.setup.errors import SetupError
from installer.setup.options import install_parser
from tests.installer.test_listeners import ask, nginx_before_an_echo, through
from tests.installer.tools import Served, get
from tests.ports import free_port

HASH = "0123456789ab"
SERVED = ["/display/", "/display/2/rows/", "/display/place/a-B_9/now/"]
SERVED += [f"/static/css/display.{HASH}.css", f"/static/sound/chime.{HASH}.wav"]
NOT_SERVED = ["/", "/login/", "/booking/", "/registration/queue/rows/", "/admin/", "/healthz"]
NOT_SERVED += ["/display/../login/", "/display/%2e%2e/login/", f"/static/css/base.{HASH}.css"]
SETTINGS = {"CLINIC_SCREEN_PORT": "18081"}


def test_without_the_option_there_is_no_such_listener():
    assert listeners.screen({}) == [] == listeners.screen({"CLINIC_SCREEN_PORT": ""})
    assert listeners.told({}) == {}


def test_nginx_serves_screens_alone_and_passes_no_cookie(tmp_path):
    port = free_port()
    with nginx_before_an_echo(tmp_path, {"CLINIC_SCREEN_PORT": str(port)}):
        served = {path: ask(port, path, Cookie="session=1") for path in SERVED}
        refused = {path: ask(port, path)[0] for path in NOT_SERVED}

    assert {status for status, _body in served.values()} == {200}
    assert refused == dict.fromkeys(NOT_SERVED, 404)
    told = json.loads(served["/display/"][1])
    assert "Cookie" not in told and told["X-Forwarded-Proto"] == "http"
    assert told["X-Forwarded-For"] == "127.0.0.1"  # what the client claims is dropped


def test_without_nginx_the_wrapper_does_the_same():
    (listener,) = listeners.screen(SETTINGS)

    served = {path: through(listener, path) for path in SERVED}
    refused = [through(listener, path)[0] for path in NOT_SERVED]

    assert {status for status, _seen in served.values()} == {200}
    assert set(refused) == {404}
    assert served["/display/"][1]["wsgi.url_scheme"] == "http"


def test_the_option_takes_a_port_or_none_and_nothing_else():
    parser = install_parser()

    assert parser.parse_args(["--screen-port", "8081"]).screen_port == "8081"
    assert parser.parse_args(["--screen-port", "none"]).screen_port == ""
    with pytest.raises(SetupError, match="--screen-port"):
        parser.parse_args(["--screen-port", "http"])


def test_an_address_of_the_clinics_own_choice_stays():
    chosen = {**SETTINGS, "CLINIC_SCREEN_ADDRESS": "http://pm.lan"}

    assert listeners.told(chosen) == {}


@pytest.mark.installer
@pytest.mark.parametrize("front", ["nginx", "granian"])
def test_screens_alone_stand_on_their_port_without_cookies_before_both_fronts(installed, front):
    port = free_port()
    told = installed.install("--no-start", "--screen-port", str(port))
    assert told.returncode == 0, told.stdout + told.stderr
    try:
        with Served(installed.checkout, installed.data, installed.port, CLINIC_FRONT=front):
            page, cookies = plain(port, "/display/", patient=60)
            linked = re.findall(r'"(/static/[^"]+)"', page[1])
            files = {name: plain(port, name)[0][0] for name in linked}
            place = plain(port, "/display/place/nobody/")[0][0]
            others = {path: plain(port, path)[0][0] for path in NOT_SERVED}
            whole = get(installed.data, installed.port, "/display/")[0]
    finally:
        envfile.write(installed.data / ".env", {"CLINIC_SCREEN_PORT": ""})

    assert (page[0], place, whole, cookies) == (200, 200, 200, None)
    assert len(files) == len(listeners.SCREEN_STATIC) and set(files.values()) == {200}
    assert others == dict.fromkeys(NOT_SERVED, 404)


def plain(port: int, path: str, patient: float = 0) -> tuple[tuple[int, str], str | None]:
    """Status and text over plain HTTP, and the cookie it would set."""
    deadline = time.monotonic() + patient
    while True:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            link.request("GET", path, headers={"Cookie": "language=en"})
            answer = link.getresponse()
            text = answer.read().decode(errors="replace")
            return (answer.status, text), answer.headers["Set-Cookie"]
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        finally:
            link.close()
