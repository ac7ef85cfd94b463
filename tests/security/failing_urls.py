"""The clinic's own addresses and some that fail, for the tests of what such answers carry."""

from django.db import OperationalError
from django.urls import path

from clinic.core.errors import Busy
from clinic.urls import handler400, handler403, handler404, handler500, urlpatterns
from security.access import public

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@public
def fault(request):
    raise ZeroDivisionError


@public
def busy(request):
    raise Busy


@public
def full(request):
    raise OperationalError("database or disk is full")


urlpatterns = [
    path("fault/", fault, name="fault"),
    path("busy/", busy, name="busy"),
    path("full/", full, name="full"),
    *urlpatterns,
]
