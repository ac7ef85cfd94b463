"""Where this app's sections stand on the chart."""

from django.utils.translation import gettext_lazy as _

from patients import records
from registration import care
from registration.chart import papers, problems, trends, visits
from security.permissions import P


def register() -> None:
    """Called once, when the app is ready."""
    records.register_section(
        "problems",
        title=_("Problems"),
        order=10,
        template="registration/_chart_problems.html",
        context=problems.section,
        place=records.Place.HALF,
    )
    records.register_section(
        "visits",
        title=_("Visits"),
        order=20,
        template="registration/_chart_visits.html",
        context=visits.section,
        place=records.Place.BESIDE,
    )
    records.register_section(
        "trends",
        title=_("Vital signs"),
        order=25,
        template="registration/_chart_trends.html",
        context=trends.section,
    )
    records.register_documents(papers.documents)
    link = records.register_chart_link
    link("consult", _("Back to the consultation"), P.CONSULT, care.own_record_url, order=5)
    link("register", _("Register a visit"), P.REGISTER_VISIT, "registration_new", order=10)
    link(
        "book",
        _("Give a number"),
        P.CONSULT,
        "registration_later",
        order=11,
        fits=lambda _patient, user: not user.has_perm(P.REGISTER_VISIT),
    )
