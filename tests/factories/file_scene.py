"""What the pages of a patient's file show: what came, what went out, what was corrected."""

from clinic.core import jobs
from patients.exchange import exporting, parts
from patients.models import Change
from tests.factories.long_care import followed
from tests.factories.received import document, received


def build(patient, person, user) -> dict:
    """By what they are; `person(name, serial)` opens a file, `user(name)` finds an account."""
    doctor = user("doctor")
    return {
        "basics": Change.objects.filter(what="basics").first().patient,
        "received": received(patient, doctor),
        "elsewhere": document(patient, doctor),
        **followed(person("范志华", 40), doctor, by=user("nurse")),
        **_exports(patient, doctor),
    }


def _exports(patient, doctor) -> dict:
    """A copy and a workbook of this file, both ready."""
    asked = {"patient": patient, "purpose": "patient", "words": "", "by": doctor}
    visits = [line.pk for line in parts.visits(patient, doctor)]
    book = exporting.make_book(**asked)
    jobs.drive(book.job_id)
    copy = exporting.make_copy(visits=visits, asker="self", asker_name="", **asked)
    return {"copy": copy, "export": book}
