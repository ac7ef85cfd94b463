"""Two files of one person become one, and two again (R-81)."""

from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core.errors import RuleBroken
from patients import merging, merging_rows, records
from patients.models import (
    AllergyStatus,
    CareFile,
    Change,
    Export,
    History,
    Merge,
    NamePart,
    NotTheSame,
    Patient,
)
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
        person = {"name": "王方", "sex": "2", "birth_date": None, "phone": "13800001111"}
        register(**person, id_type="01", id_number=number, by=frontdesk)
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
    (Export, "patient"): "what went out was this file",
    (NamePart, "patient"): "made of this file's own name",
    (Patient, "merged_into"): "leads to the kept file",
    (Change, "patient"): "what was corrected was this file",
    (Merge, "kept"): "the merge itself",
    (Merge, "merged"): "the merge itself",
    (NotTheSame, "first"): "was said of these two files",
    (NotTheSame, "second"): "was said of these two files",
}
MOVED = {
    "patients": {"Allergy", "Basics", "CareFile", "Consent", "History", "Received"},
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


def test_alike_files_are_listed_compared_and_merged_or_told_apart(as_, frontdesk):
    twins = [PatientFactory(name="李娜", birth_date=date(1990, 2, 3)) for _n in range(3)]
    PatientFactory(name="李娜", birth_date=date(1990, 2, 4))
    client = as_(frontdesk)
    one, other, third = twins
    here = reverse("patient_merge", args=[one.pk])

    listed = client.get(reverse("duplicate_list")).context["pairs"]
    client.post(reverse("patient_different", args=[one.pk]), {"other": third.record_no})
    asked = client.get(here, {"other": other.record_no})
    form = {"other": other.record_no, "merge": "1", "phone": "take"}
    refused = client.post(here, form)
    kept_as_typed = refused.context["form"]["phone"].value()
    keep = dict.fromkeys(asked.context["form"].names, "keep")
    client.post(here, {**keep, **form, "reason": "同一人，两次建档"})

    assert len(listed) == 3
    assert {"phone", "id_number"} <= set(asked.context["form"].names)
    assert (kept_as_typed, "reason" in refused.context["form"].errors) == ("take", True)
    assert (fresh(other).state, fresh(one).phone) == ("merged", other.phone)
    lately = client.get(reverse("duplicate_list"))
    assert [pair for pair in lately.context["pairs"] if one.pk in ids_of(pair)] == []
    client.post(reverse("merge_undo", args=[lately.context["merges"][0].pk]))
    assert fresh(other).state == "active"


def ids_of(pair) -> set:
    return {row["patient"].pk for row in pair}


@pytest.mark.parametrize("typed", ["", "x", "P99999999", "itself", "9" * 50])
def test_another_number_is_asked_for_in_words(typed, as_, frontdesk, kept):
    client = as_(frontdesk)
    typed = kept.record_no if typed == "itself" else typed

    page = client.get(reverse("patient_merge", args=[kept.pk]), {"other": typed})

    assert page.status_code == 200
    assert page.context["asking"].errors["other"]


def test_the_list_of_duplicates_asks_the_same_for_1_and_20_pairs(as_, frontdesk):
    client = as_(frontdesk)
    client.get(reverse("duplicate_list"))  # what is read once
    counts = []
    for pairs in (1, 20):
        for n in range(pairs):
            same = {"name": f"张{chr(0x4E00 + pairs * 40 + n)}", "birth_date": date(1980, 1, 1)}
            PatientFactory(**same), PatientFactory(**same)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("duplicate_list"))
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 20
