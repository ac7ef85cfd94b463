"""A list of patients: which of them, which columns, and what of these is masked (R-141, R-151).

Nothing clinical stands in it but what every list shows: allergies and the day of the last visit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients import listing
from patients.age import age_years
from patients.duplicates import on_file
from patients.exchange import parts
from patients.exchange.person import birth_words, moment
from patients.exchange.sources import Page, Source, by_key
from patients.masking import mask_address, mask_id, mask_name, mask_phone
from patients.models import AllergyStatus, Basics, Export, Patient, Sex
from patients.search import find_patients

SEARCHED = 500  # a search that finds more is no search
BASICS_FROM = 7  # years; younger children don't fill the form


@dataclass(frozen=True)
class Column:
    """`write(row)` of a row of patients.listing; `mask` hides the value unless it is asked for."""

    key: str
    label: object
    write: Callable[[dict], object]
    mask: Callable[[str], str] | None = None


def _of(name: str) -> Callable[[dict], object]:
    return lambda row: getattr(row["patient"], name)


COLUMNS = {
    column.key: column
    for column in [
        Column("record_no", _("Record number"), _of("record_no")),
        Column("health_no", _("Health record number"), _of("health_no"), mask_id),
        Column("paper_no", _("Number of the paper file"), _of("paper_no")),
        Column("name", _("Name"), _of("name")),
        Column("sex", _("Sex"), lambda row: row["patient"].get_sex_display()),
        Column("birth_date", _("Date of birth"), lambda row: birth_words(row["patient"])),
        Column("age", _("Age"), _of("age_text")),
        Column("id_type", _("Document"), lambda row: row["patient"].get_id_type_display()),
        Column("id_number", _("Document number"), _of("id_number"), mask_id),
        Column("phone", _("Phone"), _of("phone"), mask_phone),
        Column("address", _("Address"), _of("address"), mask_address),
        Column("contact_name", _("Contact person"), _of("contact_name"), mask_name),
        Column("contact_phone", _("Contact's phone"), _of("contact_phone"), mask_phone),
        Column("payment", _("Payment category"), lambda r: r["patient"].get_payment_display()),
        Column(
            "allergy_status",
            _("Allergy status"),
            lambda row: row["patient"].get_allergy_status_display(),
        ),
        Column(
            "allergies",
            _("Allergies"),
            lambda row: "；".join(f"{a['label']} {a['severity_label']}" for a in row["allergies"]),
        ),
        Column("last_visit", _("Last visit"), lambda r: str(r["last_visit"] or "")),
        Column("created_at", _("File opened"), lambda row: moment(row["patient"].created_at)),
        Column("missing", _("Missing in the file"), lambda row: "；".join(row["missing"])),
    ]
}
USUAL = ["record_no", "name", "sex", "age", "phone", "last_visit"]
MASKED = [key for key, column in COLUMNS.items() if column.mask]


def patients(wanted: dict) -> QuerySet[Patient]:
    """The files in force that fit all of `wanted`, the keys of forms_export.ListForm."""
    found = on_file()
    if wanted.get("q"):
        found = found.filter(pk__in=[p.pk for p in find_patients(wanted["q"], SEARCHED)])
    for name in ("sex", "payment"):
        if wanted.get(name):
            found = found.filter(**{name: wanted[name]})
    if wanted.get("allergy"):
        found = found.filter(allergy_status=wanted["allergy"])
    found = _by_age(found, wanted.get("age_from"), wanted.get("age_to"))
    since, until = _day(wanted.get("since")), _day(wanted.get("until"))
    if since or until:
        seen = Q()
        for ids in parts.visited(since, until):
            seen |= Q(pk__in=ids)
        found = found.filter(seen)
    if wanted.get("complete"):
        whole = _is_complete()
        found = found.filter(whole if wanted["complete"] == "yes" else ~whole)
    return found


def _day(value) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None


def _by_age(found: QuerySet, youngest: int | None, oldest: int | None) -> QuerySet:
    today = timezone.localdate()
    if youngest is not None:
        found = found.filter(birth_date__lte=_years_before(today, youngest))
    if oldest is not None:
        found = found.filter(birth_date__gt=_years_before(today, oldest + 1))
    return found


def _years_before(day: date, years: int) -> date:
    """29 February becomes 28 February; nobody was born before the year 1."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _is_complete() -> Q:
    """R-62 in the database; `missing` says the same of one file."""
    child = Q(birth_date__gt=_years_before(timezone.localdate(), BASICS_FROM))
    return (
        ~Q(sex__in=[Sex.UNKNOWN, Sex.UNSTATED])
        & (Q(id_number__isnull=False) | ~Q(no_id_reason=""))
        & (Q(phone__isnull=False) | Q(contact_phone__isnull=False))
        & ~Q(allergy_status=AllergyStatus.NOT_ASKED)
        & (child | Q(pk__in=_asked().values("patient")))
    )


def _asked() -> QuerySet[Basics]:
    return Basics.objects.exclude(histories=Basics.Histories.NOT_ASKED)


def missing(patient: Patient, *, has_histories: bool) -> list[str]:
    """What R-62 wants of a file and this one has not."""
    is_child = age_years(patient.birth_date, timezone.localdate()) < BASICS_FROM
    checks = [
        (patient.sex in (Sex.UNKNOWN, Sex.UNSTATED), gettext("Sex")),
        (not (patient.id_number or patient.no_id_reason), gettext("Document")),
        (not (patient.phone or patient.contact_phone), gettext("Phone or contact")),
        (patient.allergy_status == AllergyStatus.NOT_ASKED, gettext("Allergies")),
        (not (is_child or has_histories), gettext("Earlier illness")),
    ]
    return [word for is_missing, word in checks if is_missing]


def source(export: Export) -> Source:
    """The one sheet of a list."""
    details = export.details
    columns = [COLUMNS[key] for key in details["columns"]]
    found = patients(details["wanted"])

    def page(after: str | None, size: int) -> Page:
        files, last = by_key(found, after, size, key="record_no")
        rows = [_cells(row, columns, details["full"]) for row in _rows(files)]
        return Page(rows, last, [file.pk for file in files])

    heading = [str(column.label) for column in columns]
    return Source(gettext("Patients"), heading, found.count, page)


def _rows(files: list[Patient]) -> list[dict]:
    asked = set(_asked().filter(patient__in=[file.pk for file in files]).values_list("patient"))
    rows = listing.rows(files)
    for row in rows:
        file = row["patient"]
        row["missing"] = missing(file, has_histories=(file.pk,) in asked)
    return rows


def _cells(row: dict, columns: list[Column], full: list[str]) -> list[str]:
    return [_cell(column, column.write(row), column.key in full) for column in columns]


def _cell(column: Column, value, is_full: bool) -> str:
    text = "" if value is None else str(value)
    return column.mask(text) if column.mask and text and not is_full else text
