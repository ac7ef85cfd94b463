"""The buttons inside the record's form: what each does once the text is saved, all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from registration import consultation as records
from registration import copying, desk, guarded, record_templates
from registration.models import Consultation, Diagnosis, RecordTemplate

SUSPECTED = "?"  # behind a code
# Papers that are handed over while the record is still being written.
PAPERS = {"sick": "sick_note_print", "referral": "referral_print"}


@dataclass(frozen=True)
class Press:
    """A verb that follows the save, where its result leads, and what is said then."""

    to: Callable[[object], str]
    then: Callable | None = None
    done: str = ""
    left: Callable[[object], list[str]] | None = None  # what the verb could not do, in words


def pressed(request, record: Consultation) -> Press:
    """The button of this POST; the plain save when none of the others was pressed."""
    for name, read in BUTTONS.items():
        if request.POST.get(name):
            found = read(record, request.POST[name], request)
            if found is not None:
                return found
    return Press(to=_opens(record), done=_("Saved."))


def _opens(record: Consultation, at: str = "") -> Callable[[object], str]:
    here = reverse("consultation", args=[record.pk])
    return lambda _result: f"{here}?at={at}" if at else here


def _panel(record: Consultation, key: str, request) -> Press | None:
    panel = desk.panel(key)
    if panel is None or panel.act is None:
        return None
    return Press(to=lambda address: address, then=panel.act)


def _add(record: Consultation, code: str, request) -> Press:
    plain = code.removesuffix(SUSPECTED)
    then = partial(records.add_diagnosis, code=plain[:20], suspected=plain != code)
    return Press(to=_opens(record, "dx"), then=then)


def _suspect(record: Consultation, value: str, request) -> Press:
    diagnosis = _diagnosis(record, value)
    then = partial(records.suspect, diagnosis=diagnosis, on=not diagnosis.suspected)
    return Press(to=_opens(record, "dx"), then=then)


def _first(record: Consultation, value: str, request) -> Press:
    then = partial(records.put_first, diagnosis=_diagnosis(record, value))
    return Press(to=_opens(record, "dx"), then=then)


def _guard(record: Consultation, value: str, request) -> Press:
    then = partial(records.guard, on=value == guarded.YES)
    return Press(to=_opens(record, "dx"), then=then)


def _vitals(record: Consultation, value: str, request) -> Press:
    return Press(to=_opens(record, "vitals"))


def _insert(record: Consultation, value: str, request) -> Press:
    template = _one(record_templates.usable(request.user), value)
    then = partial(record_templates.insert, template=template)
    at = "examination" if template.kind == RecordTemplate.Kind.PHRASE else "present_illness"
    return Press(to=_opens(record, at), then=then)


def _keep(record: Consultation, value: str, request) -> Press:
    then = partial(record_templates.keep_record, name=_template_name(request))
    done = _("The template is saved. Please make sure that nothing of this patient is in it.")
    return Press(to=lambda made: reverse("record_template", args=[made.pk]), then=then, done=done)


def _template_name(request) -> str:
    return request.POST.get("template_name", "").strip()[:30]


def _copy(record: Consultation, value: str, request) -> Press:
    then = partial(copying.copy_visit, source=_earlier(record, value))
    done = _("Copied. Please change what is different today.")
    return Press(to=_opens(record), then=then, done=done, left=_left)


def _refill(record: Consultation, value: str, request) -> Press:
    then = partial(copying.refill, source=_earlier(record, value))
    done = _("The earlier visit is copied, its drugs are a new draft. Please check both.")
    return Press(to=lambda copied: copied.url, then=then, done=done, left=_left)


def _print(record: Consultation, value: str, request) -> Press | None:
    name = PAPERS.get(value)
    return Press(to=lambda _record: reverse(name, args=[record.pk])) if name else None


def _book(record: Consultation, value: str, request) -> Press:
    """The next appointment: on the day of the follow-up that was just saved (R-104)."""
    later = reverse("registration_later", args=[record.patient_id])
    return Press(to=lambda saved: f"{later}?day={saved.follow_up_on or ''}")


def _exam(record: Consultation, value: str, request) -> Press:
    done = _("%(number)s is at the examination. The record stays open.")
    return Press(
        to=lambda _record: reverse("queue"),
        then=records.send_for_examination,
        done=done % {"number": record.registration.number},
    )


def _left(copied: copying.Copied) -> list[str]:
    return copied.left


def _earlier(record: Consultation, pk: str) -> Consultation:
    return _one(Consultation.objects.filter(patient=record.patient_id), pk)


def _one(found, pk: str):
    """The row of this id; what is no id is not found either."""
    try:
        return found.get(pk=pk)
    except (found.model.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def _diagnosis(record: Consultation, pk: str) -> Diagnosis:
    return _one(record.diagnoses, pk)


# `code` is the hidden field that a choice from the list fills: it counts for any button.
BUTTONS: dict[str, Callable[[Consultation, str, object], Press | None]] = {
    "panel": _panel,
    "suspect": _suspect,
    "first": _first,
    "add": _add,
    "code": _add,
    "guard": _guard,
    "insert": _insert,
    "keep": _keep,
    "copy": _copy,
    "refill": _refill,
    "print": _print,
    "book": _book,
    "exam": _exam,
    "vitals": _vitals,
}
