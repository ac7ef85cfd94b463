"""A file of another institution: nothing overwritten silently, allergies united, take-back."""

import copy
import json

import pytest
from django.db import transaction

from clinic.core.errors import RuleBroken
from clinic.core.models import StoredFile
from patients import services
from patients.duplicates import NumberTaken
from patients.exchange import fhir_in, fhir_out, fhir_taking
from patients.models import Allergy, AllergyStatus, Basics, Change, History, Patient, Received
from security.fields import BlindIndexField
from tests.factories.patients import AllergyGroupFactory, PatientFactory
from tests.factories.whole_file import whole_patient

# What a new file says otherwise than the one it was made of, and why.
OF_OUR_OWN = {
    "id": "our own row",
    "record_no": "our own number, given once (R-57)",
    "version": "our own count",
    "created_at": "opened here today",
    "created_by": "the same",
    "updated_at": "the same",
    "allergy_confirmed_at": "nobody has asked the patient here yet (R-44)",
    "allergy_confirmed_by": "the same",
    "notice_given": "the notice is given by each institution itself (R-137)",
}
ALLERGY = ("group_code", "substance", "reaction", "severity", "since", "state")
HISTORY = ("kind", "code", "text", "relative", "since", "state")


def bundle_of(patient, by) -> dict:
    return json.loads(json.dumps(fhir_out.bundle(patient, by=by)))


def brought(bundle, by) -> Received:
    return fhir_in.bring(content=json.dumps(bundle).encode(), by=by)


def elsewhere(doctor, **more) -> tuple[Patient, dict]:
    """A whole file of another institution, which is not on file here."""
    with transaction.atomic():
        patient = whole_patient(doctor, **more)
        bundle = bundle_of(patient, doctor)
        transaction.set_rollback(True)
    AllergyGroupFactory()
    return patient, bundle


def values(rows, names) -> list[tuple]:
    return sorted(tuple(getattr(row, name) or "" for name in names) for row in rows)


def test_a_new_file_says_all_that_came_R57(doctor):
    old, bundle = elsewhere(doctor)
    row = brought(bundle, doctor)
    fhir_in.choose(received=row, is_new=True, by=doctor)
    person = fhir_in.person_of(fhir_in.opened(row))

    taken = fhir_taking.take_in(received=row, person=person, with_basics=True, by=doctor)

    new = Patient.objects.get(pk=taken.patient_id)
    lost = [
        field.name
        for field in Patient._meta.concrete_fields
        if field.name not in OF_OUR_OWN
        and not isinstance(field, BlindIndexField)
        and getattr(old, field.name) != getattr(new, field.name)
    ]
    assert lost == []
    assert taken.done["left"] == []
    (allergy,) = Allergy.objects.filter(patient=new)
    assert values([allergy], ALLERGY) == [
        ("PCN", "青霉素", "过敏性休克", "severe", "2019-05", "active")
    ]
    assert allergy.source == "papers" and allergy.group_confirmed_at is None
    assert values(History.objects.filter(patient=new), HISTORY) == HISTORIES
    assert new.basics.answers["disability"] == ["2", "8"] and new.basics.genetic == "血友病"


HISTORIES = sorted(
    [
        ("disease", "2", "", "", "2009-05", "active"),
        ("surgery", "", "阑尾切除 <1998>", "", "1998", "active"),
        ("trauma", "", "右前臂骨折", "", "2001-07-30", "active"),
        ("transfusion", "", "产后输血", "", "1986", "active"),
        ("family", "2", "绝经后", "mother", "1975", "active"),
    ]
)


def ours_and_theirs(doctor, **fields) -> tuple[Patient, Received]:
    """The same person on file here, with other values; the file that came is compared with it."""
    old, bundle = elsewhere(doctor)
    ours = PatientFactory(
        name="曾秀英", id_number=old.id_number, sex=old.sex, address="县城路1号", **fields
    )
    row = brought(bundle, doctor)
    return ours, fhir_in.choose(received=row, patient=ours, by=doctor)


def test_nothing_is_overwritten_unless_it_was_chosen_field_by_field(doctor):
    ours, row = ours_and_theirs(doctor)
    phone = ours.phone
    different = {d.name for d in fhir_in.compare(ours, fhir_in.opened(row)) if not d.is_same}

    fhir_taking.take_in(received=row, version=1, groups=["health_no", "name"], by=doctor)

    now = Patient.objects.get(pk=ours.pk)
    assert different >= {"phone", "address", "contact_name", "health_no", "name"}
    assert "id_number" not in different
    assert (now.health_no, now.reading) == ("32058210300100017", "zeng xiu ying")
    assert (now.phone, now.address, now.contact_name) == (phone, "县城路1号", None)
    change = Change.objects.get(patient=now, what="person")
    assert change.fields["health_no"] == ["", "32058210300100017"]
    assert Basics.objects.get(patient=now).answers == {}  # not asked for


def test_a_file_changed_since_it_was_compared_is_not_overwritten(doctor, frontdesk):
    ours, row = ours_and_theirs(doctor)
    services.correct(patient=ours, version=1, address="新址2号", by=frontdesk)

    with pytest.raises(services.ChangedMeanwhile):
        fhir_taking.take_in(received=row, version=1, groups=["address"], by=doctor)

    row.refresh_from_db()
    assert row.state == "new" and not Allergy.objects.exists()


def test_allergies_are_united_and_have_to_be_confirmed_R44(doctor):
    ours, row = ours_and_theirs(doctor)
    services.add_allergy(patient=ours, substance="青霉素 ", severity="mild", by=doctor)
    services.add_allergy(patient=ours, substance="虾", severity="mild", by=doctor)
    bundle = json.loads(fhir_in.files.read(row.file))
    extra = copy.deepcopy(next(e for e in bundle["entry"] if "青霉素" in str(e)))
    extra["fullUrl"], extra["resource"]["id"] = "urn:x", "x"
    extra["resource"] |= {"code": {"text": "头孢拉定"}, "reaction": [], "extension": []}
    extra["resource"]["criticality"] = "unable-to-assess"
    bundle["entry"].append(extra)
    row = fhir_in.choose(received=brought(bundle, doctor), patient=ours, by=doctor)
    new = fhir_taking.new_allergies(ours, fhir_in.opened(row))

    fhir_taking.take_in(received=row, version=1, by=doctor)

    now = Patient.objects.get(pk=ours.pk)
    assert now.allergy_status == AllergyStatus.HAS and now.allergy_confirmed_at is None
    words = set(Allergy.objects.filter(patient=now).values_list("pk", flat=True))
    assert {Allergy.objects.get(pk=pk).substance for pk in words} == {"青霉素", "虾", "头孢拉定"}
    mild = [a for a in Allergy.objects.filter(patient=now) if a.substance == "青霉素"]
    assert {a.severity for a in mild} == {"mild"}  # what was here stays as it was
    (unsaid,) = [a for a in Allergy.objects.filter(patient=now) if a.substance == "头孢拉定"]
    assert len(new) == 1 and unsaid.severity == "unknown"  # how bad it was is never guessed


def test_what_was_denied_elsewhere_is_asked_anew_here_R44(doctor):
    _old, bundle = elsewhere(doctor, allergy_status="denied")
    told = bundle["entry"]
    bundle["entry"] = [e for e in told if "青霉素" not in str(e) and "芒果" not in str(e)]
    row = fhir_in.choose(received=brought(bundle, doctor), is_new=True, by=doctor)
    parcel = fhir_in.opened(row)

    taken = fhir_taking.take_in(received=row, person=fhir_in.person_of(parcel), by=doctor)

    assert parcel.denies_allergies
    assert taken.patient.allergy_status == AllergyStatus.NOT_ASKED


def test_taking_back_leaves_the_file_as_it_was_and_keeps_what_changed_since(doctor):
    ours, row = ours_and_theirs(doctor)
    before = {name: getattr(ours, name) for name in ("phone", "name", "reading", "health_no")}
    groups = ["phone", "name", "health_no", "address"]
    row = fhir_taking.take_in(received=row, version=1, groups=groups, with_basics=True, by=doctor)
    now = Patient.objects.get(pk=ours.pk)
    services.correct(patient=now, version=now.version, address="新址2号", by=doctor)

    row = fhir_taking.take_back(received=row, by=doctor)

    now = Patient.objects.get(pk=ours.pk)
    assert {name: getattr(now, name) for name in before} == before
    assert now.address == "新址2号" and len(row.done["stays"]) == 1
    assert not Allergy.objects.filter(patient=now, state="active").exists()
    assert not History.objects.filter(patient=now, state="active").exists()
    assert now.allergy_status == AllergyStatus.NOT_ASKED
    assert not now.basics.answers and not now.basics.workplace
    with pytest.raises(RuleBroken):
        fhir_taking.take_back(received=row, by=doctor)


def test_a_file_that_was_opened_for_it_goes_out_of_use_unless_somebody_used_it(doctor):
    old, bundle = elsewhere(doctor)

    def taken() -> Received:
        row = fhir_in.choose(received=brought(bundle, doctor), is_new=True, by=doctor)
        person = fhir_in.person_of(fhir_in.opened(row))
        return fhir_taking.take_in(received=row, person=person, with_basics=True, by=doctor)

    first = fhir_taking.take_back(received=taken(), by=doctor)
    second = taken()  # its numbers are free again
    services.add_allergy(patient=second.patient, substance="虾", severity="mild", by=doctor)
    services.confirm_allergies(patient=second.patient, by=doctor)
    second = fhir_taking.take_back(received=second, by=doctor)

    states = [Patient.objects.get(pk=row.patient_id).state for row in (first, second)]
    assert states == ["withdrawn", "active"]
    left = Allergy.objects.filter(patient=second.patient, state="active")
    assert [allergy.substance for allergy in left] == ["虾"]


def test_the_same_number_opens_no_second_file_R81(doctor):
    ours, row = ours_and_theirs(doctor)
    like = PatientFactory(name="曾秀英", birth_date=ours.birth_date, sex=ours.sex)

    taken, alike = fhir_in.candidates(fhir_in.opened(row))

    assert taken == ours and alike == [like]
    with pytest.raises(NumberTaken):
        fhir_in.choose(received=row, is_new=True, by=doctor)


def test_what_few_may_see_is_not_taken_into_lists_that_many_read_R140(doctor):
    _old, bundle = elsewhere(doctor)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] in ("Condition", "Procedure"):
            entry["resource"]["meta"] = {"security": [{"code": "R"}]}

    parcel = fhir_in.opened(brought(bundle, doctor))

    assert {history["kind"] for history in parcel.histories} == {"family"}
    assert parcel.counts["Procedure"] == 2


def test_a_file_that_was_not_taken_in_is_thrown_away(doctor, django_capture_on_commit_callbacks):
    _old, bundle = elsewhere(doctor)
    row = brought(bundle, doctor)
    path = fhir_in.files.path_of(row.file)

    with django_capture_on_commit_callbacks(execute=True):
        fhir_in.drop(received=row, by=doctor)

    assert not path.exists() and not StoredFile.objects.exists()
    assert Received.objects.get().state == "dropped"


def test_who_has_only_one_of_the_rights_takes_nothing_in(doctor, nurse):
    _old, bundle = elsewhere(doctor)

    with pytest.raises(RuleBroken):
        brought(bundle, nurse)  # may write patients, but not import them

    assert not Received.objects.exists() and not StoredFile.objects.exists()
