"""The pages of a file from another institution: look, compare, take in, read, take back."""

import json
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.exchange.fhir_parcel import open_parcel
from patients.models import Basics, Export, Patient, Received
from security import glass
from security.models import AuditEntry, BreakGlass
from tests.factories.patients import PatientFactory
from tests.factories.received import document
from tests.factories.whole_file import whole_patient
from tests.patients.test_fhir_in import elsewhere

SCRIPT = "<script>alert(1)</script>"
pytestmark = pytest.mark.usefixtures("english")


def upload(client, bundle, **more):
    content = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    file = SimpleUploadedFile("file.json", content, "application/json")
    return client.post(reverse("received_list"), {"file": file, **more})


def press(client, row, **data):
    return client.post(reverse("received_show", args=[row.pk]), data)


def filled(response) -> dict:
    """The new file's form as the browser sends it back."""
    initial = response.context["form"].initial
    said = {name: value for name, value in initial.items() if value is not None}
    return said | {"birth_time": f"{said['birth_time']:%H:%M}"}


def text(response) -> str:
    return response.content.decode()


def guarded_visit(bundle) -> dict:
    """Their visit, for few eyes, with a script in its narrative."""
    patient = next(e["fullUrl"] for e in bundle["entry"] if "birthDate" in e["resource"])
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>睡眠差{SCRIPT}</p></div>'
    return {
        "resource": {
            "resourceType": "Encounter",
            "id": "v",
            "meta": {"security": [{"code": "R"}]},
            "status": "finished",
            "text": {"status": "generated", "div": div},
            "subject": {"reference": patient},
            "period": {"start": "2025-11-03T10:00:00+08:00"},
            "reasonCode": [{"text": f"失眠{SCRIPT}"}],
        }
    }


def test_the_desk_takes_a_file_in_and_back_without_reading_illness(as_, frontdesk, doctor):
    _old, bundle = elsewhere(doctor)
    client = as_(frontdesk)

    shown = client.get(upload(client, bundle).url)
    row = Received.objects.get()
    press(client, row, do="choose", target="new")
    form = client.get(reverse("received_show", args=[row.pk]))
    press(client, row, do="take", **filled(form))

    patient = Patient.objects.get(name="曾秀英")
    assert "青霉素" in text(shown) and "阑尾" not in text(shown)
    assert "阑尾" not in text(form) and 'value="zeng xiu ying"' in text(form)
    assert patient.histories.count() == 5 and patient.allergy_status == "has"
    result = text(client.get(reverse("received_show", args=[row.pk])))
    assert patient.record_no in result and "Read the document" not in result
    press(client, row, do="take_back")
    assert Patient.objects.get(pk=patient.pk).state == "withdrawn"
    assert "out of use" in text(client.get(reverse("received_show", args=[row.pk])))
    assert AuditEntry.objects.filter(event="file_taken_in").exists()


def test_a_known_person_is_found_compared_and_only_the_chosen_is_changed(as_, doctor):
    old, bundle = elsewhere(doctor)
    ours = PatientFactory(name="曾秀英", id_number=old.id_number, address="县城路1号")
    client = as_(doctor)
    upload(client, bundle)
    row = Received.objects.get()

    preview = text(client.get(reverse("received_show", args=[row.pk])))
    press(client, row, do="choose", target=str(ours.pk))
    unasked = client.get(reverse("received_show", args=[row.pk]))
    press(client, row, do="take", version=ours.version, take_phone="theirs")
    assert Received.objects.get().state == "new"
    glass.break_glass(patient=ours.pk, reason=BreakGlass.Reason.EMERGENCY, by=doctor)
    compared = client.get(reverse("received_show", args=[row.pk]))
    version = compared.context["form"].initial["version"]
    press(client, row, do="take", version=version, take_address="ours", take_phone="theirs")

    now = Patient.objects.get(pk=ours.pk)
    assert ours.record_no in preview and "Open a new file" not in preview
    assert unasked.url.startswith(reverse("break_glass", args=[ours.pk]))
    assert "县城路1号" in text(compared) and "青溪镇" in text(compared)
    assert (now.address, now.phone) == ("县城路1号", old.phone)
    assert Received.objects.get().state == "taken"


def test_the_desk_does_not_replace_a_form_that_it_may_not_write_R59(as_, doctor, frontdesk):
    old, bundle = elsewhere(doctor)
    ours = PatientFactory(name="曾秀英", id_number=old.id_number)
    Basics.objects.create(patient=ours, answers={"abo": "1"}, written_by=doctor)
    client = as_(frontdesk)
    upload(client, bundle)
    row = Received.objects.get()

    press(client, row, do="choose", target=str(ours.pk))
    page = text(client.get(reverse("received_show", args=[row.pk])))
    press(client, row, do="take", version=ours.version, form="on")

    assert Received.objects.get().state == "taken"
    assert 'name="form"' not in page
    assert Basics.objects.get(patient=ours).answers["abo"] == "1"


def test_their_document_is_plain_text_and_guards_what_is_for_few_R140(as_, doctor, other_doctor):
    _old, bundle = elsewhere(doctor)
    bundle["entry"].append(guarded_visit(bundle))
    client = as_(doctor)
    upload(client, bundle)
    row = Received.objects.get()
    press(client, row, do="choose", target="new")
    form = client.get(reverse("received_show", args=[row.pk]))
    press(client, row, do="take", **filled(form))
    row.refresh_from_db()
    page = reverse("received_document", args=[row.pk])

    closed = as_(other_doctor).get(page)
    reason = {"patient": row.patient_id, "reason": BreakGlass.Reason.EMERGENCY}
    glass.break_glass(**reason, by=doctor)
    opened = text(client.get(page))

    assert closed.status_code == 302 and "/open/" in closed.url
    assert "失眠" in opened and "睡眠差" in opened
    assert SCRIPT not in opened and "alert(1)" in opened  # escaped; of the narrative left out
    assert "阑尾切除" in opened


def test_nobody_else_looks_into_a_file_before_it_is_taken_in(as_, doctor, other_doctor):
    _old, bundle = elsewhere(doctor)
    upload(as_(doctor), bundle)
    row = Received.objects.get()

    assert as_(other_doctor).get(reverse("received_show", args=[row.pk])).status_code == 404
    assert as_(doctor).get(reverse("received_document", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("do", ["choose", "again", "drop", "take", "take_back", "nonsense"])
def test_no_button_breaks_whatever_is_sent_with_it(as_, doctor, do):
    _old, bundle = elsewhere(doctor)
    client = as_(doctor)
    upload(client, bundle)
    row = Received.objects.get()

    for data in ({}, {"target": "x" * 32}, {"record_no": "P1", "version": "9" * 30}):
        response = press(client, row, do=do, **data)
        assert response.status_code in (200, 302)


def test_a_file_goes_out_for_a_purpose_is_logged_and_comes_back_whole_R151(as_, doctor):
    patient = whole_patient(doctor)
    client, page = as_(doctor), reverse("patient_fhir", args=[patient.pk])
    glass.break_glass(patient=patient.pk, reason=BreakGlass.Reason.EMERGENCY, by=doctor)

    refused = client.post(page, {"purpose": ""})
    shown = client.post(page, {"purpose": "referral"})
    export = Export.objects.get()
    file = client.post(reverse("export_file", args=[export.pk]))

    assert refused.status_code == 200 and shown.status_code == 302
    assert file["Content-Type"] == "application/fhir+json"
    assert patient.name not in unquote(file["Content-Disposition"])
    bundle = json.loads(file.content)
    assert bundle["identifier"]["value"] and "阑尾切除" in text(file)
    entries = AuditEntry.objects.filter(event="export")
    assert {entry.additional_data["reason"] for entry in entries} == {"referral"}
    assert open_parcel(file.content).person["id_number"] == patient.id_number


def test_the_list_takes_as_many_queries_for_five_files_as_for_one(as_, doctor):
    client = as_(doctor)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("received_list"))
        return len(queries)

    document(whole_patient(doctor), doctor)
    count()
    before = count()
    for number in range(4):
        document(PatientFactory(name=f"王{'甲乙丙丁'[number]}"), doctor)

    assert count() <= before + 1  # the audit entry of other patients


def test_a_file_that_cannot_be_read_leaves_words_and_nothing_else(as_, doctor):
    response = upload(as_(doctor), b'{"resourceType": "Bundle", "total": 1e400}')

    assert response.status_code == 200 and "1e400" in text(response)
    assert not Received.objects.exists()
