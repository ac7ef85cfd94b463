"""The files of one patient, with what is due and what was found: for the page and the panel."""

from collections import defaultdict

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.age import age_years
from patients.followup import drawing, lists, plans, rules, sheets
from patients.models import CareFile, CareKind, FollowUp

State = FollowUp.State
HISTORY = 12
NEAR = 3  # dates of a plan that stand open on the page
DRAWN = 60  # as many of the latest are in a plot
FACTS = {
    "diagnosed": _("Diagnosed on"),
    "discharged": _("Discharged on"),
    "last_period": _("Last period"),
    "delivered": _("Born on"),
}


def files_of(patient) -> list[CareFile]:
    """All files, the open ones first, each with `due` (its dates to come) in two queries."""
    files = list(
        CareFile.objects.filter(patient=patient).select_related("doctor", "opened_by", "closed_by")
    )
    files.sort(key=lambda care: care.closed_on is not None)
    today, waiting = timezone.localdate(), defaultdict(list)
    ids = [care.pk for care in files]
    rows = FollowUp.objects.filter(care_file__in=ids, state=State.PLANNED).order_by("due_on")
    for row in rows:
        row.when = lists.when(row.due_on, today)
        row.words = plans.label(row.step)
        waiting[row.care_file_id].append(row)
    for care in files:
        care.due, care.kind_words = waiting[care.pk], CareKind(care.kind).label
        care.near, care.far = care.due[:NEAR], care.due[NEAR:]
        care.weeks = weeks(care)
        care.facts_words = [
            (words, care.facts[name]) for name, words in FACTS.items() if care.facts.get(name)
        ]
    return files


def weeks(care: CareFile) -> str:
    """Of a pregnancy that goes on: 24+3."""
    going_on = care.kind == CareKind.PREGNANCY and not care.closed_on
    if not going_on or "delivered" in care.facts:
        return ""
    return plans.weeks_of(care, timezone.localdate())


def nearer(row: FollowUp) -> dict | None:
    """A later date of the same plan that has come already: today's values may belong there."""
    came = {"due_on__gt": row.due_on, "due_on__lte": timezone.localdate()}
    rows = FollowUp.objects.filter(care_file=row.care_file_id, state=State.PLANNED, **came)
    last = rows.order_by("-due_on").first()
    return {"row": last, "words": plans.label(last.step)} if last else None


def age_of(patient) -> int:
    return age_years(patient.birth_date, timezone.localdate())


def history(patient, number):
    """One page of what was found, newest first."""
    rows = FollowUp.objects.filter(care_file__patient=patient)
    rows = rows.filter(state__in=[State.DONE, State.MISSED])
    rows = rows.select_related("care_file", "done_by").order_by("-done_on", "-made_at")
    page = Paginator(rows, HISTORY).get_page(number)
    for row in page.object_list:
        row.kind_words = CareKind(row.care_file.kind).label
        row.words, row.summary = plans.label(row.step), summary(row)
        row.grade = grade_words(row)
        row.grade_is_good = row.findings.get("grade") == rules.CONTROLLED
    return page


def draw(patient, files: list[CareFile]) -> list:
    """The plots of the open files, from the latest follow-ups, in one query; each file gets `seen`,
    how often the patient was met this year."""
    wanted = [care.pk for care in files if not care.closed_on]
    rows = FollowUp.objects.filter(care_file__in=wanted, state=State.DONE)
    done = defaultdict(list)
    for row in rows.order_by("-done_on")[:DRAWN]:
        done[row.care_file_id].append(row)
    age, year = age_of(patient), timezone.localdate().year
    drawn = []
    for care in files:
        if care.closed_on:
            continue
        care.seen = sum(row.done_on.year == year and _is_met(row) for row in done[care.pk])
        drawn += drawing.plots(care.kind, done[care.pk], age)
    return drawn


def _is_met(row: FollowUp) -> bool:
    """Face to face: at the clinic or at home; at least four times a year (R-63, R-65)."""
    return row.findings.get("mode") in ("1", "2")


def summary(row: FollowUp) -> list[str]:
    """The few words of a follow-up that a list shows."""
    found = row.findings or {}
    if row.state == State.MISSED:
        return [found.get("missed", "")]
    asks = sheets.asks_of(row.care_file.kind, row.step)
    words = []
    if found.get("systolic") and found.get("diastolic"):
        words.append(f"{found['systolic']}/{found['diastolic']} mmHg")
    for key in ("glucose", "weight", "length", "head", "complication", "adverse_words"):
        if key in asks and found.get(key):
            words.append(f"{asks[key].label} {sheets.shown(asks[key], found[key])}")
    points = rules.self_care(found)
    if points is not None:
        words.append(f"{points} {rules.self_care_words(points)}")
    return words


def grade_words(row: FollowUp) -> str:
    """The class of R-64 in words."""
    grade = (row.findings or {}).get("grade")
    return str(sheets.GRADES[int(grade) - 1]) if grade else ""


def answers(row: FollowUp) -> list[tuple[object, list[tuple[sheets.Ask, str]]]]:
    """Everything that was found, part by part in words: for paper and for comparing."""
    found = row.findings or {}
    return [
        (part.title, [(ask, sheets.shown(ask, found.get(ask.key))) for ask in part.asks])
        for part in sheets.parts_of(row.care_file.kind, row.step)
    ]


def earlier(row: FollowUp) -> list[dict]:
    """What was written before each correction, newest first, with what it said then."""
    asks = sheets.asks_of(row.care_file.kind, row.step)
    told = []
    for said in reversed(row.earlier or []):
        found = said.get("findings") or {}
        told.append(
            {
                **said,
                "changed": [
                    (ask.label, sheets.shown(ask, found.get(key)) or "–")
                    for key, ask in asks.items()
                    if row.findings and found and found.get(key) != row.findings.get(key)
                ],
            }
        )
    return told
