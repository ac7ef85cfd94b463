"""What an entry says about a changed row, and that saying so stays cheap."""

import json
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from patients.models import Patient
from pharmacy.models import Batch
from pharmacy.places import dispensary
from registration.models import Registration
from security import audit, entry_store
from security.entries import canonical, complete
from security.models import AuditEntry, User
from tests.factories.patients import PatientFactory
from tests.factories.pharmacy import stocked_drug
from tests.factories.registration import open_session, waiting_visit

pytestmark = pytest.mark.django_db


def last(event: str) -> AuditEntry:
    return AuditEntry.objects.filter(event=event).latest("pk")


def test_a_new_row_is_told_by_its_own_columns_alone(doctor, frontdesk):
    visit = waiting_visit(open_session(doctor), frontdesk)

    entry = AuditEntry.objects.get(event="create", object_pk=str(visit.pk))

    own = {field.name for field in Registration._meta.concrete_fields}
    assert set(entry.changes) <= own
    assert entry.changes["state"] == ["None", "waiting"]
    assert entry.changes["registered_by"] == ["None", audit.MASK]
    assert ["None", "None"] not in entry.changes.values()


def test_the_old_value_is_the_one_in_the_database_not_the_one_once_loaded():
    patient = PatientFactory(payment="resident")
    mine, theirs = Patient.objects.get(pk=patient.pk), Patient.objects.get(pk=patient.pk)
    theirs.version = 5
    theirs.save()

    mine.save()

    assert last("update").changes["version"] == ["5", "1"]


def test_only_what_is_written_is_compared():
    patient = PatientFactory()
    before = AuditEntry.objects.count()
    patient.version, patient.payment = 9, "self"

    patient.save(update_fields=["version"])
    patient.refresh_from_db(fields=["version"])
    patient.save(update_fields=["version"])

    assert AuditEntry.objects.count() == before + 1
    assert last("update").changes == {"version": ["1", "9"]}


def test_a_changed_secret_is_named_and_masked_and_one_that_nobody_opened_is_not_named():
    patient = Patient.objects.get(pk=PatientFactory(phone="13812345678", address="旧村1组").pk)
    patient.address = "新村2组"

    patient.save()

    entry = last("update")
    assert entry.changes == {"address": [audit.MASK, audit.MASK]}
    assert "村" not in entry.payload


def test_a_secret_that_was_opened_and_saved_as_it_was_is_no_change():
    patient = Patient.objects.get(pk=PatientFactory(phone="13812345678").pk)
    before = AuditEntry.objects.count()
    patient.phone = str(patient.phone)

    patient.save()

    assert AuditEntry.objects.count() == before


def test_a_masked_value_shows_whether_there_was_one_even_if_it_reads_none():
    patient = PatientFactory(address=None)
    patient.address = "None"

    patient.save(update_fields=["address"])

    assert last("update").changes == {"address": ["None", audit.MASK]}


def test_the_same_value_in_another_type_is_no_change():
    batch = stocked_drug(240).batches.get()
    before = AuditEntry.objects.count()
    batch.on_hand = "240"

    batch.save()

    assert AuditEntry.objects.count() == before


def test_a_deleted_row_is_told_by_what_it_held():
    batch = stocked_drug(0)
    facts = {"lot": "X1", "expires_on": "2030-01-31", "cost": Decimal(7)}
    row = Batch.objects.create(place=dispensary(), drug=batch, **facts)
    pk = row.pk

    row.delete()

    entry = last("delete")
    assert entry.object_pk == str(pk)
    assert entry.changes["lot"] == ["X1", "None"]


@pytest.mark.parametrize("way", ["person", "role", "all of the person's", "all of the role's"])
def test_a_role_that_is_taken_is_told_of_the_person_from_either_side(doctor, nurse, way):
    role = Group.objects.get(name="doctor")

    {
        "person": lambda: doctor.groups.remove(role),
        "role": lambda: role.user_set.remove(doctor),
        "all of the person's": doctor.groups.clear,
        "all of the role's": role.user_set.clear,
    }[way]()

    entry = last("update")
    assert entry.object_pk == str(doctor.pk)
    assert entry.changes["groups"] == {"type": "m2m", "operation": "delete", "objects": ["doctor"]}


def test_a_change_costs_one_question_and_one_entry(doctor):
    patient = PatientFactory()
    patient.version += 1
    patient.save()
    patient.version += 1

    with audit.acting_as(User.objects.get(pk=doctor.pk)), CaptureQueriesContext(connection) as ran:
        patient.save()

    asked = [q["sql"].split()[0] for q in ran if "auth_group" not in q["sql"]]
    assert asked == ["SELECT", "INSERT", "UPDATE"]


def test_the_persons_roles_are_read_once_for_permissions_and_entries(doctor):
    user = User.objects.get(pk=doctor.pk)

    with CaptureQueriesContext(connection) as ran, audit.acting_as(user):
        user.has_perm("patients.none")
        audit.record("print")
        audit.record("print")

    assert sum("group" in q["sql"] for q in ran) == 1


def test_a_new_entry_begins_as_the_model_would_begin_it():
    given = {"event": "read", "action": 3, "object_pk": "7", "content_type_id": None}
    usual, ours, another = AuditEntry(**given), AuditEntry.begun(**given), AuditEntry.begun()

    mine, theirs = dict(vars(ours)), dict(vars(usual))
    for name in ("uid", "timestamp"):  # each its own
        assert type(mine.pop(name)) is type(theirs.pop(name))
        assert getattr(ours, name) != getattr(another, name)
    assert vars(mine.pop("_state")) == vars(theirs.pop("_state"))
    assert mine == theirs


def test_an_entry_is_stored_as_the_models_fields_would_store_it(doctor):
    with audit.acting_as(doctor):
        mine = audit.record(
            "read", target=doctor, subjects=[doctor.uid], data={"文": [1, None]}, read_key="k"
        )
        usual = AuditEntry(
            event="read", subjects=doctor.uid.bytes, additional_data={"文": [1, None]}
        )
        for name in ("content_type", "object_pk", "object_repr", "read_key", "action"):
            setattr(usual, name, getattr(mine, name))
        complete(usual)
        AuditEntry.objects.bulk_create([usual])

    one, other = (AuditEntry.objects.get(uid=entry.uid) for entry in (mine, usual))
    differ = {"id", "uid", "timestamp", "payload", "mac"}
    for field in AuditEntry._meta.concrete_fields:
        if field.name not in differ:
            assert getattr(one, field.attname) == getattr(other, field.attname), field.name
    assert one.pk == mine.pk
    assert one.payload == canonical(one)
    assert json.loads(one.payload)["data"] == {"文": [1, None]}


def test_an_entry_that_cannot_be_stored_leaves_its_transaction_fit_only_to_be_taken_back():
    with pytest.raises(DatabaseError), transaction.atomic():
        with pytest.raises(DatabaseError):
            AuditEntry(event="print", action=3, outcome="neither").save()
        Patient.objects.count()


def test_reading_is_on_record_only_since_the_moment_that_was_asked_for(doctor):
    audit.record_read(by=doctor, screen="desk", patients=[doctor.uid])
    entry = last("read")

    assert entry_store.was_read(AuditEntry, entry.read_key, entry.timestamp)
    assert not entry_store.was_read(AuditEntry, entry.read_key, entry.timestamp.replace(year=2999))
    assert not entry_store.was_read(AuditEntry, "other", entry.timestamp)
