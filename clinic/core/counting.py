"""How often a request asked the database, told in a header of its answer: for measuring.

Switched on by `CLINIC_COUNT_QUERIES=True` in the `.env` of a practice clinic, before it starts.
Everywhere else the middleware takes itself out when the application is loaded, and no request
ever meets it: in a real clinic the number would be one more thing for strangers to learn from.
"""

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection

QUERIES = "X-Clinic-Queries"  # statements sent to the database, BEGIN and savepoints included


class CountMiddleware:
    """The outermost: what sessions, people and the audit log ask is counted too."""

    def __init__(self, get_response):
        if not (settings.CLINIC_PRACTICE and settings.CLINIC_COUNT_QUERIES):
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        count = Count()
        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response.headers[QUERIES] = str(count.queries)
        return response


class Count:
    """Stands around every statement of one request."""

    def __init__(self):
        self.queries = 0

    def __call__(self, execute, sql, params, many, context):
        self.queries += 1
        return execute(sql, params, many, context)
