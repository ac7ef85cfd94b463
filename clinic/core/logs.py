"""Logs without patients: no query strings, no variables of a frame, one line per event."""

import logging
import re

from django.views.debug import SafeExceptionReporterFilter

_QUERY = re.compile(r"\?[^\s'\"]*")


class NoValues(logging.Filter):
    """Cuts query strings out of messages; parameters of a request never reach a log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _QUERY.sub("", record.getMessage()).replace("\n", " ").replace("\x1b", " ")
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
