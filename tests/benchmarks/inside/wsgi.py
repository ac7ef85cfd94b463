"""The clinic as it is served, and beside it in the same worker a handler without middleware."""

import os

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler

from clinic.wsgi import application as clinic
from tests.benchmarks.inside import meter

FLOOR = "/bench/floor/"


class Bare(WSGIHandler):
    """Django with nothing around the view."""

    def load_middleware(self, is_async=False):
        self._view_middleware = self._template_response_middleware = self._exception_middleware = []
        self._middleware_chain = convert_exception_to_response(self._get_response)


bare = Bare()
if os.environ.get("CLINIC_BENCHMARK_METER"):
    meter.install()
    clinic = meter.metered(clinic)


def application(environ, start_response):
    handler = bare if environ["PATH_INFO"] == FLOOR else clinic
    return handler(environ, start_response)
