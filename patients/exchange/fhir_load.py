"""A Bundle that came from outside, read so that nothing in it can do harm (R-151).

Whatever a file holds, it is either refused with words that say what to do, or gives plain parts
whose kinds are looked at again wherever they are read.
"""

import json
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken

LARGEST = 10 * 1024 * 1024
MOST_PARTS = 400_000  # objects and lists; a visit with its drugs has about 300
DEEPEST = 40  # R4's own resources stay below 20
TYPES = {"collection", "document", "searchset", "message", "history"}
_LONGEST_NUMBER, _GREATEST_POWER = 30, 18


class Unreadable(RuleBroken):
    """The file can't be read; the words say what to ask the other institution for."""

    def __init__(self, message):
        super().__init__(message, field="file")


class _BadNumber(ValueError):
    pass


class _Twice(ValueError):
    pass


def load(content: bytes) -> dict:
    """The Bundle in this file."""
    if len(content) > LARGEST:
        raise Unreadable(_("The file is bigger than 10 MB. Please ask for one patient's file."))
    if content.count(b"{") + content.count(b"[") > MOST_PARTS:
        raise Unreadable(_("The file holds too much for one patient. Please ask for one file."))
    bundle = _parsed(content)
    _check_depth(bundle)
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Unreadable(
            _("This is no FHIR Bundle. Please ask the other institution for an export as such.")
        )
    kind = bundle.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise Unreadable(
            _("This Bundle is no collection or document of one patient, so it can't be taken in.")
        )
    return bundle


def _parsed(content: bytes):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(_("The file is not in UTF-8. FHIR in JSON always is.")) from None
    try:
        return json.loads(
            text,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_pairs,
        )
    except RecursionError:
        raise _too_deep() from None
    except _BadNumber as error:
        text = _("The number %(number)s in the file can't be right, so nothing was read.")
        raise Unreadable(text % {"number": str(error)[:20]}) from None
    except _Twice as error:
        text = _("“%(name)s” stands twice in one part of the file, so nothing was read.")
        raise Unreadable(text % {"name": str(error)[:20]}) from None
    except ValueError:
        if text.lstrip().startswith("<"):
            raise Unreadable(_("This is XML. Please ask for the file as FHIR in JSON.")) from None
        raise Unreadable(_("This is no JSON, or it is cut off. Please get it anew.")) from None


def _number(text: str) -> Decimal:
    """Never a float: 1e400 would be infinite, and a dose of 0.1 is not 0.1000000001."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _BadNumber(text) from None
    if len(text) > _LONGEST_NUMBER or (value and abs(value.adjusted()) > _GREATEST_POWER):
        raise _BadNumber(text)
    return value


def _no_constant(text: str):
    raise _BadNumber(text)


def _pairs(pairs: list) -> dict:
    found = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def _check_depth(value) -> None:
    todo = [(value, 1)]
    while todo:
        here, depth = todo.pop()
        if isinstance(here, dict | list):
            if depth > DEEPEST:
                raise _too_deep()
            todo += [(v, depth + 1) for v in (here.values() if isinstance(here, dict) else here)]


def _too_deep() -> Unreadable:
    return Unreadable(_("The parts of the file lie too deep in one another to be a FHIR file."))
