"""Booking online, one question a page: department, doctor, time, who comes, the code.

Public: no page here reads a patient's file, opens a session or puts anything typed in an address.
"""

import datetime

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.errors import Busy, RuleBroken
from registration import online, online_limits, online_offers
from registration.booking_code import spaced
from registration.forms_online import PersonForm
from registration.models import Session
from registration.online_offers import Offer
from security.access import public
from security.signin import client_address


@public
@require_GET
def booking(request):
    """The departments; with only one, its doctors at once."""
    departments = online_offers.departments()
    if len(departments) == 1:
        return _show_doctors(request, departments[0].pk)
    context = {"departments": departments, "step": 1}
    return render(request, "registration/booking_departments.html", context)


@public
@require_GET
def booking_doctors(request, department):
    """The doctors of a department, each with the next day that has a place."""
    return _show_doctors(request, department)


@public
@require_GET
def booking_times(request, session):
    """The doctor's days, and the times of one of them."""
    offer = _offer(session)
    if offer is None:
        return _gone(request)
    return _show_times(request, offer)


@public
@require_http_methods(["GET", "POST"])
def booking_person(request, session):
    """Who will come; then the code, on this same answer, so that it stands in no address."""
    offer = _offer(session) or (_closed_meanwhile(session) if request.method == "POST" else None)
    if offer is None:
        return _gone(request)
    typed = request.POST if request.method == "POST" else request.GET
    slot = _time(typed.get("time", ""))
    if slot is None:
        return _show_times(request, offer, error=_("Please choose a time."))
    times = [one for one in offer.openings if one.left]
    if request.method == "GET" and slot not in [one.slot.starts for one in times]:
        return _show_times(request, offer, error=_("That time is taken. Please choose another."))
    form = PersonForm(request.POST or None)
    if request.method == "POST":
        made = _book(request, form, offer, slot)
        if made is not None:
            return _show_code(request, made)
    context = {"form": form, "offer": offer, "slot": slot, "times": times, "step": 3}
    return render(request, "registration/booking_person.html", context)


def _book(request, form: PersonForm, offer: Offer, slot: datetime.time):
    """The booking that was made, or None with the reason on the form."""
    address = client_address(request)
    try:
        online_limits.check_address(address)
        if not form.is_valid():
            if form.answered_wrong:
                online_limits.count_wrong_answer(address)
            return None
        return online.book(
            session=offer.session,
            slot=slot,
            person=form.person,
            nonce=form.question.nonce,
            address=address,
        )
    except RuleBroken as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        form.ask_anew()
    except Busy:
        words = _("Not booked: the system is busy. Please wait a few seconds and try again.")
        form.add_error(None, words)
    return None


def _show_doctors(request, department: int):
    doctors = online_offers.doctors(department)
    context = {"doctors": doctors, "step": 1}
    return render(request, "registration/booking_doctors.html", context)


def _show_times(request, offer: Offer, error: str = ""):
    days = online_offers.days_like(offer.session)
    context = {"offer": offer, "days": days, "step": 2, "error": error}
    return render(request, "registration/booking_times.html", context)


def _show_code(request, made):
    context = {"booking": made, "session": made.session, "code": spaced(made.code), "new": True}
    return render(request, "registration/booking_code.html", context)


def _gone(request):
    """A session that can't be booked: over, full of the desk's, or never there."""
    return render(request, "registration/booking_gone.html", {"step": 2})


def _offer(session: int) -> Offer | None:
    return next((one for one in online_offers.offers() if one.session.pk == session), None)


def _closed_meanwhile(session: int) -> Offer | None:
    """Somebody typed while it closed: the verb says so above what they typed. Sessions that were
    never offered to the world are not told of here."""
    offered = Session.objects.filter(date__gte=timezone.localdate(), online_quota__gt=0)
    found = offered.select_related("clinician__user").filter(pk=session).first()
    return Offer(found, [], 0) if found else None


def _time(text: str) -> datetime.time | None:
    try:
        return datetime.datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day
    except ValueError:
        return None
