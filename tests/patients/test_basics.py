"""The basic information form and the histories (R-59, R-60, R-62, R-147)."""

from datetime import date

import pytest
from django.utils.translation import override

from clinic.core.errors import AlreadyDone, RuleBroken
from patients.allergy_codes import form_codes
from patients.basics import (
    BasicsChanged,
    add_history,
    basics_of,
    histories_of,
    withdraw_history,
    write_basics,
)
from patients.basics_rules import ILL, Entry
from patients.models import Basics, Change, History
from patients.since import tidy_since
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, AllergyFactory, PatientFactory

pytestmark = pytest.mark.django_db
ANSWERS = {
    "residence": "1", "ethnic": "03", "abo": "1", "rh": "2", "education": "7", "occupation": "4",
    "marital_form": "2", "payment": ["8", "3"], "payment_other": "医疗救助", "exposure": ["1"],
    "disability": ["2", "5"], "kitchen": "2", "fuel": "6", "fuel_other": "电", "water": "1",
    "toilet": "1", "livestock": "1",
}  # fmt: skip
PRESSURE = Entry("disease", "2", since="2015-06", place="disease_2")
GALL = Entry("surgery", text="胆囊切除术", since="2009", place="surgery_0")


def refused(**changes) -> RuleBroken:
    """What the form says to one wrong answer, on an otherwise empty form."""
    with pytest.raises(RuleBroken) as refusal:
        write_basics(**{"answers": {}, "version": 0, **changes})
    return refusal.value


def test_everything_on_the_form_is_kept_and_nothing_of_it_reaches_the_audit_log_R59(nurse):
    patient = PatientFactory()

    write_basics(
        patient=patient, by=nurse, version=0, answers=ANSWERS, workplace="青溪粮站",
        genetic="血友病", entries=[PRESSURE, GALL, Entry("family", "3", relative="mother")],
    )  # fmt: skip

    basics = basics_of(patient)
    assert basics.answers == {**ANSWERS, "payment": ["3", "8"]}
    assert (basics.workplace, basics.genetic, basics.version) == ("青溪粮站", "血友病", 1)
    assert (basics.histories, basics.written_by) == (Basics.Histories.HAS, nurse)
    assert [(h.kind, h.code, h.text, h.relative, h.since) for h in histories_of(patient)] == [
        ("disease", "2", "", "", "2015-06"),
        ("surgery", "", "胆囊切除术", "", "2009"),
        ("family", "3", "", "mother", ""),
    ]
    assert not Change.objects.exists()  # the first time is no correction
    written = "".join(f"{e.changes}{e.payload}" for e in AuditEntry.objects.all())
    assert not [word for word in ("粮站", "血友病", "胆囊", "医疗救助") if word in written]


def test_each_wrong_answer_is_refused_at_its_field_R59(nurse):
    patient, born = PatientFactory(), date(1960, 3, 16)
    assert patient.birth_date == born
    illness = lambda **values: [Entry(**{"kind": "disease", "code": "2", "place": "x", **values})]  # noqa: E731
    wrong = [
        ({"answers": {"exposure": ["1", "3"]}}, "exposure"),
        ({"answers": {"disability": ["1", "2"]}}, "disability"),
        ({"answers": {"payment": ["8"]}}, "payment_other"),
        ({"answers": {"payment": ["1"], "payment_other": "救助"}}, "payment_other"),
        ({"answers": {"fuel": "6"}}, "fuel_other"),
        ({"answers": {"fuel": "6", "fuel_other": "电" * 51}}, "fuel_other"),
        ({"answers": {"ethnic": "57"}}, "ethnic"),
        ({"answers": {"payment": ["x"]}}, "payment"),
        ({"entries": illness(since="1960-02")}, "x_since"),
        ({"entries": illness(since="1959")}, "x_since"),
        ({"entries": illness(since="2999-01")}, "x_since"),
        ({"entries": illness(since="2015-13")}, "x_since"),
        ({"entries": illness(since="去年")}, "x_since"),
        ({"entries": illness(code="1")}, "x"),
        ({"entries": illness(code="14")}, "x"),
        ({"entries": illness(code="13")}, "x_text"),
        ({"entries": illness(kind="surgery", code="")}, "x_text"),
        ({"entries": illness(kind="surgery", text="手术", code="2")}, "x"),
        ({"entries": illness(kind="family", relative="uncle")}, "x"),
        ({"entries": illness() + illness(since="2015")}, "x"),
        ({"entries": illness(), "answers": {"none": ["disease"]}}, "none_disease"),
        ({"entries": illness(), "status": "denied"}, "histories"),
        ({"entries": illness(), "status": "not_asked"}, "histories"),
        ({"status": "has"}, "histories"),
        ({"status": "perhaps"}, "histories"),
        ({"genetic": "血友病", "answers": {"none": ["genetic"]}}, "none_genetic"),
        ({"workplace": "厂" * 101}, "workplace"),
    ]

    for changes, field in wrong:
        assert refused(patient=patient, by=nurse, **changes).field == field, changes

    assert not Basics.objects.exists()
    assert not History.objects.exists()


def test_children_below_seven_do_not_fill_the_form_R59(nurse):
    child = PatientFactory(birth_date=date(date.today().year - 6, 1, 1))

    assert refused(patient=child, by=nurse, answers=ANSWERS).rule == "R-59"


def test_the_month_is_read_as_people_write_it_and_compared_as_far_as_it_is_known_R59():
    patient = PatientFactory.build(birth_date=date(1960, 1, 1), birth_precision="year")
    read = lambda text: tidy_since(  # noqa: E731
        text, field="since", patient=patient, today=date(2026, 3, 2)
    )

    typed = {
        "2015": "2015", "2015年": "2015", "2015-6": "2015-06", "2015.06": "2015-06",
        "２０１５／６": "2015-06", "2015年6月": "2015-06", "2015年6月3日": "2015-06-03",
        "201506": "2015-06", "20150603": "2015-06-03", " ": "", "2026-03": "2026-03",
        "2026": "2026", "1960": "1960", "1960-01": "1960-01",
    }  # fmt: skip

    assert {text: read(text) for text in typed} == typed
    for text in ("15", "2015-00", "2015-02-30", "2026-04", "2026-03-03", "1959-12"):
        with pytest.raises(RuleBroken):
            read(text)


def test_the_answer_about_earlier_illness_follows_what_is_written_R62(nurse):
    patient, Answer = PatientFactory(), Basics.Histories
    states = []

    def write(**changes):
        basics = write_basics(patient=patient, by=nurse, version=len(states), **changes)
        states.append((basics.histories, basics.asked_on is not None))

    write(answers={"abo": "1"})
    write(status="denied")
    write(answers={"none": list(ILL)}, entries=[])
    write(answers={}, entries=[GALL])
    write(answers={"none": list(ILL)}, entries=[])
    write(status="not_asked")

    assert states == [
        (Answer.NOT_ASKED, False),
        (Answer.DENIED, True),
        (Answer.DENIED, True),
        (Answer.HAS, True),
        (Answer.DENIED, True),
        (Answer.NOT_ASKED, False),
    ]
    assert basics_of(patient).answers == {}


def test_a_colleagues_change_is_not_overwritten(nurse, doctor):
    patient = PatientFactory()
    write_basics(patient=patient, by=nurse, version=0, answers={"abo": "1"})
    add_history(patient=patient, by=doctor, kind="disease", code="3", since="2018")

    with pytest.raises(BasicsChanged) as refusal:
        write_basics(patient=patient, by=nurse, version=1, answers={"abo": "2"}, entries=[])

    assert refusal.value.basics.version == 2
    assert basics_of(patient).answers == {"abo": "1"}
    assert [h.code for h in histories_of(patient)] == ["3"]


def test_a_correction_keeps_what_stood_there_and_withdraws_nothing_else_R60_R147(nurse, doctor):
    patient = PatientFactory()
    write_basics(patient=patient, by=nurse, version=0, answers=ANSWERS, entries=[PRESSURE, GALL])
    earlier = Entry("disease", "2", since="2012-01", place="disease_2")

    write_basics(
        patient=patient, by=doctor, version=1, answers={**ANSWERS, "abo": "3"},
        entries=[earlier, GALL], reason="看了旧病历",
    )  # fmt: skip

    (change,) = Change.objects.all()
    assert (change.what, change.version, change.made_by) == ("basics", 2, doctor)
    assert change.fields == {
        "abo": ["1", "3"],
        "disease": [[{"code": "2", "since": "2015-06"}], [{"code": "2", "since": "2012-01"}]],
    }
    rows = {(h.code, h.since, h.state, h.withdrawn_by) for h in History.objects.all()}
    assert rows == {
        ("2", "2015-06", "withdrawn", doctor),
        ("2", "2012-01", "active", None),
        ("", "2009", "active", None),
    }


def test_the_same_answers_again_are_no_correction(nurse):
    patient = PatientFactory()
    write_basics(patient=patient, by=nurse, version=0, answers=ANSWERS, entries=[GALL, PRESSURE])

    saved = write_basics(
        patient=patient, by=nurse, version=1, answers=ANSWERS, entries=[PRESSURE, GALL]
    )

    assert saved.version == 1
    assert not Change.objects.exists()
    assert History.objects.count() == 2


def test_a_history_is_added_and_withdrawn_by_itself_R147(nurse):
    patient = PatientFactory()
    write_basics(patient=patient, by=nurse, version=0, status="denied")

    row = add_history(patient=patient, by=nurse, kind="disease", text="痛风", since="2019")

    assert (row.code, row.text) == ("13", "痛风")
    assert basics_of(patient).histories == Basics.Histories.HAS
    assert basics_of(patient).answers == {"none": ["surgery", "trauma", "transfusion"]}
    for again in ({"text": "痛风", "since": "2019"},):
        with pytest.raises(AlreadyDone):
            add_history(patient=patient, by=nurse, kind="disease", **again)

    withdraw_history(history=row, by=nurse)

    assert basics_of(patient).histories == Basics.Histories.NOT_ASKED
    assert [c.version for c in Change.objects.order_by("version")] == [2, 3]
    with pytest.raises(AlreadyDone):
        withdraw_history(history=row, by=nurse)


def test_allergies_become_the_short_list_of_the_form_by_meaning_R61():
    patient = AllergicPatientFactory()
    for group, word in [
        ("PCN", "阿莫西林"), ("SULFA", "复方新诺明"), ("AMINO", "链霉素"), ("AMINO", "庆大霉素"),
        ("UNKNOWN", "消炎针"), ("CEPH", "头孢"),
    ]:  # fmt: skip
        AllergyFactory(patient=patient, group_code=group, substance=word)
    withdrawn = AllergyFactory(patient=patient, group_code="", substance="花生")
    withdrawn.state = "withdrawn"

    with override("zh-hans"):
        mapped = form_codes("has", [*patient.allergies.exclude(pk=withdrawn.pk), withdrawn])

    assert mapped[0] == ["2", "3", "4", "5"]
    assert (
        set(mapped[1].split("、")) == {"庆大霉素", "头孢", "药名不详"}
        or "drug not known" in mapped[1]
    )
    assert form_codes("denied", []) == (["1"], "")
    assert form_codes("not_asked", []) == ([], "")
