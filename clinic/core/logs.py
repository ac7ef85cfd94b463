"""Logs without patients: no ids, no query strings, no variables of a frame, one line per event."""

import logging
import re

from django.views.debug import SafeExceptionReporterFilter

_QUERY = re.compile(r"\?[^\s'\"]*")
_ID_IN_PATH = re.compile(r"(?<=/)(?:[0-9]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27})(?=[/\s'\"]|$)")


class NoValues(logging.Filter):
    """Cuts query strings and ids out of messages; a log does not tell whose file was asked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = _ID_IN_PATH.sub("*", _QUERY.sub("", record.getMessage()))
        record.msg = text.replace("\n", " ").replace("\x1b", " ")
        record.args = ()
        return True


class OneLineFormatter(logging.Formatter):
    """A traceback shows where, not what: the exception's message may quote a patient's data."""

    def formatException(self, ei) -> str:  # noqa: N802 - the name is logging's
        import traceback

        frames = "".join(traceback.format_list(traceback.extract_tb(ei[2])))
        return f"{frames}{ei[0].__name__}"


class NoVariablesFilter(SafeExceptionReporterFilter):
    """Error reports carry no local variables and no form contents."""

    def get_traceback_frame_variables(self, request, tb_frame):
        return []

    def get_post_parameters(self, request):
        return {}
