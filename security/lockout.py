"""Counting wrong passwords without keeping what stood beside them in the form."""

from axes.handlers.database import AxesDatabaseHandler
from django.http import QueryDict


class NothingTypedHandler(AxesDatabaseHandler):
    """django-axes stores the whole form with an attempt; signing an alert sends a reason along."""

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request is None:
            return super().user_login_failed(sender, credentials, request, **kwargs)
        typed = request.GET, request.POST
        request.GET = request.POST = QueryDict()
        try:
            return super().user_login_failed(sender, credentials, request, **kwargs)
        finally:
            request.GET, request.POST = typed
