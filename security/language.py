"""The language of the screen: each person's own, before sign-in this browser's, else the clinic's.

The browser's own language says nothing here: many of the clinics' PCs run an English Windows. It
counts where people book on their own phones. Papers are in the institution's language whatever
stands here (print.html).
"""

from django.conf import settings
from django.db import OperationalError
from django.utils import translation

ON_OWN_PHONES = "/booking/"
CODES = {code for code, _name in settings.LANGUAGES}


def of_request(request) -> str:
    """The first that was chosen and that we have."""
    if request.path.startswith(ON_OWN_PHONES):
        return translation.get_language_from_request(request)
    chosen = _of_person(request), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return next((code for code in chosen if code in CODES), settings.LANGUAGE_CODE)


def _of_person(request) -> str:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    try:
        return getattr(request.user, "language", "")
    except OperationalError:  # who judges access asks again, and has the words for it
        return ""


class LanguageMiddleware:
    """Everything of this request is said in the language of who reads it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        code = of_request(request)
        translation.activate(code)
        request.LANGUAGE_CODE = code
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or code)
        return response
