"""Two files of one person become one, and two again (R-81)."""

import pytest
from django.apps import apps

from clinic.core.errors import RuleBroken
from patients import merging, merging_rows, records
from patients.models import AllergyStatus, CareFile, Change, History, Merge, NotTheSame, Patient
from patients.services import NumberTaken, add_allergy, correct, register
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.factories.registration import finished_record, open_session

pytestmark = pytest.mark.django_db


def fresh(patient: Patient) -> Patient:
    return Patient.objects.get(pk=patient.pk)


def says(patient: Patient) -> dict:
    """Every field but the counters of writing."""
    left_out = {"version", "updated_at"}
    fields = Patient._meta.concrete_fields
    return {f.attname: getattr(fresh(patient), f.attname) for f in fields if f.name not in left_out}


@pytest.fixture
def kept(db):
    return PatientFactory(name="王芳", phone=None, allergy_status=AllergyStatus.NOT_ASKED)


@pytest.fixture
def merged(doctor, frontdesk):
    """A second file of the same person, with a visit, an allergy, a history, a care file."""
    patient = AllergicPatientFactory(name="王方")
    finished_record(open_session(doctor), frontdesk, patient=patient)
    History.objects.create(patient=patient, kind="disease", code="2", recorded_by=frontdesk)
    CareFile.objects.create(
        patient=patient,
        kind="htn",
        open_key=merging_rows.open_key_of(patient, "htn"),
        facts={},
        opened_on="2026-05-01",
        opened_by=frontdesk,
    )
    return patient


def test_a_merge_moves_everything_and_its_undoing_leaves_no_trace_R81(kept, merged, frontdesk):
    before = says(kept), says(merged)

    made = merging.merge(kept=kept, merged=merged, reason="同一人", take=["name"], by=frontdesk)

    one, other = fresh(kept), fresh(merged)
    assert (other.state, other.merged_into_id, other.id_number) == ("merged", kept.pk, None)
    assert (one.name, one.pinyin, one.phone) == ("王方", "wangfang", merged.phone)
    assert one.id_number == kept.id_number  # was not asked for
    assert (one.allergy_status, one.allergies.count()) == (AllergyStatus.HAS, 1)
    assert one.visits.count() == one.histories.count() == one.care_files.count() == 1
    assert CareFile.objects.find(open_key=merging_rows.open_key_of(one, "htn")).exists()

    merging.undo(merge=made, by=frontdesk)

    assert (says(kept), says(merged)) == before
    assert fresh(merged).visits.count() == fresh(merged).care_files.count() == 1
    assert not fresh(kept).visits.exists()
    events = ["patient_merged", "merge_undone"]
    assert AuditEntry.objects.filter(event__in=events, subject=merged.pk).count() == 2


def test_a_document_goes_along_and_leads_to_the_kept_file(kept, merged, frontdesk):
    number = merged.id_number
    made = merging.merge(
        kept=kept, merged=merged, reason="同一人", take=["id_number"], by=frontdesk
    )

    assert fresh(kept).id_number == number
    with pytest.raises(NumberTaken) as refused:
        register(
            name="王方", sex="2", birth_date=None, id_type="01", id_number=number, phone="13800001111",
            by=frontdesk,
        )  # fmt: skip
    assert refused.value.patients == [kept]

    merging.undo(merge=made, by=frontdesk)

    assert (fresh(kept).id_number, fresh(merged).id_number) == (kept.id_number, number)


def test_what_came_after_the_merge_stays_with_the_kept_file(kept, merged, frontdesk):
    made = merging.merge(kept=kept, merged=merged, reason="同一人", by=frontdesk)
    add_allergy(patient=kept, substance="磺胺", severity="mild", by=frontdesk)
    one = fresh(kept)
    correct(patient=one, version=one.version, phone="13900002222", by=frontdesk)

    merging.undo(merge=made, by=frontdesk)

    one, other = fresh(kept), fresh(merged)
    assert [a.substance for a in one.allergies.all()] == ["磺胺"]
    assert (one.allergy_status, one.phone) == (AllergyStatus.HAS, "13900002222")
    assert (other.allergies.count(), other.phone) == (1, merged.phone)


def test_chains_lead_to_the_last_file_and_are_undone_from_the_end(kept, merged, frontdesk):
    last = PatientFactory()
    first = merging.merge(kept=kept, merged=merged, reason="同一人", by=frontdesk)
    merging.merge(kept=last, merged=kept, reason="同一人", by=frontdesk)
    assert fresh(merged).merged_into == last

    with pytest.raises(RuleBroken, match="R-81|undo|撤销"):
        merging.undo(merge=first, by=frontdesk)
    merging.undo(merge=Merge.objects.get(kept=last), by=frontdesk)
    merging.undo(merge=first, by=frontdesk)

    assert {one.state for one in Patient.objects.all()} == {"active"}


@pytest.mark.parametrize("case", ["itself", "merged already", "no reason", "two care files"])
def test_what_is_not_merged(case, kept, merged, frontdesk):
    reason, other = "同一人", merged
    if case == "itself":
        other = kept
    elif case == "merged already":
        merging.merge(kept=PatientFactory(), merged=merged, reason=reason, by=frontdesk)
    elif case == "no reason":
        reason = " "
    else:
        CareFile.objects.create(
            patient=kept,
            kind="htn",
            open_key=merging_rows.open_key_of(kept, "htn"),
            facts={},
            opened_on="2026-05-01",
            opened_by=frontdesk,
        )
    count = Merge.objects.count()

    with pytest.raises(RuleBroken):
        merging.merge(kept=kept, merged=other, reason=reason, by=frontdesk)

    assert Merge.objects.count() == count
    assert kept.visits.count() == 0


def test_a_pair_that_was_judged_different_is_noted_once(kept, merged, frontdesk):
    merging.judge_different(one=kept, other=merged, by=frontdesk)
    merging.judge_different(one=merged, other=kept, by=frontdesk)

    assert NotTheSame.objects.count() == 1


# Rows that name a patient and don't follow a merge, each with its reason.
STAY = {
    (Patient, "merged_into"): "leads to the kept file",
    (Change, "patient"): "what was corrected was this file",
    (Merge, "kept"): "the merge itself",
    (Merge, "merged"): "the merge itself",
    (NotTheSame, "first"): "was said of these two files",
    (NotTheSame, "second"): "was said of these two files",
}
MOVED = {
    "patients": {"Allergy", "Basics", "CareFile", "Consent", "History"},
    "registration": {"Registration", "Consultation"},
    "prescriptions": {"Prescription", "Treatment", "PainFile", "RecallContact"},
    "cashier": {"Bill"},
}


def test_every_row_that_names_a_patient_follows_a_merge_or_says_why_not():
    naming = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Patient
    }
    handled = {apps.get_model(app, name) for app, names in MOVED.items() for name in names}

    left = {(model, field) for model, field in naming if model not in handled} - set(STAY)

    assert not left
    assert len(records.merge_handlers()) + 1 == len(MOVED)
