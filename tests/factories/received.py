"""Files of other institutions."""

import json

from django.utils import timezone

from patients.exchange import fhir_in, fhir_out
from patients.models import Received

# For tests/browser/pages.py: the page and what of the scene it is about.
PAGES = [
    ("patient_fhir", "patient"),
    ("received_list",),
    ("received_show", "received"),
    ("received_document", "elsewhere"),
]


def bundle_file(patient, by) -> bytes:
    """What our own export of this patient looks like when it comes back."""
    return json.dumps(fhir_out.bundle(patient, by=by), ensure_ascii=False).encode()


def received(patient, by) -> Received:
    """Brought and not yet looked at."""
    return fhir_in.bring(content=bundle_file(patient, by), by=by)


def document(patient, by) -> Received:
    """Taken in: a document of this patient."""
    row = received(patient, by)
    row.state, row.patient, row.taken_at = Received.State.TAKEN, patient, timezone.now()
    row.done = {"fields": {}, "left": [], "allergies": [], "histories": []}
    row.save()
    return row
