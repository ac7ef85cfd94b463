"""The keys of the pages, what each does, and which of them a person switched off.

An access key that is off is not in the page at all, so that this works without JavaScript and
leaves the key to the input method or the browser; the others are named on <html> for page.js.
"""

import re
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from security.models import User


class Key(NamedTuple):
    """`code` is kept per person; `caps` stands on the key, and on the page beside what it does."""

    code: str
    caps: str
    does: object
    where: object


KEYS = [
    Key("F9", "F9", _("presses the filled button"), _("every page")),
    Key("s", "Alt S", _("presses the filled button"), _("every page")),
    Key("F2", "F2", _("new: patient, row, line"), _("lists, prescription, delivery")),
    Key("x", "Alt X", _("new: patient, row, line"), _("lists, prescription, delivery")),
    Key("F8", "F8", _("prints this page's paper"), _("where there is one")),
    Key("p", "Alt P", _("prints this page's paper"), _("where there is one")),
    Key("F4", "F4", _("the next drug into the same container"), _("on the prescription")),
    Key("q", "Alt Q", _("to the patient search"), _("every page")),
    Key("/", "/", _("to the patient search"), _("outside fields")),
    Key("k", "Alt K", _("submits the prescription"), _("in the consultation")),
    Key("n", "Alt N", _("the next one in the queue, the next week"), _("in lists")),
    Key("b", "Alt B", _("the week before"), _("in the schedule")),
    Key("r", "Alt R", _("to the reason of a return"), _("in the review")),
    Key("1-9", "Alt 1…9", _("to a section, in the order of the page"), _("long forms, chart")),
    Key("0", "Alt 0", _("this help"), _("every page")),
    Key("u", "Alt U", _("switches to another person"), _("every page")),
    Key("other", "Alt C T W Z", _("what stands on the button beside it"), _("some pages")),
    Key("Enter", "Enter", _("goes to the next field"), _("in forms")),
]
CODES = [key.code for key in KEYS]
TWINS = {"F9": "s", "F2": "x", "F8": "p"}
CAPS = {key.code: key.caps for key in KEYS}
OTHERS = set("ctwz")

_ACCESS = re.compile(r' accesskey="([^"]*)"')
_HINT = re.compile(r" ?<kbd>(F\d|Alt [A-Z\d])</kbd>")
_JUMP = re.compile(r'<a class="jump".*?</a>')


def switched_off(user) -> list[str]:
    return [code for code in getattr(user, "keys_off", "").split(",") if code]


def switch_off(codes, *, by: User) -> None:
    """Keep which keys this person doesn't want; unknown ones are left out."""
    by.keys_off = ",".join(code for code in CODES if code in codes)
    by.save(update_fields=["keys_off"])


def code_of(letter: str) -> str:
    """The code of an access key's letter."""
    letter = letter.lower()
    if letter in OTHERS:
        return "other"
    return "1-9" if letter in "123456789" else letter


def without(html: str, off: list[str]) -> str:
    """The page without the keys that are off and without the hints at them."""

    def access(found: re.Match) -> str:
        return "" if code_of(found[1]) in off else found[0]

    def hint(found: re.Match) -> str:
        cap = found[1]
        code = code_of(cap[4:]) if cap.startswith("Alt ") else cap
        twin = TWINS.get(code)
        if code not in off:
            return found[0]
        return f" <kbd>{CAPS[twin]}</kbd>" if twin and twin not in off else ""

    if "1-9" in off:
        html = _JUMP.sub("", html)
    html = _HINT.sub(hint, _ACCESS.sub(access, html))
    return html.replace("<html ", f'<html data-keys-off="{" ".join(off)}" ', 1)


class KeysMiddleware:
    """Takes the keys that this person switched off out of every page.

    Who was not looked up for this answer is not looked up for this: a poll stays cheap.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        off = switched_off(getattr(request, "_cached_user", None))
        is_page = response.get("Content-Type", "").startswith("text/html")
        if off and is_page and not response.streaming:
            response.content = without(response.content.decode(response.charset), off)
        return response
