"""Every paper there is, in the order in which they are offered, and who reads it."""

from registration.reports.absent import ABSENT
from registration.reports.log import LOG
from registration.reports.times import TIMES
from registration.reports.visits import VISITS
from security.permissions import P

READERS = {
    LOG.url_name: (P.CONSULT, P.READ_DAY_LOG),
    VISITS.url_name: (P.REGISTER_VISIT, P.CONSULT, P.MANAGE_SCHEDULE, P.READ_DAY_LOG),
    ABSENT.url_name: (P.REGISTER_VISIT,),
    TIMES.url_name: (P.REGISTER_VISIT, P.CONSULT, P.MANAGE_SCHEDULE, P.READ_DAY_LOG),
}
REPORTS = {report.url_name: report for report in (LOG, VISITS, ABSENT, TIMES)}


def offered(user) -> list:
    """The papers this person may read."""
    return [
        report
        for name, report in REPORTS.items()
        if any(user.has_perm(permission) for permission in READERS[name])
    ]
