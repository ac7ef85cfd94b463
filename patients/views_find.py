"""The list that appears while somebody types in a search box; Enter opens the page instead."""

from collections.abc import Iterable
from uuid import UUID

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from clinic.core.text import half_width
from patients import hints, listing
from patients.forms import SearchForm
from patients.search import find_patients
from patients.views import may
from security import audit
from security.access import needs
from security.permissions import P

SHOWN = 7  # with the line below them they fit without scrolling
NOTED = "patients_noted"
MOST_NOTED = 200


@needs(P.FIND_PATIENT)
@require_POST
def patient_find(request):
    """Masked lines for what was typed so far; nobody for less than two letters (R-141)."""
    form = SearchForm(request.POST)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    found = [] if _is_too_short(typed) else find_patients(typed, SHOWN + 1)
    shown = found[:SHOWN]
    _note_shown(request, [patient.pk for patient in shown])
    context = {
        "typed": typed,
        "asked": not _is_too_short(typed),
        "is_number": not any(c.isalpha() for c in typed),
        "rows": listing.short_rows(shown),
        "more": len(found) > SHOWN,
        "hints": hints.hints(typed, request.user),
        "may": may(request.user),
    }
    return render(request, "patients/_find_options.html", context)


def _is_too_short(typed: str) -> bool:
    """One letter fits a tenth of all patients; one character is a surname."""
    return len(typed) < 2 and half_width(typed).isascii()


def _note_shown(request, patients: Iterable[UUID]) -> None:
    """One entry for those who were not on this person's screen in the last minutes.

    Each letter typed shows a part of the same people again; the log holds them once. The question
    itself is noted when it is settled, by Enter.
    """
    now = int(timezone.now().timestamp())
    since = now - int(audit.SAME_READ.total_seconds())
    noted = {key: at for key, at in request.session.get(NOTED, {}).items() if at > since}
    new = [patient for patient in patients if patient.hex not in noted]
    if not new:
        return
    audit.record_read(by=request.user, screen="patient_find", patients=new)
    noted |= {patient.hex: now for patient in new}
    request.session[NOTED] = dict(list(noted.items())[-MOST_NOTED:])
