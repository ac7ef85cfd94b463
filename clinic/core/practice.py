"""What leaves a practice clinic says so: the names of its files, and every resource in them."""

from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.utils.translation import pgettext

STARRED = "filename*=UTF-8''"
PLAIN = 'filename="'
# FHIR's own word for data that is about nobody.
TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


class PracticeMiddleware:
    """Every file that somebody saves is named as practice; a real clinic has no such middleware."""

    def __init__(self, get_response):
        if not settings.CLINIC_PRACTICE:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        said = response.headers.get("Content-Disposition", "")
        if said.startswith("attachment"):
            word = quote(pgettext("mark on paper", "Practice"))
            marked = said.replace(STARRED, f"{STARRED}{word}-").replace(PLAIN, f"{PLAIN}practice-")
            response.headers["Content-Disposition"] = marked
        return response


def labelled(resource: dict) -> dict:
    """A FHIR resource as it leaves: in a practice clinic with the label of test data."""
    if not settings.CLINIC_PRACTICE:
        return resource
    meta = resource.get("meta", {})
    return {**resource, "meta": {**meta, "security": [*meta.get("security", []), TEST_DATA]}}
