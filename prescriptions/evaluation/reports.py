"""Compliance by month, doctor and item, and the monthly form (处方点评工作表) (R-41, R-42)."""

from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.plots import Plot, bars
from prescriptions.evaluation import figures
from prescriptions.evaluation.figures import CANCELLED, WARNED, Tally, percent
from prescriptions.evaluation.reading import TITLES, Filter, codes_of
from prescriptions.models import Evaluation
from registration import guarded
from registration.reports import names
from registration.reports.table import (
    NONE,
    NUMBER,
    SHORT,
    Asked,
    Column,
    Report,
    Row,
    Table,
    page_of,
)

CENT = Decimal("0.01")


def compliance(asked: Asked) -> Table:
    """One row for each month, doctor or item."""
    sheets = figures.counted(_filter(asked))
    if asked.group == "item":
        return _by_item(asked, sheets)
    by_doctor = asked.group == "doctor"
    key = (lambda one: one.clinician) if by_doctor else (lambda one: f"{one.day:%Y-%m}")
    found = figures.tallies(sheets, key)
    whole = figures.tallies(sheets, lambda one: "").get("", Tally())
    people = names.of_doctors(found) if by_doctor else {}
    ordered = sorted(found, key=lambda one: people.get(one, one))
    rows = [
        Row(
            [people.get(one, one), *_cells(found[one]), *([_r42(found[one])] if by_doctor else [])],
            url=_list_url(asked, doctor=one) if by_doctor else "",
        )
        for one in ordered
    ]
    lead = Column(_("Doctor") if by_doctor else _("Month"), SHORT, is_lead=by_doctor)
    tail = [Column(_("When extraordinary sheets repeat"))] if by_doctor else []
    return Table(
        columns=[lead, *_columns(), *tail],
        rows=rows,
        total=[_("Total"), *_cells(whole), *[""] * len(tail)] if rows else None,
        plot=_plot(ordered, found, people) if rows else None,
        notes=_notes(whole) if rows else [],
        empty=_("No finished prescription was evaluated in this period."),
    )


def _filter(asked: Asked, **more) -> Filter:
    return Filter(since=asked.since, until=asked.until, doctor=asked.doctor, **more)


def _columns() -> list[Column]:
    words = [
        _("Electronic"),
        _("Handwritten"),
        _("Electronic, %"),
        _("Evaluated"),
        _("Reasonable"),
        _("Compliance, %"),
        _("Irregular"),
        _("Unsuitable"),
        _("Extraordinary"),
        _("Allergies not asked, %"),
        _("Without a pharmacist"),
        _("To decide"),
    ]
    return [Column(word, NUMBER) for word in words]


def _cells(tally: Tally) -> list:
    return [
        tally.electronic,
        tally.paper,
        _or_none(tally.electronic_rate),
        tally.judged,
        tally.results["reasonable"],
        _or_none(tally.compliance),
        tally.results["irregular"],
        tally.results["unsuitable"],
        tally.results["extraordinary"],
        _or_none(tally.missed_allergy),
        tally.no_pharmacist,
        tally.open,
    ]


def _or_none(number: Decimal | None):
    return NONE if number is None else number


def _r42(tally: Tally) -> str:
    """Counters only: whoever manages the clinic acts (R-42)."""
    count = tally.results["extraordinary"]
    if count >= CANCELLED:
        return _("%(count)s: as many as for cancelling the right to prescribe") % {"count": count}
    if count >= WARNED:
        return _("%(count)s: as many as for a warning and a restricted right") % {"count": count}
    return ""


def _list_url(asked: Asked, **more) -> str:
    """The sheets behind a figure."""
    values = {"since": asked.since, "until": asked.until, "doctor": asked.doctor, **more}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{reverse('evaluation_list')}?{query}"


def _plot(ordered: list, found: dict, people: dict) -> Plot:
    values = [(people.get(one, one), found[one].compliance or Decimal(0), "") for one in ordered]
    return bars(_("Compliance in percent"), values)


def _by_item(asked: Asked, sheets: list) -> Table:
    counts = figures.by_item(sheets)
    rows = [
        Row(
            [f"{code} {TITLES[code]}", counts[code], percent(counts[code], len(sheets))],
            url=_list_url(asked, code=code),
        )
        for code in TITLES
        if counts[code]
    ]
    return Table(
        columns=[
            Column(_("Item"), is_lead=True),
            Column(_("Prescriptions"), NUMBER),
            Column(_("Share of the evaluated, %"), NUMBER),
        ],
        rows=rows,
        plot=_item_plot(counts) if counts else None,
        notes=[_evaluated(len(sheets)), _meaning()] if rows else [],
        empty=_("None of the 28 items stands on a prescription of this period."),
    )


def _item_plot(counts) -> Plot:
    values = [(code, Decimal(counts[code]), "") for code in TITLES if counts[code]]
    return bars(_("Prescriptions by item"), values, most_labels=28)


def _evaluated(count: int) -> str:
    return _("Evaluated in all: %(count)s prescriptions.") % {"count": count}


def _meaning() -> str:
    return _(
        "Compliance: share of the evaluated prescriptions on which none of the 28 items stands. "
        "All finished prescriptions are evaluated, in the month in which they were handed in; "
        "what a rule only pointed at counts as reasonable until a pharmacist has decided."
    )


def _notes(whole: Tally) -> list[str]:
    notes = [
        _meaning(),
        _(
            "Extraordinary prescriptions are only counted here: three without good reason call for "
            "a warning and a restricted right, two more for its withdrawal. The head of the clinic "
            "decides."
        ),
        _(
            "Electronic: finished electronic prescriptions of all, the registered handwritten ones "
            "included. Allergies not asked: share of the electronic ones whose patient's allergies "
            "had not been asked when they were handed in. Without a pharmacist: checked by a "
            "second person while no pharmacist was on duty."
        ),
    ]
    if whole.open:
        notes.append(
            _("%(count)s prescriptions still hold points to decide.") % {"count": whole.open}
        )
    return notes


# --- the monthly form ---------------------------------------------------------------------------

WITH = ("prescription__consultation__clinician__user", "prescription__reviewer")
WITH += ("prescription__dispenser",)


def monthly(asked: Asked) -> Table:
    """One row for each evaluated sheet, and the averages that the form asks for."""
    found = _filter(asked).rows()
    order = found.order_by("prescription__submitted_at", "pk").values_list("pk", flat=True)
    keys, page = page_of(order, asked)
    known = _known(keys)
    first = page.start_index() if page and keys else 1
    rows = [_sheet_row(known[key], number, asked) for number, key in enumerate(keys, first)]
    return Table(
        columns=_form_columns(),
        rows=rows,
        total=_averages(found) if rows else None,
        page=page,
        notes=[_form_note(), _meaning()] if rows else [],
        empty=_("No finished prescription was evaluated in this period."),
        patients=[known[key].prescription.patient_id for key in keys],
    )


MANY = 500  # parameters of one query


def _known(keys: list) -> dict:
    rows = Evaluation.objects.select_related(*WITH).prefetch_related("findings")
    return {
        key: row
        for start in range(0, len(keys), MANY)
        for key, row in rows.in_bulk(keys[start : start + MANY]).items()
    }


def _form_columns() -> list[Column]:
    return [
        Column(_("No."), NUMBER),
        Column(_("Prescription"), SHORT, is_lead=True),
        Column(_("Date"), SHORT),
        Column(_("Age"), SHORT),
        Column(_("Diagnosis")),
        Column(_("Drugs"), NUMBER),
        Column(_("Antibiotics"), NUMBER),
        Column(_("Injections"), NUMBER),
        Column(_("Essential"), NUMBER),
        Column(_("Amount"), NUMBER),
        Column(_("Doctor"), SHORT),
        Column(_("Reviewed by"), SHORT),
        Column(_("Handed out by"), SHORT),
        Column(_("Reasonable (1 or 0)"), NUMBER),
        Column(_("Items")),
    ]


def _sheet_row(row: Evaluation, number: int, asked: Asked) -> Row:
    sheet = row.prescription
    head = sheet.head or {}
    return Row(
        [
            number,
            sheet.number,
            date_format(timezone.localdate(sheet.submitted_at), "Y-m-d"),
            head.get("age", ""),
            _diagnoses(sheet, head),
            row.drugs,
            row.antibiotics,
            row.injections,
            row.essentials,
            row.amount,
            sheet.consultation.clinician.user.full_name,
            sheet.reviewer.full_name if sheet.reviewer else "",
            sheet.dispenser.full_name if sheet.dispenser else "",
            int(row.result == Evaluation.Result.REASONABLE),
            codes_of(row),
        ],
        url="" if asked.on_paper else reverse("evaluation_sheet", args=[sheet.pk]),
    )


def _diagnoses(sheet, head: dict) -> str:
    """Of a guarded record not on a paper that goes from hand to hand (R-140)."""
    told = head.get("diagnoses", [])
    if guarded.is_guarded(sheet.consultation, [code for code, _words in told]):
        return _("Kept private")
    return "；".join(words for _code, words in told)


def _averages(found) -> list:
    """The foot of the form: means and shares of the whole period, in one query."""
    plain = Evaluation.objects.filter(pk__in=found.values("pk"))
    values = list(plain.values_list("drugs", "antibiotics", "injections", "essentials", "result"))
    sheets, drugs = len(values), sum(row[0] for row in values)
    amount = plain.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    reasonable = sum(row[4] == Evaluation.Result.REASONABLE for row in values)
    return [
        "",
        _("Average or share"),
        *[""] * 3,
        (Decimal(drugs) / sheets).quantize(CENT),
        f"{percent(sum(bool(row[1]) for row in values), sheets)}%",
        f"{percent(sum(bool(row[2]) for row in values), sheets)}%",
        f"{percent(sum(row[3] for row in values), drugs) or 0}%",
        (amount / sheets).quantize(CENT),
        *[""] * 3,
        f"{percent(reasonable, sheets)}%",
        "",
    ]


def _form_note() -> str:
    return _(
        "Foot: drugs of a prescription on average; share of prescriptions with an antibiotic and "
        "with an injection; share of the drugs that are essential medicines; amount on average; "
        "share of reasonable ones. Handwritten prescriptions are not in this list."
    )


COMPLIANCE = Report(
    "rx_compliance",
    gettext_lazy("Compliance of prescriptions"),
    gettext_lazy("How many prescriptions are reasonable, by the 28 items"),
    compliance,
    groups=(
        ("", gettext_lazy("By month")),
        ("doctor", gettext_lazy("By doctor")),
        ("item", gettext_lazy("By item")),
    ),
    longest=366 * 3,
    too_long=gettext_lazy("A report covers at most three years. Please choose a shorter period."),
)
MONTHLY = Report(
    "rx_monthly_form",
    gettext_lazy("Evaluation form"),
    gettext_lazy("Every evaluated prescription with its figures"),
    monthly,
    longest=31,
    too_long=gettext_lazy("The form covers at most a month. Please choose a shorter period."),
    to_sign=True,
)
REPORTS = {report.url_name: report for report in (COMPLIANCE, MONTHLY)}
