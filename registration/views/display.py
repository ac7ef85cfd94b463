"""Screens in the waiting room and the patient's own place: public, without any session.

Drawn without the request, in the institution's language: they know no user, and the television's
own language says nothing about the people in front of it. The polls are answered by
registration.polling while nothing has changed.
"""

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from clinic.core.site import institution
from registration import place, screen
from registration.models import Area
from security.access import public

SECONDS = 3
PLACE_SECONDS = 10


def _drawn(template: str, make, *args) -> HttpResponse:
    with translation.override(settings.LANGUAGE_CODE):
        return HttpResponse(render_to_string(f"registration/{template}.html", make(*args)))


def _area(pk: int) -> Area | None:
    """Also one that is no longer offered: its screen still hangs there."""
    return Area.objects.filter(pk=pk).first()


# -- screens --


@public
@require_GET
def display(request):
    """All rooms; where the clinic has waiting areas, the choice of this screen's own."""
    return _drawn("display_areas", _choice) if screen.areas() else display_all(request)


@public
@require_GET
def display_all(request):
    """The screen of all rooms."""
    return _drawn("display", _screen, None)


@public
@require_GET
def display_area(request, area):
    """The screen of one waiting area; where there is none, the choice."""
    found = _area(area)
    return _drawn("display", _screen, found) if found else _drawn("display_areas", _choice)


@public
@require_GET
def display_fragment(request):
    """What changes on it."""
    return _drawn("_display_rows", screen.picture)


@public
@require_GET
def display_area_fragment(request, area):
    """The same for one waiting area."""
    return _drawn("_display_rows", screen.picture, _area(area))


def _screen(area: Area | None) -> dict:
    rows = reverse("display_area_fragment", args=[area.pk]) if area else reverse("display_fragment")
    return {**screen.picture(area), "rows_url": rows, "seconds": SECONDS}


def _choice() -> dict:
    return {"areas": screen.areas(), "institution": institution()}


# -- the patient's own place --


@public
@require_GET
def display_place(request, token):
    """Number, how many are ahead, room and state of whoever holds the slip."""
    return _drawn("display_place", _own_place, token)


@public
@require_GET
def display_place_fragment(request, token):
    """What changes of it."""
    return _drawn("_display_place", _own_place, token)


def _own_place(token: str) -> dict:
    now_url = reverse("display_place_fragment", args=[token])
    told = {"institution": institution(), "now_url": now_url, "seconds": PLACE_SECONDS}
    told["opinion_url"] = reverse("display_opinion", args=[token])
    return {**told, "place": place.find(token)}
