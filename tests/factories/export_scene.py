"""What went out of one patient's file, for the pages that show it."""

from clinic.core import jobs
from patients.exchange import exporting, parts


def build(patient, doctor) -> dict:
    """A copy and a workbook of this file, both ready."""
    asked = {"patient": patient, "purpose": "patient", "words": "", "by": doctor}
    visits = [line.pk for line in parts.visits(patient, doctor)]
    book = exporting.make_book(**asked)
    jobs.drive(book.job_id)
    copy = exporting.make_copy(visits=visits, asker="self", asker_name="", **asked)
    return {"copy": copy, "export": book}
