"""What has to hold of a whole installation after any fault."""

from collections.abc import Iterator

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from clinic.core.models import OnceToken
from patients.models import Patient
from pharmacy.models import StockDocument
from prescriptions.models import DispenseLine, Prescription, PrescriptionEvent, PrescriptionItem
from registration.models import Consultation, Registration
from security.models import AuditEntry

COMMANDS = [
    ("check_stock",),
    ("check_cash",),
    ("seal_audit",),
    ("verify_audit",),
    ("verify_archive",),
]
SLOW = [("verify_encryption",)]


def of_the_rows(since) -> list[str]:
    """Contradictions between rows that are written together, or by the database's own rules."""
    return [*_tokens(), *_sheets(), *_lines(), *_empty_papers(), *_visits(), *_audited(since),
            *of_the_database()]  # fmt: skip


def _tokens() -> Iterator[str]:
    """A form's token, what it did and where it led are written in one transaction."""
    for token in OnceToken.objects.filter(location=""):
        yield f"the form {token.token} was taken, but leads nowhere"


def _sheets() -> Iterator[str]:
    last = PrescriptionEvent.objects.filter(prescription=OuterRef("pk")).order_by("-pk")
    rows = Prescription.objects.annotate(last=Subquery(last.values("new")[:1]))
    for sheet in rows.exclude(last=None).exclude(last=F("state")):
        yield f"sheet {sheet.pk} is {sheet.state}, its last event says {sheet.last}"


def _lines() -> Iterator[str]:
    rows = PrescriptionItem.objects.annotate(gone=Coalesce(Sum("lines__quantity"), 0))
    for item in rows.exclude(gone__gte=F("dispensed")):
        yield f"row {item.pk}: {item.dispensed} with the patient, {item.gone} handed out"
    for line in DispenseLine.objects.exclude(movement__quantity=-F("quantity")):
        yield f"line {line.pk} handed out {line.quantity}, its movement says otherwise"


def _empty_papers() -> Iterator[str]:
    moved = ["receipt", "dispensing", "return"]
    papers = StockDocument.objects.filter(kind__in=moved, state="posted", movements=None)
    for paper in papers.filter(conclusion__in=["", "good"]):
        yield f"document {paper.number} was posted without a line"


def _visits() -> Iterator[str]:
    """A called visit has its calls; one with a doctor has its record."""
    for visit in Registration.objects.filter(called_times__gt=0, calls=None):
        yield f"visit {visit} was called, and no call is noted"
    for visit in Registration.objects.filter(started_at__isnull=False, consultation=None):
        yield f"visit {visit} has begun without a record"


def _audited(since) -> Iterator[str]:
    """What was made is in the log: both are written in one transaction."""
    made = [(Patient, "created_at"), (Registration, "registered_at"), (Prescription, "created_at"),
            (Consultation, "created_at"), (StockDocument, "made_at")]  # fmt: skip
    for model, moment in made:
        if moment not in {field.name for field in model._meta.get_fields()}:
            continue
        kind = ContentType.objects.get_for_model(model)
        noted = set(
            AuditEntry.objects.filter(content_type=kind).values_list("object_pk", flat=True)
        )
        for row in model.objects.filter(**{f"{moment}__gte": since}):
            if str(row.pk) not in noted:
                yield f"{model.__name__} {row.pk} was made, and the audit log does not say so"


def of_the_database() -> Iterator[str]:
    """The database's own look at itself: pages, indexes, keys and constraints."""
    yield from (_sqlite() if connection.vendor == "sqlite" else _mariadb())
    yield from _orphans()


def _sqlite() -> Iterator[str]:
    with connection.cursor() as cursor:
        for row in cursor.execute("PRAGMA integrity_check").fetchall():
            if row[0] != "ok":
                yield f"integrity_check: {row[0]}"
        for row in cursor.execute("PRAGMA foreign_key_check").fetchall():
            yield f"foreign_key_check: {row}"


def _mariadb() -> Iterator[str]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f"CHECK TABLE `{table}` EXTENDED")
            for row in cursor.fetchall():
                if row[2] == "error" or (row[2] == "status" and row[3] != "OK"):
                    yield f"CHECK TABLE: {row}"
        cursor.execute(
            "SELECT table_name, constraint_name, check_clause FROM information_schema."
            "check_constraints WHERE constraint_schema = DATABASE()"
        )
        for table, name, clause in cursor.fetchall():
            cursor.execute(f"SELECT COUNT(*) FROM `{table}` WHERE NOT ({clause})")  # noqa: S608
            if count := cursor.fetchone()[0]:
                yield f"{count} rows of {table} break {name}"


def _orphans() -> Iterator[str]:
    """Rows that point at nothing, asked of every link of every model."""
    for model in apps.get_models():
        if not model._meta.managed or model._meta.proxy:
            continue
        for link in model._meta.concrete_fields:
            if not link.is_relation or link.related_model is None:
                continue
            there = link.related_model._base_manager.values(link.target_field.name)
            lost = model._base_manager.exclude(**{link.name: None})
            count = lost.exclude(**{f"{link.attname}__in": there}).count()
            if count:
                yield f"{count} rows of {model.__name__} have a {link.name} that is not there"


def of_the_commands(clinic, *, slow: bool = False) -> list[str]:
    """The product's own verifications, as an administrator runs them."""
    wrong = []
    for command in COMMANDS + (SLOW if slow else []):
        done = clinic.manage(*command, check=False)
        if done.returncode:
            wrong.append(f"{' '.join(command)}: {(done.stdout + done.stderr)[-600:]}")
    return wrong
