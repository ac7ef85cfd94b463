"""Phrases and templates: one press, everything typed is kept, nothing is written over (R-74)."""

import uuid

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from registration import record_templates
from registration.consultation import add_diagnosis, diagnoses_of
from registration.models import Consultation, RecordTemplate
from registration.record_templates import appended, insert, keep, load_record_templates
from tests.factories.registration import open_record

LIST = "/registration/templates/"
NORMAL = "双肺呼吸音清，心律齐。"


@pytest.fixture
def record(session, frontdesk, bronchitis, hypertension):
    return open_record(session, frontdesk)


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def send(room, record, **data):
    version = stored(record).version
    body = {"version": version, "once": str(uuid.uuid4()), "dx": "", "code": "", **data}
    return room.post(f"/registration/consultations/{record.pk}/", body)


def stored(record) -> Consultation:
    return Consultation.objects.get(pk=record.pk)


def phrase(by, name="查体正常", text=NORMAL, **more):
    return keep(name=name, kind="phrase", texts={"examination": text}, by=by, **more)


def whole(by, **more):
    texts = {"complaint": "咳嗽__天", "examination": "双肺呼吸音粗。", "advice": "多饮水。"}
    return keep(name="支气管炎", kind="record", texts=texts, codes=["J20.9"], by=by, **more)


def test_one_press_puts_the_normal_findings_behind_what_is_typed_R74(record, room, doctor):
    template = phrase(doctor)
    page = room.get(f"/registration/consultations/{record.pk}/").content.decode()

    for _ in range(2):
        send(room, record, complaint="咳嗽", examination="咽充血，", insert=template.pk)

    button = page[page.index(f'value="{template.pk}"') :]
    assert 'accesskey="z"' in button[: button.index(">")]
    assert stored(record).complaint == "咳嗽"
    assert stored(record).examination == f"咽充血。{NORMAL}"


@pytest.mark.parametrize(
    "text, whole",
    [("", NORMAL), ("咽红。", f"咽红。{NORMAL}"), ("咽红", f"咽红。{NORMAL}"), (NORMAL, NORMAL)],
)
def test_a_phrase_is_appended_with_its_full_stop(text, whole):
    assert appended(text, NORMAL) == whole


def test_a_phrase_that_makes_the_text_too_long_is_refused_and_loses_nothing(record, room, doctor):
    template = phrase(doctor)

    page = send(room, record, complaint="咳嗽", examination="咽" * 1995, insert=template.pk)

    assert page.status_code == 200 and page.context["form"].errors["examination"]
    assert "咽" * 1995 in page.content.decode() and stored(record).complaint is None


def test_a_template_fills_what_is_empty_and_adds_its_diagnoses_R74(record, room, doctor):
    add_diagnosis(consultation=record, code="I10", by=doctor)
    template = whole(doctor)

    send(room, record, complaint="咳嗽 4 天", insert=template.pk)

    saved = stored(record)
    assert [saved.complaint, saved.examination, saved.advice] == [
        "咳嗽 4 天",
        "双肺呼吸音粗。",
        "多饮水。",
    ]
    assert [d.code for d in diagnoses_of(record)] == ["I10", "J20.9"]


def test_this_record_becomes_my_template_without_what_belongs_to_its_day(record, room, doctor):
    add_diagnosis(consultation=record, code="J20.9", by=doctor)
    parts = {
        "complaint": "咳嗽",
        "auxiliary": "白细胞 12",
        "sick_days": "3",
        "referral_to": "市医院",
    }

    response = send(room, record, **parts, keep="1", template_name="支气管炎")

    (made,) = RecordTemplate.objects.filter(owner=doctor)
    assert response["Location"] == f"{LIST}{made.pk}/"
    assert (made.texts, made.codes, made.shared) == ({"complaint": "咳嗽"}, ["J20.9"], False)
    assert stored(record).auxiliary == "白细胞 12"


@pytest.mark.parametrize("name, texts", [("", {"complaint": "咳嗽"}), ("空", {}), ("支气管炎", {})])
def test_a_template_that_can_not_be_saved_says_so_beside_its_name(
    record, room, doctor, name, texts
):
    whole(doctor)

    page = send(room, record, **texts, keep="1", template_name=name)

    assert page.status_code == 200 and page.context["form"].errors["template_name"]
    assert RecordTemplate.objects.count() == 1


def test_own_ones_come_first_and_hide_the_clinics_of_the_same_name(doctor, other_doctor):
    load_record_templates()
    phrase(other_doctor, name="私有的")
    phrase(other_doctor, name="共用的", shared=True)
    mine = phrase(doctor, name="查体正常", text="我的查体。")

    offered = record_templates.offered(doctor)["phrase"]

    names = [row.name for row in offered]
    assert offered[0] == mine and names.count("查体正常") == 1
    assert "共用的" in names and "私有的" not in names


def test_the_programs_templates_are_loaded_once_and_stay_out_of_use_when_put_away(db):
    first = load_record_templates()
    row = RecordTemplate.objects.filter(owner=None).first()
    row.active, row.live_key = False, None
    row.save()

    assert first > 10 and load_record_templates() == 0
    assert not RecordTemplate.objects.get(pk=row.pk).active


def test_a_colleague_uses_a_shared_one_and_changes_only_a_copy(room, doctor, other_doctor, record):
    shared = phrase(other_doctor, shared=True)
    url = f"{LIST}{shared.pk}/"

    page = room.get(url)
    refused = room.post(url, {"name": "改名", "kind": "phrase", "examination": "x"})
    copied = room.post(url, {"copy": "1"})

    assert all(field.disabled for field in page.context["form"].fields.values())
    assert (
        refused.status_code == 200 and RecordTemplate.objects.get(pk=shared.pk).name == shared.name
    )
    own = RecordTemplate.objects.get(owner=doctor)
    assert copied["Location"] == f"{LIST}{own.pk}/" and not own.shared
    insert(consultation=record, template=shared, by=doctor)
    assert stored(record).examination == NORMAL


def test_a_private_template_of_another_doctor_is_not_found(room, record, other_doctor):
    theirs = phrase(other_doctor)

    assert room.get(f"{LIST}{theirs.pk}/").status_code == 404
    for value in (theirs.pk, "x"):
        assert send(room, record, insert=value).status_code == 404
    with pytest.raises(RuleBroken):
        record_templates.retire(template=theirs, by=record.clinician.user)


def test_the_small_page_writes_orders_and_retires(room, doctor):
    form = {"name": "心肺正常", "kind": "phrase", "examination": NORMAL, "complaint": "不用"}
    room.post(f"{LIST}new/", form)
    room.post(f"{LIST}new/", {**form, "name": "腹部正常"})
    heart, belly = RecordTemplate.objects.order_by("name")

    room.post(f"{LIST}{belly.pk}/", {"first": "1"})
    room.post(f"{LIST}{heart.pk}/", {**form, "examination": "改过。", "shared": "on"})

    page = room.get(LIST)
    assert [row.name for row in page.context["own"]] == ["腹部正常", "心肺正常"]
    heart.refresh_from_db()
    assert (heart.texts, heart.shared) == ({"examination": "改过。"}, True)

    room.post(f"{LIST}{heart.pk}/", {"retire": "1"})

    assert [row.name for row in room.get(LIST).context["own"]] == ["腹部正常"]
    assert room.post(f"{LIST}new/", form).status_code == 302  # its name is free again


@pytest.mark.parametrize(
    "wrong, field",
    [({"name": ""}, "name"), ({"codes": "X99.9"}, "codes"), ({"name": "双"}, "name")]
    + [({"complaint": "", "examination": ""}, "examination"), ({"kind": "x"}, "kind")],
)
def test_a_wrong_template_is_explained_and_kept_on_the_page(room, doctor, bronchitis, wrong, field):
    keep(name="双", kind="record", texts={"advice": "多饮水。"}, by=doctor)
    form = {"name": "新", "kind": "record", "complaint": "咳嗽", "codes": "J20.9", **wrong}

    page = room.post(f"{LIST}new/", form)

    assert page.status_code == 200 and page.context["form"].errors[field]
    assert RecordTemplate.objects.count() == 1


def test_one_that_a_colleague_retired_meanwhile_is_not_changed(doctor):
    template = phrase(doctor)
    record_templates.retire(template=template, by=doctor)

    with pytest.raises(AlreadyDone):
        record_templates.put_first(template=template, by=doctor)


def test_a_code_out_of_use_is_left_out_of_the_record(record, doctor, bronchitis):
    template = whole(doctor)
    bronchitis.active = False
    bronchitis.save()

    insert(consultation=record, template=template, by=doctor)

    assert diagnoses_of(record) == [] and stored(record).advice == "多饮水。"
