"""What a file must have before it counts as complete (R-62)."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.completeness import incomplete, missing
from patients.models import Basics, Patient
from tests.factories.patients import PatientFactory
from tests.patients.pages import words

pytestmark = pytest.mark.django_db
GAPS = [
    ({}, []),
    ({"is_unnamed": True}, ["name", "birth_date"]),
    ({"sex": "0"}, ["sex"]),
    ({"sex": "9"}, ["sex"]),
    ({"id_type": "98", "id_number": None}, ["document"]),
    ({"id_type": "98", "id_number": None, "no_id_reason": "未办"}, []),
    ({"phone": None}, ["phone"]),
    ({"phone": None, "contact_phone": "13800001111"}, []),
    ({"allergy_status": "not_asked"}, ["allergies"]),
    ({"histories": "not_asked"}, ["histories"]),
    ({"histories": None}, ["histories"]),
    # Under seven nobody fills the form that asks for it.
    ({"histories": None, "birth_date": timezone.localdate()}, []),
    ({"birth_date": date(1958, 1, 1), "birth_precision": "year"}, []),
]


@pytest.fixture
def files(frontdesk):
    made = []
    for changes, lacks in GAPS:
        values = {"id_number": f"E{len(made):08d}", "id_type": "03", **changes}
        answer = values.pop("histories", "denied")
        patient = PatientFactory(**values)
        if answer:
            Basics.objects.create(
                patient=patient, answers={}, histories=answer, written_by=frontdesk
            )
        made.append((patient, lacks))
    return made


def test_what_lacks_is_named_and_counted_alike_R62(files):
    counted = set(Patient.objects.filter(incomplete()).values_list("pk", flat=True))

    for patient, lacks in files:
        assert [item.key for item in missing(Patient.objects.get(pk=patient.pk))] == lacks
        assert (patient.pk in counted) == bool(lacks), lacks


def test_the_page_of_a_file_says_what_it_lacks_R62(files, frontdesk, english, as_):
    client = as_(frontdesk)
    asked = {lacks[0]: patient for patient, lacks in files if lacks}

    page = words(client.get(reverse("patient_edit", args=[asked["allergies"].pk])))

    assert "not complete" in page
    assert reverse("patient_allergies", args=[asked["allergies"].pk]) in page
    whole = words(client.get(reverse("patient_edit", args=[files[0][0].pk])))
    assert "not complete" not in whole
