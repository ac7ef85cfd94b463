"""Opening a file (R-44, R-57, R-76 to R-86)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from clinic.core.errors import RuleBroken
from patients.models import Allergy, AllergyStatus, IdType, Patient
from patients.services import NumberTaken, PossibleDuplicate, register
from security.models import AuditEntry
from tests.factories.patients import AllergyGroupFactory, PatientFactory, id_number

pytestmark = pytest.mark.django_db
BORN = date(1958, 3, 16)
PASSPORT = {"id_type": "03", "id_number": "E12345678"}


def person(**changes) -> dict:
    """Everything a file needs, of a woman born on 16 March 1958."""
    return {
        "name": "王秀英",
        "sex": "2",
        "birth_date": BORN,
        "id_type": "01",
        "id_number": id_number(BORN),
        "phone": "13812345678",
        "allergy_status": "denied",
        "payment": "resident",
        **changes,
    }


def test_a_file_gets_the_next_permanent_number_R57(frontdesk):
    first = register(by=frontdesk, **person())
    second = register(by=frontdesk, **person(name="李四", id_number=id_number(BORN, 2)))

    assert [first.record_no, second.record_no] == ["P00000001", "P00000002"]
    assert first.created_by == frontdesk
    assert (first.pinyin, first.initials) == ("wangxiuying", "WXY")


def test_the_number_of_a_refused_file_is_not_lost(frontdesk):
    nothing = [{"substance": "", "severity": "mild"}]
    with pytest.raises(RuleBroken):
        register(by=frontdesk, **person(allergy_status="has", allergies=nothing))

    assert register(by=frontdesk, **person()).record_no == "P00000001"
    assert Patient.objects.count() == 1


def test_birth_date_and_sex_are_filled_from_the_document_R77(frontdesk):
    patient = register(by=frontdesk, **person(birth_date=None, sex=""))

    assert (patient.birth_date, patient.sex) == (BORN, "2")


@pytest.mark.parametrize("typed", [{"birth_date": date(1958, 3, 17)}, {"sex": "1"}])
def test_what_differs_from_the_document_is_asked_never_overwritten_R77(frontdesk, typed):
    with pytest.raises(RuleBroken) as refusal:
        register(by=frontdesk, **person(**typed))

    assert refusal.value.rule == "R-77"
    kept = register(by=frontdesk, keep_typed=True, **person(**typed))
    assert {name: getattr(kept, name) for name in typed} == typed


def test_encrypted_columns_hold_no_plain_text(frontdesk):
    patient = register(by=frontdesk, **person())

    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone FROM patients_patient")
        row = b"".join(bytes(cell) for cell in cursor.fetchone())
    assert patient.id_number.encode() not in row
    assert b"13812345678" not in row


def test_the_audit_entry_names_the_file_and_no_value(frontdesk):
    patient = register(by=frontdesk, **person(address="青溪镇北桥村"))

    entry = AuditEntry.objects.get(event="create", object_pk=str(patient.pk))
    assert entry.object_repr == patient.record_no
    assert entry.subject == patient.pk
    text = f"{entry.changes}{entry.payload}"
    for value in ("王秀英", "13812345678", patient.id_number, "青溪镇", "1958"):
        assert value not in text


def test_the_same_document_number_is_refused_naming_the_file_R81(frontdesk):
    first = register(by=frontdesk, **person())

    with pytest.raises(NumberTaken) as refusal:
        register(by=frontdesk, not_a_duplicate=True, **person(name="别人", phone="13900000000"))

    assert first.record_no in refusal.value.message
    assert "王秀英" not in refusal.value.message
    assert refusal.value.patients == [first]
    assert refusal.value.field == "id_number"


def test_same_name_birth_and_sex_are_shown_before_a_second_file_R81(frontdesk):
    first = register(by=frontdesk, **person())
    again = person(id_number=id_number(BORN, 2), phone="13900000000")

    with pytest.raises(PossibleDuplicate) as refusal:
        register(by=frontdesk, **again)

    assert refusal.value.patients == [first]
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("kept_in", ["phone", "contact_phone"])
def test_same_name_and_phone_are_shown_R81(frontdesk, kept_in):
    stored = {"phone": "", "contact_name": "王强", kept_in: "13812345678"}
    first = register(by=frontdesk, **person(**stored))
    born = date(1999, 1, 1)

    with pytest.raises(PossibleDuplicate) as refusal:
        register(
            by=frontdesk,
            **person(birth_date=born, id_number=id_number(born), phone="138 1234 5678"),
        )

    assert refusal.value.patients == [first]


def test_a_family_shares_a_phone_R81(frontdesk):
    register(by=frontdesk, **person())

    register(by=frontdesk, **person(name="王强", id_number=id_number(BORN, 2)))

    assert Patient.objects.count() == 2


def test_only_the_files_that_were_looked_at_are_passed_over_R81(frontdesk):
    first = register(by=frontdesk, **person())
    other = PatientFactory(name="王秀英", phone="13900000001")
    again = person(id_number=id_number(BORN, 9), phone="13900000001")

    with pytest.raises(PossibleDuplicate) as refusal:
        register(by=frontdesk, not_a_duplicate=[str(first.pk)], **again)
    register(by=frontdesk, not_a_duplicate=[str(first.pk), str(other.pk)], **again)

    assert refusal.value.patients == [other]
    assert AuditEntry.objects.filter(event="not_a_duplicate").count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"name": ""}, "name", "R-83"),
        ({"name": "王😀"}, "name", "R-83"),
        ({"name": "<b>王</b>"}, "name", "R-83"),
        ({"name": "'; DROP TABLE x"}, "name", "R-83"),
        ({"name": "123"}, "name", "R-83"),
        ({"name": "王" * 51}, "name", "R-83"),
        ({"phone": ""}, "phone", "R-82"),
        ({"phone": "1381234567"}, "phone", "R-82"),
        ({"phone": "12812345678"}, "phone", "R-82"),
        ({"phone": "58123456"}, "phone", "R-82"),
        ({"phone": "abc"}, "phone", "R-82"),
        ({"phone": "", "contact_phone": "13912340086"}, "contact_name", "R-82"),
        ({"id_number": ""}, "id_number", "R-57"),
        ({"id_type": "98"}, "id_type", "R-80"),
        ({"id_type": "98", "id_number": ""}, "no_id_reason", "R-80"),
        ({**PASSPORT, "birth_date": None}, "birth_date", ""),
        ({**PASSPORT, "sex": ""}, "sex", ""),
        ({**PASSPORT, "birth_date": date(1900, 1, 1)}, "birth_date", "R-77"),
        ({**PASSPORT, "sex": "7"}, "sex", ""),
        ({"payment": "gold"}, "payment", ""),
        ({"address": "路" * 201}, "address", ""),
        ({"contact_relation": "x" * 21}, "contact_relation", ""),
    ],
)  # fmt: skip
def test_what_a_file_must_not_say(frontdesk, changes, field, rule):
    with pytest.raises(RuleBroken) as refusal:
        register(by=frontdesk, **person(**changes))

    assert (refusal.value.field, refusal.value.rule) == (field, rule)
    assert not Patient.objects.exists()


def test_a_birth_date_in_the_future_is_refused_R77(frontdesk):
    tomorrow = timezone.localdate() + timedelta(days=1)

    with pytest.raises(RuleBroken) as refusal:
        register(by=frontdesk, **person(id_type="03", id_number="E12345678", birth_date=tomorrow))

    assert refusal.value.field == "birth_date"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0512 5812 3456", "0512-58123456"),
        ("(010)62345678", "010-62345678"),
        ("07551234567", "0755-1234567"),
    ],
)
def test_phones_are_stored_in_one_spelling_R82(frontdesk, typed, stored):
    assert register(by=frontdesk, **person(phone=typed)).phone == stored


def test_the_elderly_may_have_only_a_contact_R82(frontdesk):
    patient = register(
        by=frontdesk, **person(phone="", contact_name="王强", contact_phone="13912340086")
    )

    assert patient.phone is None


@pytest.mark.parametrize("missing", ["contact_name", "contact_relation", "contact_phone"])
def test_under_14_needs_a_guardian_with_name_relation_and_phone_R86(frontdesk, missing):
    born = timezone.localdate() - timedelta(days=5000)
    child = person(birth_date=born, id_number=id_number(born))
    guardian = {"contact_name": "王强", "contact_relation": "父亲", "contact_phone": "13912340086"}

    with pytest.raises(RuleBroken) as refusal:
        register(by=frontdesk, **child, **{**guardian, missing: ""})

    assert (refusal.value.field, refusal.value.rule) == (missing, "R-86")
    assert register(by=frontdesk, **child, **guardian).contact_relation == "父亲"


def test_nobody_needs_a_document_when_there_is_a_reason_R80(frontdesk):
    unknown = person(name="无名氏20261122", id_type="98", id_number="", no_id_reason="昏迷送来")

    patient = register(by=frontdesk, **unknown)

    assert patient.id_number is None
    assert register(by=frontdesk, **{**unknown, "name": "无名氏20261123"}).id_number is None


def test_fifteen_digits_are_filed_as_old_number_R173(frontdesk):
    patient = register(by=frontdesk, **person(id_number="320582580316402"))

    assert patient.id_type == IdType.OLD


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  王　秀 英 ", "王秀英"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("ＪＯＨＮ　Ｓｍｉｔｈ", "JOHN Smith"),
        ("王\u200b秀英", "王秀英"),
        ("\U00020bb7\U000e0100野", "\U00020bb7\U000e0100野"),
        ("\uf9fd", "\uf9fd"),  # a compatibility character stays what it is
        ("王\ue5cf", "王\ue5cf"),  # from a card reader's private area
    ],
)
def test_names_keep_rare_characters_and_lose_only_spelling_R83(frontdesk, typed, stored):
    assert register(by=frontdesk, **person(name=typed)).name == stored


def test_not_asked_has_no_confirmation_and_denied_has_R44(frontdesk):
    asked = register(by=frontdesk, **person())
    not_asked = register(
        by=frontdesk,
        **person(name="李四", id_number=id_number(BORN, 2), allergy_status="not_asked"),
    )

    assert asked.allergy_confirmed_by == frontdesk
    assert not_asked.allergy_confirmed_at is None


def test_allergies_are_mapped_to_their_group_R44(frontdesk):
    AllergyGroupFactory()

    patient = register(
        by=frontdesk,
        **person(
            allergy_status="has",
            allergies=[
                {"substance": "盘尼西林", "severity": "severe", "reaction": "休克"},
                {"substance": "花生", "severity": "mild"},
            ],
        ),
    )

    found = {a.substance: a.group_code for a in Allergy.objects.filter(patient=patient)}
    assert found == {"盘尼西林": "PCN", "花生": ""}
    assert patient.allergy_status == AllergyStatus.HAS


@pytest.mark.parametrize(
    "answer",
    [
        {"allergy_status": "has"},
        {"allergy_status": "denied", "allergies": [{"substance": "青霉素", "severity": "mild"}]},
        {"allergy_status": "maybe"},
        {"allergy_status": "has", "allergies": [{"substance": "无", "severity": "mild"}]},
        {"allergy_status": "has", "allergies": [{"substance": "青霉素", "severity": ""}]},
        {"allergy_status": "has", "allergies": [{"substance": "药" * 101, "severity": "mild"}]},
    ],
)
def test_answer_and_entries_agree_R44(frontdesk, answer):
    with pytest.raises(RuleBroken):
        register(by=frontdesk, **person(**answer))

    assert not Patient.objects.exists()
    assert not Allergy.objects.exists()


def test_messages_say_what_to_do_R155(frontdesk):
    with override("en"), pytest.raises(RuleBroken) as refusal:
        register(by=frontdesk, **person(phone="1381234567"))

    assert "11 digits, this one has 10" in refusal.value.message
    assert "Please" in refusal.value.message


def test_unknown_fields_are_a_mistake_of_ours(frontdesk):
    with pytest.raises(TypeError):
        register(by=frontdesk, record_no="P1", **person())
