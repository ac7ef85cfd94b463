"""Every kind of identity, and every wrong entry of it, on the form (R-56, R-76 to R-86)."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from patients.born import read_born, written
from patients.duplicates import look_alike
from patients.forms import RARE
from patients.health_no import boxes
from patients.models import Patient
from patients.search import find_patients
from patients.services import NumberTaken, PossibleDuplicate, correct, register
from patients.unnamed import open_unnamed
from security.models import AuditEntry
from tests.factories.patients import PatientFactory, id_number
from tests.helpers import post_ok
from tests.patients.pages import BORN, typed, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
TODAY = date(2026, 11, 28)
BABY = timezone.localdate() - timedelta(days=3)
MOTHER = id_number(date(1995, 4, 2), 7)
HEALTH_NO = "32058210110300045"
PERSON = {"id_number": "", "birth_date": "1980-05-05", "sex": "2"}
PASSPORT = {**PERSON, "id_type": "03", "id_number": "E12345678"}
NONE = {**PERSON, "id_type": "98", "no_id_reason": "年长未办证"}


def newborn(**changes) -> dict:
    """A girl of three days without any document, as the form is filled in for her."""
    return {
        **NONE,
        "no_id_reason": "新生儿",
        "name": "",
        "birth_date": BABY.isoformat(),
        "phone": "",
        "contact_name": "李梅",
        "contact_phone": "13800001111",
        "contact_relation": "母亲",
        "mother_id_number": MOTHER,
        "birth_time": "03:25",
        **changes,
    }


WRONG = [
    # resident ID numbers
    ({"id_number": "11010519491231002"}, "id_number", "18 characters, this one has 17"),
    ({"id_number": "110105194912310021"}, "id_number", "last character"),
    ({"id_number": "1101051949X231002X"}, "id_number", "only the last may be X"),
    ({"id_number": "440524188001010014"}, "id_number", "birth date in the document number"),
    ({"id_number": id_number(timezone.localdate() + timedelta(days=1))}, "id_number", "birth date"),
    ({"id_number": id_number(BORN), "birth_date": "1958-03-17"}, "birth_date", "compare"),
    ({"id_number": id_number(BORN), "birth_date": "1959"}, "birth_date", "compare"),
    ({"id_number": id_number(BORN), "sex": "1"}, "sex", "another sex"),
    ({"id_type": "02", "id_number": "110105194912310021"}, "id_number", "last character"),
    # dates
    ({**PASSPORT, "birth_date": "2999-01-01"}, "birth_date", "future"),
    ({**PASSPORT, "birth_date": "2999"}, "birth_date", "future"),
    ({**PASSPORT, "birth_date": "1900"}, "birth_date", "over 120"),
    ({**PASSPORT, "birth_date": "1980-13"}, "birth_date", "no date"),
    ({**PASSPORT, "birth_date": ""}, "birth_date", "only the year"),
    # other documents
    ({**PERSON, "id_type": "19", "id_number": "32058258031640"}, "id_number", "15 digits"),
    ({**PASSPORT, "id_number": "E12"}, "id_number", "5 to 20"),
    ({**PASSPORT, "id_number": "ABCDEF"}, "id_number", "5 to 20"),
    ({**PERSON, "id_type": "06", "id_number": "K12345678"}, "id_number", "H or M"),
    ({**PERSON, "id_type": "07", "id_number": "1234567"}, "id_number", "8 digits"),
    ({**PERSON, "id_type": "12", "id_number": id_number(BORN)}, "id_number", "81, 82 or 83"),
    ({**PERSON, "id_type": "13", "id_number": "USA12345"}, "id_number", "3 letters and 12"),
    ({**PERSON, "id_type": "11", "id_number": "1234567890"}, "id_number", "a letter and 9"),
    ({**PERSON, "id_type": "04", "id_number": "军"}, "id_number", "at least 4"),
    ({**PERSON, "id_type": "05", "id_number": "12345"}, "id_number", "18 characters, or 12"),
    ({**PERSON, "id_type": "05", "id_number": "110105194912310021"}, "id_number", "last char"),
    ({**PERSON, "id_type": "99", "id_number": "无"}, "id_number", "at least 4"),
    # none, newborn
    ({**NONE, "no_id_reason": ""}, "no_id_reason", "a reason is needed"),
    ({**NONE, "id_number": "E12345678"}, "id_type", "A number is written"),
    ({**NONE, "phone": ""}, "phone", "A phone is missing"),
    (newborn(mother_id_number="110105194912310021"), "mother_id_number", "can't be right"),
    (newborn(mother_id_number=id_number(date(1995, 1, 1), sex="1")), "mother_id_number", "a man"),
    (newborn(mother_id_number=id_number(date(2019, 1, 1))), "mother_id_number", "under 10"),
    (newborn(mother_id_number="。。"), "mother_id_number", "letters and digits"),
    (newborn(id_type="01", id_number=MOTHER, name="李小"), "id_number", "the mother's number"),
    (newborn(birth_time="25:00"), "birth_time", "no time"),
    (newborn(contact_name=""), "name", "name is missing"),
    # phones
    ({"phone": "1381234567"}, "phone", "11 digits, this one has 10"),
    ({"phone": "58123456"}, "phone", "area code"),
    ({"contact_phone": "13800001111"}, "contact_name", "Whose phone"),
    # names
    ({"name": "王😀"}, "name", "can't be part of a name"),
    ({"name": "·"}, "name", "at least one letter"),
    ({"reading": "wang xiu"}, "reading", "3 characters, the pinyin 2"),
    ({"reading": "王秀英"}, "reading", "letters"),
    ({"reading": "wang xiu 1"}, "reading", "letters"),
    #
    ({"payment": "gold"}, "payment", "gold"),
    (newborn(contact_phone="", phone="13800001111"), "contact_phone", "guardian"),
    (newborn(name="小李", contact_relation=""), "contact_relation", "guardian"),
    # the health record
    ({"health_no": "3205821011030004"}, "health_no", "17 digits, this one has 16"),
    ({"health_no": "3205821011030004X"}, "health_no", "digits only"),
    ({"health_no": "99058210110300045"}, "health_no", "no town"),
    ({"health_no": "32058200010300045"}, "health_no", "no town"),
    ({"health_no": "32058210120300045"}, "health_no", "no committee"),
    ({"health_no": "32058210110000045"}, "health_no", "no committee"),
    ({"health_no": "32058210110300000"}, "health_no", "00001"),
]  # fmt: skip


def test_every_wrong_entry_is_told_at_its_field_and_nothing_typed_is_lost(frontdesk, as_):
    client, failed = as_(frontdesk), []
    for changes, field, said in WRONG:
        response = client.post(reverse("patient_new"), typed(**changes))

        form = response.context["form"]
        told = " ".join(form.errors.get(field, []))
        kept = all(form[name].value() == value for name, value in changes.items() if value)
        opened = '<details class="fold pb-2" open>' in words(response)
        if said not in told or not kept or (field in RARE and not opened):
            failed.append((changes, field, dict(form.errors), kept, opened))
    assert failed == []
    assert not Patient.objects.exists()


def test_every_kind_of_document_opens_a_file_R76_R79_R173(frontdesk):
    born = date(1980, 5, 5)
    kinds = {
        "01": id_number(born, 1), "02": id_number(born, 2), "03": "E12345678", "04": "军字第10234",
        "05": id_number(born, 3), "06": "H12345678", "07": "12345678",
        "12": id_number(born, 4, area=810000), "13": "USA310000123456", "11": "T320123456",
        "19": "320582800505123", "99": "海员证A0012345",
    }  # fmt: skip
    for n, (kind, number) in enumerate(kinds.items()):
        patient = register(
            name="钱" + "一二三四五六七八九十甲乙"[n], id_type=kind, id_number=number,
            sex="2", birth_date=born, phone="13800001111", by=frontdesk,
        )  # fmt: skip

        assert (patient.id_type, len(patient.id_number) > 3) == (kind, True)
    assert Patient.objects.count() == len(kinds)


def test_a_driving_licence_is_known_by_the_number_of_its_holder_R81(frontdesk):
    PatientFactory(birth_date=BORN, id_number=id_number(BORN))

    with pytest.raises(NumberTaken):
        register(
            name="王秀英", id_type="05", id_number=id_number(BORN), phone="13800001111",
            by=frontdesk,
        )  # fmt: skip


def test_a_newborn_is_called_after_its_mother_and_upgraded_later_R80(frontdesk, as_):
    post_ok(as_(frontdesk), reverse("patient_new"), typed(**newborn()))

    baby = Patient.objects.get()
    assert (baby.name, baby.mother_id_number) == ("李梅之女", MOTHER)
    assert f"{baby.birth_time:%H:%M}" == "03:25"
    named = correct(
        patient=baby, by=frontdesk, version=1, name="李小满", id_type="11", id_number="T320123456"
    )
    assert (named.pk, named.record_no, named.name) == (baby.pk, baby.record_no, "李小满")
    assert named.mother_id_number == MOTHER


def test_the_page_of_a_newborn_has_everything_filled_that_is_the_same_of_all_R80(frontdesk, as_):
    response = as_(frontdesk).get(reverse("patient_new") + "?as=newborn")

    form = response.context["form"]
    assert (form["id_type"].value(), form["contact_relation"].value()) == ("98", "Mother")
    assert form["birth_date"].value() == timezone.localdate().isoformat()
    assert '<details class="fold pb-2" open>' in words(response)


def test_the_same_mother_and_birthday_are_shown_and_a_twin_passes_R81(frontdesk, as_):
    client = as_(frontdesk)
    post_ok(client, reverse("patient_new"), typed(**newborn()))
    first = Patient.objects.get()
    again = typed(**newborn(name="李小满", contact_phone="13900002222"))

    shown = client.post(reverse("patient_new"), again)
    post_ok(
        client,
        reverse("patient_new"),
        {**again, "different": "save", "seen": [str(first.pk)], "once": str(uuid.uuid4())},
    )

    assert "same mother" in words(shown) and first.record_no in words(shown)
    assert Patient.objects.count() == 2


def test_one_click_opens_a_file_for_nobody_knows_whom_and_a_correction_names_it_R80(nurse, as_):
    client = as_(nurse)
    known = PatientFactory(name="周大山", sex="1", birth_date=date(1971, 2, 3))

    for age in ("45", "45"):
        click = {"age": age, "sex": "1", "once": uuid.uuid4()}
        response = post_ok(client, reverse("patient_unnamed"), click)

    one, two = Patient.objects.filter(is_unnamed=True).order_by("record_no")
    today = timezone.localdate()
    assert [one.name, two.name] == [f"无名氏{today:%Y%m%d}00{n}" for n in (1, 2)]
    assert (one.birth_precision, one.birth_date.year) == ("year", today.year - 45)
    assert one.age_text == "about 45 y"
    assert response["Location"] == reverse("registration_new", args=[two.pk])
    edit = reverse("patient_edit", args=[one.pk])
    page = client.get(edit)
    assert "not complete" in words(page)
    form = page.context["form"]
    named = {name: form[name].value() or "" for name in form.fields}
    named |= {"name": "周大山", "birth_date": "1971-02-03", "phone": "13800001111", "then": "save"}
    saved = client.post(edit, {**named, "once": uuid.uuid4()}, follow=True)
    one.refresh_from_db()
    assert (one.name, one.is_unnamed, one.birth_precision) == ("周大山", False, "day")
    assert known.record_no in words(saved)  # to be compared, perhaps merged


def test_a_guess_of_the_age_that_makes_no_sense_opens_nothing(nurse, as_):
    for age in ("", "x", "121", "-1", "²", "9" * 400):
        response = as_(nurse).post(reverse("patient_unnamed"), {"age": age, "sex": "9" * 40})

        assert response.status_code == 302, age
    assert not Patient.objects.exists()


def test_who_has_a_document_is_not_unnamed_any_more_R80(frontdesk):
    patient = open_unnamed(age=45, by=frontdesk)

    with pytest.raises(RuleBroken) as refusal:
        correct(
            patient=patient, by=frontdesk, version=1, id_type="03", id_number="E12345678"
        )  # fmt: skip

    assert refusal.value.field == "name"


def test_a_birth_date_is_kept_as_far_as_it_is_known_R77(frontdesk, as_):
    client = as_(frontdesk)
    read = {
        "1958-03-16": "1958-03-16", "1958.3.16": "1958-03-16", "１９５８0316": "1958-03-16",
        "1958年3月16日": "1958-03-16", "1958-3": "1958-03", "1958年3月": "1958-03",
        "约1958年": "1958", "1958": "1958", "68岁": "1958",
    }  # fmt: skip
    for text, stands in read.items():
        assert written(*read_born(text.translate(WIDE), TODAY)) == stands, text
    for text in ("", "0000", "1958-13", "16/3/1958", "195803", "1958-02-30", "²岁"):
        with pytest.raises(ValueError):
            read_born(text, TODAY)
    post_ok(client, reverse("patient_new"), typed(**{**NONE, "birth_date": "1958-03"}))

    patient = Patient.objects.get()
    assert (patient.birth_date, patient.birth_precision) == (date(1958, 3, 1), "month")
    assert patient.age_text.startswith("about")
    form = client.get(reverse("patient_edit", args=[patient.pk])).context["form"]
    assert form["birth_date"].value() == "1958-03"


WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def test_a_document_completes_a_date_known_in_part_without_asking_R77(frontdesk):
    patient = PatientFactory(
        birth_date=date(1958, 1, 1), birth_precision="year", id_type="98", id_number=None,
        no_id_reason="未带",
    )  # fmt: skip

    saved = correct(
        patient=patient, by=frontdesk, version=1, id_type="01", id_number=id_number(BORN)
    )

    assert (saved.birth_date, saved.birth_precision) == (BORN, "day")


@pytest.mark.parametrize(("stored", "typed_day"), [("year", "day"), ("day", "year")])
def test_a_date_known_in_part_still_finds_the_same_person_R81(frontdesk, stored, typed_day):
    days = {"year": date(1958, 1, 1), "day": BORN}
    first = PatientFactory(name="王秀英", birth_date=days[stored], birth_precision=stored)

    with pytest.raises(PossibleDuplicate) as refusal:
        register(
            name="王秀英", sex="2", birth_date=days[typed_day], birth_precision=typed_day,
            id_type="98", no_id_reason="未带", phone="13900000001", by=frontdesk,
        )  # fmt: skip

    assert refusal.value.patients == [first]
    assert look_alike(first) == []


def test_a_rare_name_is_found_by_the_pinyin_written_beside_it_R83(frontdesk):
    person = {"id_type": "03", "birth_date": BORN, "sex": "2", "phone": "13800001111"}
    rare = register(
        name="\U00020bb7\ue5cf", id_number="E10000001", reading=" Tuō  yǎn ", by=frontdesk, **person
    )
    register(
        name="阿依古丽·买买提", id_number="E10000002", reading="Aygul Memet", by=frontdesk, **person
    )

    assert rare.reading == "Tuō yǎn"
    assert [p.name for p in find_patients("tuoyan")] == [rare.name]
    assert [p.name for p in find_patients("TY")] == [rare.name]
    assert [p.name for p in find_patients("aygulm")] == ["阿依古丽·买买提"]
    renamed = correct(patient=rare, by=frontdesk, version=1, name="王燕")
    assert (renamed.reading, renamed.pinyin) == ("", "wangyan")


def test_a_health_record_number_belongs_to_one_person_R56_R81(frontdesk, as_):
    first = PatientFactory(health_no=HEALTH_NO)

    response = as_(frontdesk).post(
        reverse("patient_new"), typed(health_no="320582-101-103-00045", paper_no="旧 0123")
    )

    assert first.record_no in words(response)
    assert 'name="different"' not in words(response)
    assert boxes(HEALTH_NO) == "103-00045"
    assert boxes(None) == "□□□-□□□□□"
    saved = correct(patient=first, by=frontdesk, version=1, health_no="3205821011030004６")
    assert saved.health_no == "32058210110300046"


def test_numbers_of_newborns_and_files_stand_in_no_audit_entry(frontdesk, as_):
    more = newborn(health_no=HEALTH_NO, paper_no="旧0123")
    post_ok(as_(frontdesk), reverse("patient_new"), typed(**more))

    text = "".join(f"{e.changes}{e.payload}" for e in AuditEntry.objects.all())
    for value in (MOTHER, HEALTH_NO, "旧0123", "李梅"):
        assert value not in text
