"""What our scripts do in a real browser. Each only adds comfort; the pages work without them."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import sync_playwright

from tests.chromium import program
from tests.paper import STATIC

pytestmark = pytest.mark.browser

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

FORM = """<!DOCTYPE html><html lang="en"><head><title>t</title>{scripts}</head><body>
<form method="post" action="/sent" data-enter="next" data-idnumber data-filled="filled"
 data-differs="differs" data-take="take" data-row>
<input type="hidden" name="csrfmiddlewaretoken" value="token-1">
<select name="id_type"><option value="resident">r</option><option value="none">n</option></select>
<input name="id_number"><input name="birth_date">
<input type="radio" name="sex" value="male"><input type="radio" name="sex" value="female">
<input name="drug_text" data-suggest-url="/suggest" data-suggest-target="id_drug"
 aria-label="Drug"><input type="hidden" id="id_drug" name="drug">
<input name="form-0-route"><span data-show="spec"></span>
<textarea name="words"></textarea>
<button type="submit" name="go" value="1" data-key="F9">Save</button>
<button type="submit" aria-disabled="true" data-reason="why" id="not-yet">Not yet</button>
<p id="why">Because</p>
</form>
<form method="post" action="/sent" role="search"><input type="hidden" name="csrfmiddlewaretoken"
 value="token-2"><input type="search" name="q" data-suggest-url="/suggest" data-suggest-sends
 aria-label="Find"></form>
<div id="part" data-refresh-url="/part" data-seconds="2"><p>old</p></div>
</body></html>"""


class Clinic(ThreadingHTTPServer):
    """A small real server: our static files, one form, a list of drugs, a part that changes."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(STATIC)))
        self.scripts: tuple[str, ...] = ()
        self.sent: list[dict] = []
        self.asked: list[dict] = []
        self.part = "one"
        self.answers: list[int] = []


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, text: str, status: int = 200, **headers):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/form":
            tags = "".join(f'<script src="/js/{n}" defer></script>' for n in self.server.scripts)
            return self.answer(FORM.replace("{scripts}", tags))
        if self.path == "/part":
            etag = f'"{self.server.part}"'
            same = self.headers.get("If-None-Match") == etag
            self.server.answers.append(304 if same else 200)
            if same:
                return self.answer("", 304, ETag=etag)
            return self.answer(f'<p>{self.server.part}</p><a href="#x">link</a>', ETag=etag)
        return super().do_GET()

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        data = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
        if self.path == "/suggest":
            self.server.asked.append(data)
            q = data["q"][0]
            if q == "only":
                line = '<li role="option" data-label="P1" data-go="/form#there">one</li>'
                return self.answer(f'{line}<li hidden data-said="1 found"></li>')
            return self.answer(
                "".join(
                    f'<li role="option" data-value="{n}" data-label="{q} {n}" '
                    f'data-fill-route="route {n}" data-fill-spec="{n}mg">{q} {n}</li>'
                    for n in (1, 2)
                )
                + '<li role="option" aria-disabled="true">more</li>'
            )
        self.server.sent.append(data)
        return self.answer("<p>sent</p>")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=program(), args=ARGS) as opened:
            yield opened


@pytest.fixture
def clinic():
    server = Clinic()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_form(browser, clinic):
    pages = []

    def open_with(*scripts: str):
        clinic.scripts = scripts
        page = browser.new_page()
        pages.append(page)
        page.goto(f"http://127.0.0.1:{clinic.server_address[1]}/form")
        return page

    yield open_with
    for page in pages:
        page.close()


def focused(page) -> str:
    return page.evaluate("document.activeElement.name || document.activeElement.id")


def value(page, name: str) -> str:
    return page.eval_on_selector(f"[name={name}]", "field => field.form.elements[field.name].value")


def test_enter_walks_the_fields_and_shift_enter_walks_back(open_form):
    page = open_form("page.js")
    page.focus("[name=id_type]")

    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    at_the_tiles = focused(page)
    page.keyboard.press("Shift+Enter")

    assert at_the_tiles == "sex"
    assert focused(page) == "birth_date"


def test_enter_is_a_new_line_in_a_text_and_ctrl_enter_leaves_it(open_form):
    page = open_form("page.js")
    page.focus("textarea")

    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    page.keyboard.press("Control+Enter")

    assert value(page, "words") == "one\ntwo"
    assert focused(page) == "go"


def test_enter_belongs_to_the_input_method_while_it_composes(open_form):
    page = open_form("page.js")
    page.focus("[name=id_number]")

    page.evaluate(
        """document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
        {key: "Enter", bubbles: true, isComposing: true}))"""
    )

    assert focused(page) == "id_number"


def test_f9_presses_the_filled_button(open_form, clinic):
    page = open_form("page.js")

    with page.expect_navigation():
        page.keyboard.press("F9")

    assert clinic.sent[0]["go"] == ["1"]


def test_the_words_are_posted_and_the_first_line_is_ready_to_be_taken(open_form, clinic):
    page = open_form("page.js", "suggest.js")

    page.fill("[name=drug_text]", "")
    page.type("[name=drug_text]", "amx")
    page.wait_for_selector("[role=option][aria-selected=true]")

    assert clinic.asked[-1] == {"q": ["amx"], "csrfmiddlewaretoken": ["token-1"]}
    assert page.get_attribute("[name=drug_text]", "aria-expanded") == "true"
    active = page.get_attribute("[name=drug_text]", "aria-activedescendant")
    assert page.text_content(f"#{active}") == "amx 1"


def test_enter_takes_the_marked_line_and_fills_its_row(open_form):
    page = open_form("page.js", "suggest.js")
    page.type("[name=drug_text]", "amx")
    page.wait_for_selector("[role=option]")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    assert value(page, "drug") == "2"
    assert value(page, "drug_text") == "amx 2"
    assert page.input_value("[name=form-0-route]") == "route 2"
    assert page.text_content("[data-show=spec]") == "2mg"
    assert focused(page) == "form-0-route"
    assert page.locator("[role=option]").count() == 0


def test_arrows_go_round_and_leave_out_what_cannot_be_taken(open_form):
    page = open_form("suggest.js")
    page.type("[name=drug_text]", "a")
    page.wait_for_selector("[role=option]")

    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    assert value(page, "drug") == "2"


def test_digits_never_choose_they_are_typed(open_form):
    page = open_form("suggest.js")
    page.type("[name=drug_text]", "a")
    page.wait_for_selector("[role=option]")

    page.keyboard.press("2")

    assert value(page, "drug_text") == "a2"
    assert value(page, "drug") == ""


def test_other_words_take_back_the_choice(open_form):
    page = open_form("suggest.js")
    page.type("[name=drug_text]", "a")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("Enter")

    page.type("[name=drug_text]", "b")

    assert value(page, "drug") == ""


def test_escape_closes_the_list_and_chooses_nothing(open_form):
    page = open_form("suggest.js")
    page.type("[name=drug_text]", "a")
    page.wait_for_selector("[role=option]")

    page.keyboard.press("Escape")

    assert page.locator("[role=option]").count() == 0
    assert value(page, "drug") == ""


def test_a_list_can_be_clicked(open_form):
    page = open_form("suggest.js")
    page.type("[name=drug_text]", "a")
    page.wait_for_selector("[role=option]")

    page.click("[role=option] >> nth=1")

    assert value(page, "drug") == "2"


def test_a_search_box_sends_what_was_typed_unless_a_line_was_marked(open_form, clinic):
    ways = {"": "wxy", "ArrowDown": "wxy 1", "ArrowUp": "wxy 2", "scanner": "wxy"}
    for key, sent in ways.items():
        page = open_form("suggest.js")
        page.type("[name=q]", "wxy")
        if key != "scanner":  # which is faster than the list
            page.wait_for_selector("[role=option]")
        if "Arrow" in key:
            page.keyboard.press(key)

        with page.expect_navigation():
            page.keyboard.press("Enter")

        assert clinic.sent[-1]["q"] == [sent]


def test_the_only_one_found_is_read_out_and_enter_goes_to_it(open_form, clinic):
    page = open_form("suggest.js")
    page.type("[name=q]", "only")
    page.wait_for_selector("[role=option][aria-selected=true]")

    page.keyboard.press("Enter")
    page.wait_for_url("**/form#there")

    assert page.text_content("form[role=search] [role=status]") == "1 found" and clinic.sent == []


def test_nobody_is_asked_for_while_the_input_method_composes(open_form, clinic):
    page = open_form("suggest.js")
    compose = """composing => { const box = document.querySelector("[name=q]"); box.focus();
        box.value = composing ? "wang'xiu" : "王秀";
        box.dispatchEvent(composing ? new InputEvent("input", {bubbles: true, isComposing: true})
            : new CompositionEvent("compositionend", {bubbles: true})); }"""

    page.evaluate(compose, True)
    page.wait_for_timeout(400)
    page.evaluate(compose, False)
    page.wait_for_selector("[role=option]")

    assert [asked["q"] for asked in clinic.asked] == [["王秀"]]


def test_a_valid_id_number_fills_birth_date_and_sex_R76(open_form):
    page = open_form("idnumber.js")

    page.fill("[name=id_number]", "11010519491231002x")
    page.keyboard.press("Tab")

    assert value(page, "birth_date") == "1949-12-31"
    assert value(page, "sex") == "female"
    assert page.text_content("[role=status]") == "filled"


def test_a_different_birth_date_is_asked_about_and_never_overwritten_R77(open_form):
    page = open_form("idnumber.js")
    page.fill("[name=birth_date]", "1950-01-01")

    page.fill("[name=id_number]", "11010519491231002X")
    kept = value(page, "birth_date")
    page.click("[role=status] button")

    assert kept == "1950-01-01"
    assert value(page, "birth_date") == "1949-12-31"


@pytest.mark.parametrize(
    "number",
    ["110105194912310021", "11010519491331002X", "110105209912310021", "1101051949", "出生"],
)
def test_a_wrong_id_number_fills_nothing_R76(open_form, number):
    page = open_form("idnumber.js")

    page.fill("[name=id_number]", number)
    page.keyboard.press("Tab")

    assert value(page, "birth_date") == ""
    assert value(page, "sex") == ""


def test_another_kind_of_document_fills_nothing(open_form):
    page = open_form("idnumber.js")
    page.select_option("[name=id_type]", "none")

    page.fill("[name=id_number]", "11010519491231002X")

    assert value(page, "birth_date") == ""


def test_a_double_click_sends_the_form_once(open_form, clinic):
    page = open_form("page.js")

    page.evaluate(
        """const button = document.querySelector("[name=go]"); button.click(); button.click()"""
    )
    page.wait_for_url("**/sent")

    assert len(clinic.sent) == 1
    assert clinic.sent[0]["go"] == ["1"]


def test_a_button_that_is_not_ready_moves_to_its_reason(open_form, clinic):
    page = open_form("page.js")

    page.click("#not-yet", force=True)

    assert focused(page) == "why"
    assert clinic.sent == []


def test_a_part_is_kept_fresh_and_asked_again_with_its_mark(open_form, clinic):
    page = open_form("refresh.js")

    page.wait_for_selector("#part >> text=one")
    page.wait_for_timeout(2300)

    assert clinic.answers[:2] == [200, 304]


def test_a_part_in_hand_stays_as_it_is(open_form, clinic):
    page = open_form("refresh.js")
    page.wait_for_selector("#part >> text=one")
    page.focus("#part a")
    page.keyboard.press("Shift")  # somebody is there; a row that was left alone is redrawn later
    clinic.part = "two"

    page.wait_for_timeout(2300)

    assert page.text_content("#part p") == "one"
