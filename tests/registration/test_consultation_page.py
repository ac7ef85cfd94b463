"""The consultation page (mock-up 03), all of it without any script."""

import uuid

import pytest
from django.test import Client

from registration.consultation import diagnoses_of, record_vitals
from registration.models import Consultation, Registration
from registration.states import VisitState
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.factories.registration import (
    called_visit,
    finished_record,
    open_record,
    waiting_visit,
)

TEXTS = {
    "complaint": "咳嗽、咳黄痰 4 天，发热 1 天",
    "present_illness": "4 天前受凉后咳嗽，痰黄黏。",
    "examination": "咽充血，双肺呼吸音粗。",
    "advice": "多饮水，三天后复诊。",
}


@pytest.fixture
def record(session, frontdesk, bronchitis, hypertension):
    return open_record(session, frontdesk)


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def url_of(record) -> str:
    return f"/registration/consultations/{record.pk}/"


def send(room: Client, record, url: str = "", **data):
    """Press a button of the page: the record's texts go along, as a browser sends them."""
    stored = Consultation.objects.get(pk=record.pk)
    body = {"version": stored.version, "once": str(uuid.uuid4()), "dx": "", "code": "", **data}
    return room.post(url or url_of(record), body)


def stored(record) -> Consultation:
    return Consultation.objects.get(pk=record.pk)


def test_the_allergy_line_comes_before_the_name_R44(session, frontdesk, room):
    record = open_record(session, frontdesk, patient=AllergicPatientFactory(name="王秀英"))

    page = room.get(url_of(record)).content.decode()

    banner = page[page.index('class="patient"') :]
    assert banner.index("allergy-yes") < banner.index("王秀英")


@pytest.mark.parametrize("status, shape", [("denied", "allergy-no"), ("not_asked", "allergy-ask")])
def test_denied_and_not_asked_look_different_R44(session, frontdesk, room, status, shape):
    record = open_record(session, frontdesk, patient=PatientFactory(allergy_status=status))

    assert shape in room.get(url_of(record)).content.decode()


def test_saving_keeps_every_text(record, room):
    response = send(room, record, **TEXTS)

    assert response.status_code == 302
    saved = stored(record)
    assert {name: getattr(saved, name) for name in TEXTS} == TEXTS


def test_the_usual_vital_signs_are_typed_in_the_row(record, room):
    send(room, record, temperature="38.6", systolic="148", diastolic="86", **TEXTS)

    assert stored(record).vitals == {"temperature": "38.6", "systolic": "148", "diastolic": "86"}
    page = room.get(url_of(record)).content.decode()
    assert 'class="out"' in page and "148/86" in page


def test_a_doubtful_value_in_the_row_keeps_everything_typed_R159(record, room):
    page = send(room, record, temperature="63.8", **TEXTS)

    text = page.content.decode()
    assert page.status_code == 200 and 'name="confirmed"' in text
    assert "63.8" in text and TEXTS["complaint"] in text
    assert stored(record).complaint is None

    confirmed = {"temperature": "63.8", "confirmed": "temperature=63.8"}
    assert send(room, record, **confirmed, **TEXTS).status_code == 302
    assert stored(record).vitals == {"temperature": "63.8"}


def test_a_confirmed_value_is_not_asked_about_again_when_something_else_is_refused_R159(
    record, room
):
    confirmed = {"temperature": "63.8", "confirmed": "temperature=63.8"}

    page = send(room, record, url=f"{url_of(record)}finish/", **confirmed)

    text = page.content.decode()
    assert 'type="hidden" name="confirmed" value="temperature=63.8"' in text
    assert page.context["form"].errors["complaint"] and not page.context["numbers"].errors


def test_a_pressure_is_compared_with_the_one_that_stands_R159(record, room):
    send(room, record, systolic="120", diastolic="80")

    page = send(room, record, systolic="70")

    assert [doubt.key for doubt in page.context["numbers"].doubts] == ["diastolic"]


def test_an_empty_row_takes_nothing_away_from_the_nurse(record, room):
    send(room, record, pulse="92")

    send(room, record, temperature="", pulse="", **TEXTS)

    assert stored(record).vitals == {"pulse": "92"}


def test_change_vital_signs_saves_the_text_first(record, room):
    send(room, record, pulse="92")

    response = send(room, record, vitals="1", **TEXTS)
    page = room.get(response["Location"]).content.decode()

    assert stored(record).complaint == TEXTS["complaint"]
    assert 'name="pulse" value="92"' in page


def test_diagnoses_are_found_and_added_without_script(record, room):
    found = send(room, record, dx="zqgy", find="1", **TEXTS)

    text = found.content.decode()
    assert 'value="J20.9"' in text and TEXTS["complaint"] in text
    assert stored(record).complaint is None

    response = send(room, record, dx="zqgy", add="J20.9", **TEXTS)

    assert response.status_code == 302
    assert [d.code for d in diagnoses_of(record)] == ["J20.9"]
    assert stored(record).complaint == TEXTS["complaint"]


def test_a_diagnosis_chosen_from_the_list_is_added(record, room):
    send(room, record, dx="高血压", code="I10", find="1", **TEXTS)

    assert [d.code for d in diagnoses_of(record)] == ["I10"]


def test_nothing_found_says_what_to_try(record, room):
    page = send(room, record, dx="没有这种病", find="1")

    assert page.context["found"] == [] and page.status_code == 200


def test_a_chip_removes_its_diagnosis_and_saves_the_text(record, room):
    send(room, record, add="J20.9")
    diagnosis = diagnoses_of(record)[0]

    send(room, record, url=f"/registration/diagnoses/{diagnosis.pk}/remove/", **TEXTS)

    assert diagnoses_of(record) == []
    assert stored(record).complaint == TEXTS["complaint"]


def test_a_double_click_on_add_adds_once_without_complaint(record, room):
    token = str(uuid.uuid4())

    for _ in range(2):
        assert send(room, record, add="J20.9", once=token).status_code == 302

    assert len(diagnoses_of(record)) == 1


def test_finish_and_call_goes_on_with_the_next(session, record, frontdesk, room):
    following = waiting_visit(session, frontdesk)
    send(room, record, add="J20.9")

    response = send(room, record, url=f"{url_of(record)}finish/", call="1", **TEXTS)

    assert response["Location"] == "/registration/queue/"
    assert stored(record).finished_at is not None
    assert Registration.objects.get(pk=following.pk).state == VisitState.CALLED


def test_finish_only_calls_nobody(session, record, frontdesk, room):
    following = waiting_visit(session, frontdesk)
    send(room, record, add="J20.9")

    send(room, record, url=f"{url_of(record)}finish/", only="1", **TEXTS)

    assert stored(record).finished_at is not None
    assert Registration.objects.get(pk=following.pk).state == VisitState.WAITING


@pytest.mark.parametrize("missing, field", [("complaint", "complaint"), ("diagnosis", "dx")])
def test_finish_says_what_is_missing_and_keeps_the_text_R70(record, room, missing, field):
    if missing != "diagnosis":
        send(room, record, add="J20.9")
    texts = {**TEXTS, "complaint": "" if missing == "complaint" else TEXTS["complaint"]}

    page = send(room, record, url=f"{url_of(record)}finish/", call="1", **texts)

    assert page.status_code == 200 and page.context["form"].errors[field]
    assert TEXTS["advice"] in page.content.decode()
    assert stored(record).finished_at is None and stored(record).advice is None


def test_finish_with_words_in_the_diagnosis_field_asks_which_one(record, room):
    page = send(room, record, url=f"{url_of(record)}finish/", call="1", dx="JXZQGY", **TEXTS)

    assert [code.code for code in page.context["found"]] == ["J20.9"]
    assert stored(record).finished_at is None


def test_the_second_window_is_told_and_keeps_its_text(record, room):
    send(room, record, complaint="第一个窗口")

    page = send(room, record, version=1, complaint="第二个窗口")

    text = page.content.decode()
    assert page.status_code == 200
    assert "第二个窗口" in text and "第一个窗口" in text
    assert stored(record).complaint == "第一个窗口"

    again = send(
        room, record, version=page.context["form"]["version"].value(), complaint="第二个窗口"
    )
    assert again.status_code == 302 and stored(record).complaint == "第二个窗口"


def test_an_address_of_a_button_leads_back_to_the_record(record, room):
    send(room, record, add="J20.9")
    diagnosis = diagnoses_of(record)[0]

    for url in (f"{url_of(record)}finish/", f"/registration/diagnoses/{diagnosis.pk}/remove/"):
        assert room.get(url)["Location"] == url_of(record)
    assert len(diagnoses_of(record)) == 1 and stored(record).finished_at is None


def test_a_refused_save_shows_the_vital_signs_that_stand(record, room):
    send(room, record, pulse="92")

    page = send(room, record, version=99, pulse="", complaint="x")

    assert 'name="pulse"' not in page.content.decode()


def test_a_finished_record_opens_without_any_button_that_writes(session, frontdesk, room):
    record = finished_record(session, frontdesk)

    page = room.get(url_of(record)).content.decode()

    assert "咳嗽 3 天" in page and "readonly" in page
    assert 'name="save"' not in page and "finish/" not in page and "/remove/" not in page


def test_writing_into_a_finished_record_shows_what_was_typed(session, frontdesk, room):
    record = finished_record(session, frontdesk)

    page = send(room, record, complaint="太晚写的")

    assert page.status_code == 200 and "太晚写的" in page.content.decode()
    assert stored(record).complaint == "咳嗽 3 天"


def test_earlier_visits_stand_beside(session, frontdesk, room):
    old = finished_record(session, frontdesk)
    record = open_record(session, frontdesk, patient=old.patient)

    page = room.get(url_of(record))

    assert page.context["past"] == [old]
    assert "急性支气管炎" in page.content.decode()


# -- who may --


def test_another_doctor_does_not_find_the_record(record, other_session, as_):
    other = as_(other_session.clinician.user)

    for url in ("", "finish/", "draft/"):
        assert other.post(f"{url_of(record)}{url}", {"version": 1}).status_code == 404
    assert other.get(url_of(record)).status_code == 404


def test_another_doctor_removes_no_diagnosis(record, room, other_session, as_):
    send(room, record, add="J20.9")
    diagnosis = diagnoses_of(record)[0]

    answer = as_(other_session.clinician.user).post(
        f"/registration/diagnoses/{diagnosis.pk}/remove/", {"version": 1}
    )

    assert answer.status_code == 404 and len(diagnoses_of(record)) == 1


@pytest.mark.parametrize("who", ["frontdesk", "nurse", "pharmacist", "administrator", "auditor"])
def test_nobody_else_opens_a_record(record, request, as_, who):
    assert as_(request.getfixturevalue(who)).get(url_of(record)).status_code == 403


def test_a_record_that_only_holds_vital_signs_is_not_open_yet(session, nurse, frontdesk, room):
    visit = called_visit(session, frontdesk)
    record = record_vitals(registration=visit, vitals={}, by=nurse)
    record.save()

    assert room.get(url_of(record)).status_code == 404


def test_reading_the_record_is_recorded(record, room):
    room.get(url_of(record))

    assert AuditEntry.objects.get(screen="consultation", event="read").subject == record.patient_id


# -- drafts --


def draft(room, record, **data):
    return room.post(f"{url_of(record)}draft/", {"version": stored(record).version, **data})


def test_a_draft_comes_back_into_the_fields_and_is_not_in_the_record(record, room):
    answer = draft(room, record, complaint="写到一半", temperature="38.1")

    page = room.get(url_of(record))
    text = page.content.decode()
    assert answer.status_code == 200 and answer.json()["text"]
    assert "写到一半" in text and 'value="38.1"' in text
    assert page.context["draft_at"] is not None
    assert stored(record).complaint is None


def test_a_draft_equal_to_the_record_says_nothing(record, room):
    send(room, record, **TEXTS)
    draft(room, record, **TEXTS)

    assert room.get(url_of(record)).context["draft_at"] is None


def test_saving_ends_the_draft(record, room):
    draft(room, record, complaint="写到一半")
    send(room, record, complaint="写完了")

    page = room.get(url_of(record))

    assert page.context["draft_at"] is None and "写到一半" not in page.content.decode()


@pytest.mark.parametrize("version", ["", "x", "1.0", "-1", "９", "99999999999999999999"])
def test_a_draft_without_a_version_is_not_kept(record, room, version):
    answer = room.post(f"{url_of(record)}draft/", {"version": version, "complaint": "x"})

    assert answer.status_code == 409


def test_a_draft_takes_any_characters_and_any_length(record, room):
    answer = draft(room, record, complaint="🙂" * 9000, advice="\x00坏字符", weight="x" * 999)

    assert answer.status_code == 200
    assert room.get(url_of(record)).status_code == 200
