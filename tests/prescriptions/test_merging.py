"""Sheets and what lies beside them go along when two files become one, and back again."""

import pytest
from django.db import transaction
from django.utils import timezone

from patients import records
from patients.models import Patient
from pharmacy import recalling
from prescriptions import archive, archive_check, archive_search, merging, pain_files, recalls
from prescriptions.beside import medication
from prescriptions.models import ArchivedSheet, Prescription, RecallContact
from security.models import AuditEntry
from tests.factories.prescriptions import dispensed, draft, patient_with, row, submitted, tablets
from tests.factories.registration import open_record, open_session

pytestmark = pytest.mark.django_db


def merge(kept, merged, by, only: list | None = None) -> list[dict]:
    """As the merge of files does it: all handlers, or none; what they told undoes it."""
    handlers = records.merge_handlers()
    before = only or [None] * len(handlers)
    with transaction.atomic():
        return [
            move(kept=kept, merged=merged, by=by, only=told)
            for move, told in zip(handlers, before, strict=True)
        ]


def marked_merged(merged, kept) -> None:
    merged.state, merged.merged_into = Patient.State.MERGED, kept
    merged.save()


def sheets_of(patient) -> set:
    return set(Prescription.objects.filter(patient=patient))


def numbers(user, text: str) -> list[int]:
    day = timezone.localdate()
    rows = archive_search.found(user, {"q": text, "since": day, "until": day})
    return [row.number for row in rows]


@pytest.fixture
def kept(db):
    return patient_with(name="王芳")


@pytest.fixture
def handed_out(doctor, pharmacist):
    """An archived sheet of the file that is merged away, with a call about its lot."""
    drug = tablets()
    sheet = dispensed(doctor, pharmacist, drug, patient=patient_with(name="王方"))
    archive.archive(prescription=sheet, by=pharmacist)
    letter = {"reason": "溶出度不合格", "source": "authority", "level": "2"}
    recall = recalling.recall_lot(drug=drug, lot=drug.batches.get().lot, by=pharmacist, **letter)
    recalls.note_contact(
        recall=recall, patient=sheet.patient_id, outcome="contacted", by=pharmacist
    )
    today = timezone.localdate()
    pain_files.keep(
        patient=sheet.patient, pain="cancer", consent_on=today, seen_on=today, by=doctor
    )
    return sheet


def test_all_is_found_from_the_file_that_is_kept(kept, handed_out, doctor, pharmacist, rf):
    merged = handed_out.patient
    waiting = submitted(doctor, record=handed_out.consultation)

    merge(kept, merged, pharmacist)

    assert merging.move in records.merge_handlers()
    assert sheets_of(kept) == {handed_out, waiting} and not sheets_of(merged)
    shown = [row["sheet"] for row in medication(kept, rf.get("/"))["sheets"]]
    assert set(shown) == {handed_out, waiting}
    assert pain_files.in_force(kept) and not pain_files.in_force(merged)
    contact = RecallContact.objects.get()
    assert recalls.standing(contact.recall) == {kept.pk: "contacted"}
    for sheet in sheets_of(kept):
        assert sheet.consultation.patient_id == kept.pk


def test_documents_and_signed_heads_stay_as_they_were_and_are_found_by_either_number_R148(
    kept, handed_out, pharmacist
):
    merged, head = handed_out.patient, handed_out.head
    document = ArchivedSheet.objects.get()

    merge(kept, merged, pharmacist)
    marked_merged(merged, kept)

    again = ArchivedSheet.objects.get()
    assert (again.content, again.digest) == (document.content, document.digest)
    assert list(archive_check.Verification().faults()) == []
    assert Prescription.objects.get(pk=handed_out.pk).head == head
    assert head["record_no"] == merged.record_no
    for text in (kept.record_no, merged.record_no, kept.name, merged.name):
        assert numbers(pharmacist, text) == [document.number]


def test_undone_everything_lies_where_it_lay_and_what_came_since_stays(kept, handed_out, doctor):
    merged = handed_out.patient
    visit = open_record(open_session(doctor, period="pm"), by=doctor, patient=kept)
    own = draft(doctor, record=visit)
    row(own)
    told = merge(kept, merged, doctor)
    later = draft(doctor, record=visit)
    on_the_old_visit = Prescription.objects.create(
        number="RX-LATER", consultation=handed_out.consultation, patient=kept, prescriber=doctor
    )

    merge(merged, kept, doctor, only=told)

    assert sheets_of(merged) == {handed_out, on_the_old_visit}
    assert sheets_of(kept) == {own, later}
    assert pain_files.in_force(merged) and not pain_files.in_force(kept)
    assert RecallContact.objects.get().patient_id == merged.pk
    for sheet in Prescription.objects.select_related("consultation__registration"):
        assert sheet.consultation.patient_id == sheet.patient_id
        assert sheet.consultation.registration.patient_id == sheet.patient_id


def test_each_row_that_moves_has_its_entry_in_the_log(kept, handed_out, pharmacist):
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]

    merge(kept, handed_out.patient, pharmacist)

    made = AuditEntry.objects.filter(pk__gt=last, action=AuditEntry.Action.UPDATE)
    changed = set(made.values_list("content_type__model", flat=True))
    assert changed >= {"prescription", "painfile", "recallcontact"}


def test_a_refused_merge_moves_no_sheet(kept, handed_out, doctor, monkeypatch):
    class Off(Exception):
        pass

    def refuse(**_files):
        raise Off

    monkeypatch.setattr(records, "_merge_handlers", [*records.merge_handlers(), refuse])

    with pytest.raises(Off):
        merge(kept, handed_out.patient, doctor, only=[None] * len(records.merge_handlers()))

    assert not sheets_of(kept) and sheets_of(handed_out.patient) == {handed_out}
