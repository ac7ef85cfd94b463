"""The buttons inside the record's form: what each does once the text is saved, all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from registration import consultation as records
from registration import desk, guarded
from registration.models import Consultation, Diagnosis

SUSPECTED = "?"  # behind a code


@dataclass(frozen=True)
class Press:
    """A verb that follows the save, where its result leads, and what is said then."""

    to: Callable[[object], str]
    then: Callable | None = None
    done: str = ""


def pressed(request, record: Consultation) -> Press:
    """The button of this POST; the plain save when none of the others was pressed."""
    for name, read in BUTTONS.items():
        if request.POST.get(name):
            found = read(record, request.POST[name])
            if found is not None:
                return found
    return Press(to=_opens(record), done=_("Saved."))


def _opens(record: Consultation, at: str = "") -> Callable[[object], str]:
    here = reverse("consultation", args=[record.pk])
    return lambda _result: f"{here}?at={at}" if at else here


def _panel(record: Consultation, key: str) -> Press | None:
    panel = desk.panel(key)
    if panel is None or panel.act is None:
        return None
    return Press(to=lambda address: address, then=panel.act)


def _add(record: Consultation, code: str) -> Press:
    plain = code.removesuffix(SUSPECTED)
    then = partial(records.add_diagnosis, code=plain[:12], suspected=plain != code)
    return Press(to=_opens(record, "dx"), then=then)


def _suspect(record: Consultation, value: str) -> Press:
    diagnosis = _diagnosis(record, value)
    then = partial(records.suspect, diagnosis=diagnosis, on=not diagnosis.suspected)
    return Press(to=_opens(record, "dx"), then=then)


def _first(record: Consultation, value: str) -> Press:
    then = partial(records.put_first, diagnosis=_diagnosis(record, value))
    return Press(to=_opens(record, "dx"), then=then)


def _guard(record: Consultation, value: str) -> Press:
    then = partial(records.guard, on=value == guarded.YES)
    return Press(to=_opens(record, "dx"), then=then)


def _vitals(record: Consultation, value: str) -> Press:
    return Press(to=_opens(record, "vitals"))


def _diagnosis(record: Consultation, pk: str) -> Diagnosis:
    try:
        return record.diagnoses.get(pk=pk)
    except (Diagnosis.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


# `code` is the hidden field that a choice from the list fills: it counts for any button.
BUTTONS: dict[str, Callable[[Consultation, str], Press | None]] = {
    "panel": _panel,
    "suspect": _suspect,
    "first": _first,
    "add": _add,
    "code": _add,
    "guard": _guard,
    "vitals": _vitals,
}
