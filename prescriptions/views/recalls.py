"""Who got a recalled lot: called one by one by those who hand out, and every look is recorded."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from pharmacy.models import Recall
from prescriptions import recalls
from prescriptions.forms import ContactForm
from security import audit
from security.access import needs
from security.permissions import P

PHONES = {"fields": ["phone", "contact_phone"]}
MOST_PRINTED = 500
TABS = [
    ("", gettext_lazy("All")),
    (recalls.OPEN, gettext_lazy("Not called yet")),
    ("contacted", gettext_lazy("Contacted")),
    ("returned", gettext_lazy("Brought it back")),
    ("unreachable", gettext_lazy("Not reached")),
]


@needs(P.DISPENSE)
@require_GET
def recall_patients(request, pk):
    """The list, those nobody called first; phones masked."""
    return _page(request, _recall(pk), revealed=False)


@needs(P.DISPENSE)
@require_POST
def recall_reveal(request, pk):
    """The same page with phones in full; that somebody looked is recorded (R-141)."""
    return _page(request, _recall(pk), revealed=True)


def _recall(pk) -> Recall:
    return get_object_or_404(Recall.objects.select_related("drug", "made_by"), pk=pk)


def _page(request, recall: Recall, *, revealed: bool):
    states = recalls.standing(recall)
    numbers = recalls.counts(states)
    show = request.GET.get("show", "")
    wanted = [pk for pk, state in states.items() if show in ("", state)]
    page = Paginator(wanted, recalls.PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    audit.record_read(by=request.user, screen="recall_patients", patients=shown)
    if revealed:
        _note_revealed(request, shown)
    context = {
        "recall": recall,
        "page": page,
        "rows": recalls.rows(recall, shown, revealed=revealed),
        "revealed": revealed,
        "outcomes": recalls.Outcome.choices,
        "tabs": _tabs(numbers, show),
        "numbers": numbers,
    }
    return render(request, "prescriptions/recall_patients.html", context)


def _tabs(numbers: dict[str, int], show: str) -> list[dict]:
    return [
        {"name": name, "label": label, "number": numbers[name or "all"], "current": name == show}
        for name, label in TABS
    ]


def _note_revealed(request, patients) -> None:
    audit.record_read(by=request.user, screen="patient_reveal", patients=patients, data=PHONES)


@needs(P.DISPENSE)
@require_POST
def recall_contact(request, pk):
    """Told, came back with it, or not reached: one try of one patient."""
    recall = _recall(pk)
    back = f"{reverse('recall_patients', args=[pk])}{_shown(request)}"
    form = ContactForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not saved: please choose what came of the call."))
        return redirect(back)
    response = carry_out(
        request,
        recalls.note_contact,
        to=lambda _contact: back,
        done=_("Noted."),
        recall=recall,
        **form.cleaned_data,
    )
    return response or redirect(back)


def _shown(request) -> str:
    """Back to the tab the form stood on."""
    show = request.POST.get("show", "")
    return f"?show={show}" if show in {name for name, _label in TABS if name} else ""


@needs(P.DISPENSE)
@require_http_methods(["GET", "POST"])
def recall_print(request, pk):
    """The list on paper; phones in full only when the button for it was pressed."""
    recall = _recall(pk)
    states = recalls.standing(recall)
    shown = list(states)[:MOST_PRINTED]
    revealed = request.method == "POST"
    audit.record_read(by=request.user, screen="recall_print", patients=shown)
    if revealed:
        _note_revealed(request, shown)
        audit.record("print", subjects=shown, screen="recall_print", target=recall)
    context = {
        "recall": recall,
        "rows": recalls.rows(recall, shown, revealed=revealed),
        "numbers": recalls.counts(states),
        "more": len(states) - len(shown),
        "revealed": revealed,
        "now": timezone.now(),
        "back_url": reverse("recall_patients", args=[pk]),
    }
    return render(request, "prescriptions/recall_print.html", context)


@needs(P.DISPENSE)
@require_POST
def recall_export(request, pk):
    """The list as a file, phones in full: recorded as an export with everybody in it."""
    recall = _recall(pk)
    states = recalls.standing(recall)
    audit.record(
        "export",
        subjects=list(states),
        screen="recall_export",
        target=recall,
        data={"entries": len(states), **PHONES},
    )
    response = StreamingHttpResponse(
        recalls.table(recall, states, language=get_language()),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="recall-{recall.number}.csv"'
    return response
