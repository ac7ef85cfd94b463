"""Asked, denied, recorded, withdrawn, confirmed (R-44, R-147)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from clinic.core.errors import AlreadyDone, RuleBroken
from patients.allergy_groups import groups_of
from patients.banner import banner
from patients.models import Allergy, AllergyStatus, Patient
from patients.reference import load_allergy_groups
from patients.services import (
    add_allergy,
    confirm_allergies,
    set_allergy_status,
    settle_group,
    withdraw_allergy,
)
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, AllergyFactory, PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def groups():
    load_allergy_groups()


def again(patient):
    return Patient.objects.get(pk=patient.pk)


def test_the_shipped_groups_are_loaded_once(groups):
    assert load_allergy_groups() == 0


def test_a_group_that_a_pharmacist_corrected_stays_as_it_is_R157(groups):
    from patients.models import AllergyGroup

    group = AllergyGroup.objects.get(code="PCN")
    group.members = "阿莫西林"
    group.save()

    assert load_allergy_groups() == 0
    assert AllergyGroup.objects.get(code="PCN").members == "阿莫西林"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("青霉素", {"PCN"}),
        ("青霉素类", {"PCN"}),
        (" 青霉素过敏 ", {"PCN"}),
        ("盘尼西林", {"PCN"}),
        ("ｐｎｃ", {"PCN"}),
        ("阿莫西林胶囊", {"PCN"}),
        ("青霉素V钾片", {"PCN"}),
        ("头孢", {"CEPH"}),
        ("先锋霉素", {"CEPH"}),
        ("头孢克肟颗粒", {"CEPH"}),
        ("磺胺", {"SULFA"}),
        ("复方新诺明片", {"SULFA"}),
        ("青链霉素", {"PCN", "AMINO"}),
        ("不详", {"UNKNOWN"}),
        ("药名不详(消炎针)", {"UNKNOWN"}),
        ("记不清", {"UNKNOWN"}),
        ("碘", {"IODINE"}),
        ("胺碘酮", {"IODINE"}),
        ("鱼腥草", set()),
        ("花生", set()),
        ("", set()),
        ("Penicillin", set()),
    ],
)
def test_words_lead_to_groups_R44(groups, text, codes):
    assert {group.code for group in groups_of(text)} == codes


def test_an_allergy_makes_the_status_has_R44(groups, nurse):
    patient = PatientFactory(allergy_status="not_asked")

    allergy = add_allergy(
        patient=patient, by=nurse, substance="阿莫西林", severity="moderate", reaction="皮疹"
    )

    assert again(patient).allergy_status == AllergyStatus.HAS
    assert again(patient).allergy_confirmed_by == nurse
    assert (allergy.group_code, allergy.recorded_by) == ("PCN", nurse)


def test_an_ambiguous_word_is_recorded_under_each_group(groups, nurse):
    patient = PatientFactory()

    add_allergy(patient=patient, by=nurse, substance="青链霉素", severity="severe")

    assert {a.group_code for a in patient.allergies.all()} == {"PCN", "AMINO"}


def test_a_group_found_by_words_waits_for_a_doctor_one_that_a_doctor_named_does_not_R44(
    groups, nurse, doctor
):
    patient = PatientFactory()
    found = add_allergy(patient=patient, by=nurse, substance="青霉素过敏", severity="severe")
    named = add_allergy(
        patient=patient, by=doctor, substance="消炎针", severity="mild", group_code="CEPH",
        source="papers", since="2019年5月",
    )  # fmt: skip
    assert (found.group_code, found.group_confirmed_by) == ("PCN", None)
    assert (named.group_confirmed_by, named.source, named.since) == (doctor, "papers", "2019-05")
    assert [a["is_sure"] for a in banner(again(patient))["allergies"]] == [False, True]
    with pytest.raises(RuleBroken):
        settle_group(allergy=found, group_code="PCN", by=nurse)

    settle_group(allergy=found, group_code="PCN", by=doctor)

    found.refresh_from_db()
    assert found.group_confirmed_by == doctor


def test_another_group_makes_a_new_entry_and_withdraws_the_old_one_R44_R147(groups, nurse, doctor):
    patient = PatientFactory()
    old = add_allergy(
        patient=patient, by=nurse, substance="阿莫西林", severity="severe", reaction="休克",
        since="2019",
    )  # fmt: skip

    new = settle_group(allergy=old, group_code="CEPH", by=doctor)
    none = settle_group(allergy=new, group_code="", by=doctor)

    assert again(patient).allergy_status == AllergyStatus.HAS
    assert (none.group_code, none.substance, none.reaction, none.since) == (
        "", "阿莫西林", "休克", "2019",
    )  # fmt: skip
    states = {a.group_code: (a.state, a.withdrawn_by) for a in patient.allergies.all()}
    assert states == {
        "PCN": ("withdrawn", doctor), "CEPH": ("withdrawn", doctor), "": ("active", None),
    }  # fmt: skip
    with pytest.raises(AlreadyDone):
        settle_group(allergy=old, group_code="PCN", by=doctor)
    with pytest.raises(RuleBroken):
        settle_group(allergy=none, group_code="NO_SUCH", by=doctor)


def test_of_a_word_of_two_groups_the_wrong_one_is_taken_out(groups, nurse, doctor):
    patient = PatientFactory()
    add_allergy(patient=patient, by=nurse, substance="青链霉素", severity="severe")
    wrong = next(a for a in patient.allergies.all() if a.group_code == "AMINO")

    settle_group(allergy=wrong, group_code="PCN", by=doctor)

    active = [a for a in patient.allergies.all() if a.state == Allergy.State.ACTIVE]
    assert [(a.group_code, a.group_confirmed_by) for a in active] == [("PCN", doctor)]


def test_unknown_drug_can_be_recorded_even_without_reference_data_R44(nurse):
    patient = PatientFactory()

    allergy = add_allergy(
        patient=patient, by=nurse, group_code="UNKNOWN", substance="药名不详", severity="moderate"
    )

    assert allergy.group_code == "UNKNOWN"


@pytest.mark.parametrize(
    "entry",
    [
        {"substance": "", "severity": "mild"},
        {"substance": "无", "severity": "mild"},
        {"substance": "青霉素", "severity": "deadly"},
        {"substance": "青霉素", "severity": "mild", "group_code": "NO_SUCH"},
        {"substance": "青霉素", "severity": "mild", "source": "neighbour"},
        {"substance": "青霉素", "severity": "mild", "since": "2999"},
        {"substance": "青霉素", "severity": "mild", "since": "1950"},
        {"substance": "药" * 101, "severity": "mild"},
        {"substance": "青霉素", "severity": "mild", "reaction": "疹" * 201},
    ],
)
def test_entries_that_say_nothing_are_refused(groups, nurse, entry):
    patient = PatientFactory(allergy_status="not_asked")

    with pytest.raises(RuleBroken):
        add_allergy(patient=patient, by=nurse, **entry)

    assert again(patient).allergy_status == AllergyStatus.NOT_ASKED
    assert not Allergy.objects.exists()


def test_the_same_allergy_is_not_recorded_twice(groups, nurse):
    patient = AllergicPatientFactory()

    with pytest.raises(RuleBroken):
        add_allergy(patient=patient, by=nurse, substance="青霉素", severity="mild")

    assert patient.allergies.count() == 1


def test_a_withdrawn_allergy_stays_in_the_history_R147(doctor):
    patient = AllergicPatientFactory()
    AllergyFactory(patient=patient, substance="头孢拉定", group_code="CEPH")
    first, _second = patient.allergies.order_by("recorded_at")

    withdraw_allergy(allergy=first, by=doctor)

    first.refresh_from_db()
    assert (first.state, first.withdrawn_by) == ("withdrawn", doctor)
    assert again(patient).allergy_status == AllergyStatus.HAS


def test_after_the_last_withdrawal_the_patient_is_to_be_asked_again_R44(doctor):
    patient = AllergicPatientFactory()

    withdraw_allergy(allergy=patient.allergies.get(), by=doctor)

    assert again(patient).allergy_status == AllergyStatus.NOT_ASKED
    assert again(patient).allergy_confirmed_at is None


def test_a_second_withdrawal_does_nothing(doctor):
    allergy = AllergicPatientFactory().allergies.get()
    withdraw_allergy(allergy=allergy, by=doctor)

    with pytest.raises(AlreadyDone):
        withdraw_allergy(allergy=allergy, by=doctor)


@pytest.mark.parametrize("status", ["denied", "not_asked", "has", "maybe"])
def test_the_answer_cannot_contradict_the_entries_R44(nurse, status):
    patient = AllergicPatientFactory()

    with pytest.raises(RuleBroken):
        set_allergy_status(patient=patient, status=status, by=nurse)

    assert again(patient).allergy_status == AllergyStatus.HAS


def test_denied_is_noted_with_person_and_time_R44(nurse):
    patient = PatientFactory(allergy_status="not_asked")

    set_allergy_status(patient=patient, status="denied", by=nurse)

    assert again(patient).allergy_confirmed_by == nurse


def test_nothing_is_confirmed_before_somebody_asked_R44(nurse):
    patient = PatientFactory(allergy_status="not_asked")

    with pytest.raises(RuleBroken):
        confirm_allergies(patient=patient, by=nurse)


def test_confirming_again_renews_the_date_R44(nurse):
    patient = AllergicPatientFactory()
    notes = {}
    for days in (0, 40, 200):
        patient.allergy_confirmed_at = timezone.now() - timedelta(days=days)
        patient.save()
        with override("en"):
            notes[days] = banner(patient)["allergy_note"]
    assert "ago" not in notes[0]
    assert "1 month ago" in notes[40]
    assert notes[200] == "Last asked 6 months ago, please ask again"

    confirm_allergies(patient=patient, by=nurse)

    with override("en"):
        assert "Confirmed" in banner(again(patient))["allergy_note"]


def test_the_banner_shows_severe_ones_first_and_only_those_in_force_R44(doctor):
    patient = PatientFactory(allergy_status="has")
    AllergyFactory(patient=patient, substance="磺胺类", group_code="SULFA", severity="mild")
    AllergyFactory(patient=patient)
    withdrawn = AllergyFactory(patient=patient, substance="头孢", group_code="CEPH")
    withdraw_allergy(allergy=withdrawn, by=doctor)

    shown = banner(patient)["allergies"]

    assert [(a["label"], a["severe"]) for a in shown] == [("青霉素", True), ("磺胺类", False)]


def test_the_banner_offers_the_link_only_to_those_who_may(doctor, pharmacist):
    patient = PatientFactory()

    assert "allergy_url" in banner(patient, user=doctor)
    assert "allergy_url" not in banner(patient, user=pharmacist)


def test_no_substance_reaches_the_audit_log(nurse):
    patient = PatientFactory()

    add_allergy(patient=patient, by=nurse, substance="青霉素", severity="severe", reaction="休克")

    written = "".join(f"{e.changes}{e.payload}" for e in AuditEntry.objects.all())
    assert "青霉素" not in written
    assert "休克" not in written
