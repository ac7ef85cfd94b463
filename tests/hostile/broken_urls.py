"""The clinic's own addresses and some that do what no address may, for the test of the lab."""

import contextlib
import socket
from pathlib import Path

from django.http import HttpResponse
from django.urls import path

from clinic.core.models import Counter
from clinic.urls import handler400, handler403, handler404, handler500, urlpatterns
from security.access import public
from tests.hostile.values import HOST, MARK

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@public
def fault(request):
    raise ZeroDivisionError


@public
def half(request):
    Counter.objects.create(name="half", value=1)
    return HttpResponse(status=400)


@public
def opens(request):
    with contextlib.suppress(OSError):
        Path("/nowhere", MARK).read_text()
    return HttpResponse("ok")


@public
def asks(request):
    with contextlib.suppress(OSError):
        socket.getaddrinfo(HOST, 80, flags=socket.AI_NUMERICHOST)  # no DNS
    return HttpResponse("ok")


@public
def shows(request):
    return HttpResponse(request.GET.get("q", ""))


@public
def harmless(request):
    Counter.objects.create(name="whole", value=1)
    return HttpResponse("ok")


VIEWS = (fault, half, opens, asks, shows, harmless)
urlpatterns = [path(f"{v.__name__}/", v, name=v.__name__) for v in VIEWS] + urlpatterns
