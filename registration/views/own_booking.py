"""One's own booking: shown, changed, cancelled with the code and the end of the phone number.

Both are typed once and travel in the forms of these pages: no address, session or log has them.
"""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.core.errors import Busy, RuleBroken
from registration import online, online_offers
from registration.booking_code import spaced
from registration.forms_online import CodeForm, OtherTimeForm
from registration.models import Booking
from security.access import public
from security.signin import client_address


@public
@require_http_methods(["GET", "POST"])
def booking_mine(request):
    """Code and phone; then the booking."""
    form = CodeForm(request.POST or None)
    found = _found(request, form)
    return _ask(request, form) if found is None else _show(request, form, found)


@public
@require_http_methods(["GET", "POST"])
def booking_cancel(request):
    """Give the place back."""
    form = CodeForm(request.POST or None)
    found = _found(request, form)
    if found is None:
        return _ask(request, form)
    error = _try(lambda: online.cancel(booking=found))
    if error:
        return _show(request, form, found, error=error)
    context = {"session": found.session, "booking": found}
    return render(request, "registration/booking_cancelled.html", context)


@public
@require_http_methods(["GET", "POST"])
def booking_change(request):
    """The other times of the same doctor; then the booking at the new one."""
    form = CodeForm(request.POST or None)
    found = _found(request, form)
    if found is None:
        return _ask(request, form)
    offers = online_offers.days_like(found.session)
    times = OtherTimeForm(request.POST if "choose" in request.POST else None, offers=offers)
    if times.is_bound and times.is_valid():
        error = _try(lambda: online.change(booking=found, **times.wanted()))
        if not error:
            found.refresh_from_db()
            return _show(request, form, found, changed=True)
        times.add_error("place", error)
    context = {"form": form, "times": times, "booking": found, "session": found.session}
    return render(request, "registration/booking_change.html", context)


def _found(request, form: CodeForm) -> Booking | None:
    """The booking, or None with the reason on the form."""
    if not form.is_valid():
        return None
    try:
        return online.show(
            code=form.cleaned_data["code"],
            last4=form.cleaned_data["last4"],
            address=client_address(request),
        )
    except RuleBroken as refusal:
        form.add_error(refusal.field, refusal.message)
    except Busy:
        form.add_error(None, _busy())
    return None


def _try(verb) -> str:
    """Why it was refused; nothing when it was done."""
    try:
        verb()
    except RuleBroken as refusal:
        return str(refusal.message)
    except Busy:
        return _busy()
    return ""


def _busy() -> str:
    return _("Nothing was changed: the system is busy. Please wait a few seconds and try again.")


def _ask(request, form: CodeForm):
    return render(request, "registration/booking_mine.html", {"form": form})


def _show(request, form: CodeForm, found: Booking, *, error: str = "", changed: bool = False):
    context = {
        "form": form,
        "booking": found,
        "session": found.session,
        "code": spaced(found.code),
        "open": online.is_open(found, found.session),
        "away": found.session.stopped_at is not None,
        "error": error,
        "changed": changed,
    }
    return render(request, "registration/booking_code.html", context)
