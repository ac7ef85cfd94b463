"""The archive: documents that never change and print again as they were (R-30, R-148)."""

import json

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.models import Institution
from prescriptions import archive, archive_check, layout, printing, services, sheets, signature
from prescriptions.models import ArchivedSheet, PaperLayout, Prescription, PrescriptionEvent
from prescriptions.states import RxState, may_move
from security import chain, triggers
from tests import paper
from tests.factories.prescriptions import dispensed, draft, row, submitted, tablets
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def since_yesterday(sheet: Prescription) -> Prescription:
    """The same sheet as if everything had happened to it the day before."""
    before = timezone.now() - timezone.timedelta(days=1)
    PrescriptionEvent.objects.filter(prescription=sheet).update(made_at=before)
    return sheet


def voided(doctor) -> Prescription:
    return services.void(prescription=submitted(doctor), reason="改方", by=doctor)


def kinds() -> list[str]:
    return [fault.kind for fault in archive_check.Verification().faults()]


def test_the_days_finished_sheets_are_archived_once_R148(doctor, pharmacist):
    finished = [since_yesterday(dispensed(doctor, pharmacist, tablets())) for _n in range(2)]
    off = since_yesterday(voided(doctor))
    today = dispensed(doctor, pharmacist, tablets())
    waiting = since_yesterday(submitted(doctor))
    never = draft(doctor)
    since_yesterday(services.void(prescription=never, reason="改", by=doctor))

    counts = [archive.archive_finished(), archive.archive_finished()]

    assert counts == [3, 0]
    for sheet in (*finished, off, today, waiting):
        sheet.refresh_from_db()
    assert [sheet.state for sheet in finished] == [RxState.ARCHIVED] * 2
    assert (off.state, off.archived.outcome) == (RxState.VOIDED, "voided")
    assert (today.state, waiting.state) == (RxState.DISPENSED, RxState.SUBMITTED)
    assert [d.number for d in ArchivedSheet.objects.order_by("number")] == [1, 2, 3]
    assert kinds() == []


def test_what_is_not_finished_is_refused_and_a_second_document_too(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    archive.archive(prescription=sheet, by=pharmacist)

    with pytest.raises(AlreadyDone):
        archive.archive(prescription=sheet, by=pharmacist)
    with pytest.raises(RuleBroken):
        archive.archive(prescription=submitted(doctor), by=pharmacist)
    off = voided(doctor)
    archive.archive(prescription=off, by=pharmacist)
    with pytest.raises(AlreadyDone):
        archive.archive(prescription=off, by=pharmacist)


def test_a_document_is_canonical_chained_and_sealed_R148(doctor, pharmacist):
    first = archive.archive(prescription=dispensed(doctor, pharmacist), by=None)
    second = archive.archive(prescription=dispensed(doctor, pharmacist), by=None)

    again = ArchivedSheet.objects.get(pk=second.pk)

    assert json.loads(chain.canonical(again.content)) == again.content
    assert (again.content["before"], first.content["before"]) == (first.digest, chain.FIRST)
    assert again.digest == chain.digest(again.content)
    assert again.content["handed_out"][0]["lot"].startswith("L")
    assert again.content["head"]["signature"] == {"method": "by_hand", "electronic": False}
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM prescriptions_archivedsheet")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert "急性支气管炎".encode() not in stored


def test_the_reprint_is_the_same_picture_whatever_was_changed_since_R148(
    as_, doctor, pharmacist, administrator, tmp_path
):
    drug = tablets()
    sheet = dispensed(doctor, pharmacist, drug)
    client, url = as_(doctor), reverse("prescription_print", args=[sheet.pk])
    before = client.get(url).content.decode()
    archive.archive(prescription=sheet, by=None)

    change_everything(sheet, drug, administrator)
    after = client.get(url).content.decode()

    assert sheet_part(after) == sheet_part(before)
    was, now = (paper.pictures(paper.pdf(page, tmp_path)) for page in (before, after))
    assert len(was) == 1
    assert now == was  # pixel for pixel
    fresh = printing.sheet(Prescription.objects.get(pk=sheet.pk))
    assert fresh["classes"] == "is-moved dx-6 is-bare"  # the new layout counts for other sheets
    assert paper.pictures(paper.pdf(paper.of_sheet(fresh), tmp_path)) != was


def change_everything(sheet, drug, administrator) -> None:
    """Name, price, institution and layout, also past the verbs that would refuse it."""
    drug.generic_name, drug.price, drug.pack_spec = "改了名的药", 99, "1片"
    drug.save()
    sheet.items.update(drug_name="改了名的药", amount=99, price=99)
    Institution.objects.update_or_create(pk=1, defaults={"name": "改了名的机构"})
    sheet.head["institution"] = "改了名的机构"
    Prescription.objects.filter(pk=sheet.pk).update(kind="emergency")
    layout.save_layout(
        form_of_sheet="western",
        layout=layout.Layout(shift_x="3.0", preprinted=True, shown=()),
        by=administrator,
    )


def sheet_part(page: str) -> str:
    return page.partition("<main>")[2].partition("</main>")[0]


def test_archived_never_changes_R148(doctor, pharmacist):
    document = archive.archive(prescription=dispensed(doctor, pharmacist), by=None)

    for change in (document.save, document.delete, ArchivedSheet.objects.all().delete):
        with pytest.raises(PermissionDenied):
            change()
    with pytest.raises(PermissionDenied):
        ArchivedSheet.objects.update(number=7)

    assert not admin.site.is_registered(ArchivedSheet)
    assert ArchivedSheet.objects.get().number == 1


@pytest.fixture
def guarded(transactional_db):
    """The triggers stand; they go before the tables are emptied."""
    assert triggers.make()
    yield
    triggers.drop()


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_change_what_is_archived_R148(guarded, doctor, pharmacist):
    archive.archive(prescription=dispensed(doctor, pharmacist), by=None)
    layout.save_layout(form_of_sheet="western", layout=layout.Layout(), by=doctor)

    for model, change in ((ArchivedSheet, "number = 7"), (PaperLayout, "shift_x = 7")):
        table = model._meta.db_table
        for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}"):  # noqa: S608 # our table
            with pytest.raises(DatabaseError, match="never changed"):
                with connection.cursor() as cursor:
                    cursor.execute(statement)

    assert kinds() == []


def test_no_step_leads_out_of_the_archive_R34():
    assert not [state for state in RxState if may_move(RxState.ARCHIVED, state)]


def forge(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    return kinds()


def test_the_check_names_what_was_done_to_the_database_R148(doctor, pharmacist):
    for _number in range(3):
        archive.archive(prescription=dispensed(doctor, pharmacist), by=None)
    table = ArchivedSheet._meta.db_table

    attacks = {
        f"UPDATE {table} SET keep_until = '2000-01-01' WHERE number = 2": ["column"],  # noqa: S608 # our table
        f"UPDATE {table} SET digest = 'x' WHERE number = 3": ["changed"],  # noqa: S608 # our table
        f"DELETE FROM {table} WHERE number = 2": ["missing", "no_document"],  # noqa: S608 # our table
        f"DELETE FROM {table} WHERE number = 3": ["cut_off", "no_document"],  # noqa: S608 # our table
    }
    found = {}
    for statement in attacks:
        with transaction.atomic():
            found[statement] = forge(statement)
            transaction.set_rollback(True)

    assert found == attacks
    assert kinds() == []


def test_a_swapped_document_does_not_open_and_the_command_says_so(doctor, pharmacist, capsys):
    for _number in range(2):
        archive.archive(prescription=dispensed(doctor, pharmacist), by=None)
    call_command("verify_archive")
    first = bytes_of(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prescriptions_archivedsheet SET content = %s WHERE number = 2", [first]
        )

    with pytest.raises(CommandError) as refused:
        call_command("verify_archive")

    assert refused.value.returncode == 1
    assert "2 documents; last digest" in capsys.readouterr().out


def bytes_of(number: int):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT content FROM prescriptions_archivedsheet WHERE number = %s", [number]
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("kind", "years"),
    [("ordinary", 1), ("emergency", 1), ("paediatric", 1), ("psychotropic_2", 2), ("narcotic", 3)],
)
def test_each_class_is_kept_for_its_years_R30(doctor, pharmacist, kind, years):
    sheet = dispensed(doctor, pharmacist)
    Prescription.objects.filter(pk=sheet.pk).update(kind=kind)

    document = archive.archive(prescription=sheet, by=None)

    assert document.keep_until.year - document.day.year == years


def test_a_voided_sheet_is_printed_from_its_document_and_says_so(as_, doctor, pharmacist):
    off = voided(doctor)
    archive.archive(prescription=off, by=None)

    page = as_(doctor).get(reverse("prescription_print", args=[off.pk])).content.decode()

    assert 'class="void">已作废</span>' in page


def test_a_reprint_of_an_archived_sheet_is_counted_and_recorded_R162(as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    archive.archive(prescription=sheet, by=None)
    client, url = as_(pharmacist), reverse("prescription_print", args=[sheet.pk])

    post_ok(client, url)
    page = client.get(post_ok(client, url).url).content.decode()

    assert "补打第1次" in page
    assert kinds() == []
    assert sheets.archived(sheet).content["facts"]["print_count"] == 0


def test_archiving_asks_a_fixed_number_of_queries(
    doctor, pharmacist, django_assert_max_num_queries
):
    drugs = [tablets(generic_name=f"药{n}", ingredients=f"成分{n}") for n in range(5)]
    one = dispensed(doctor, pharmacist, *drugs)

    with django_assert_max_num_queries(45):
        archive.archive(prescription=one, by=None)


def test_rows_of_a_drug_are_in_the_document_word_for_word(doctor, pharmacist):
    sheet = draft(doctor)
    item = row(sheet, remark="饭后")
    services.submit(prescription=sheet, by=doctor)
    off = services.void(prescription=sheet, reason="改", by=doctor)

    content = archive.archive(prescription=off, by=None).content

    assert content["items"][0]["drug_name"] == item.drug_name
    assert content["items"][0]["remark"] == "饭后"
    assert content["head"]["diagnoses"][0][0] == "J20.9"


class StampSigner:
    """A certificate plugged in: what a vendor's signer looks like from here (R-150)."""

    name = "stamp"
    words = "由证书签名"

    def sign(self, *, digest: str, by) -> dict:
        return {"method": self.name, "electronic": True, "by": by.pk, "over": digest}

    def verify(self, *, digest: str, record: dict) -> bool:
        return record["over"] == digest


def test_a_certificate_is_plugged_in_at_one_place_R150(doctor, pharmacist, settings, request):
    settings.CLINIC_SIGNER = f"{__name__}.StampSigner"
    request.addfinalizer(signature.signer.cache_clear)
    signature.signer.cache_clear()
    sheet = dispensed(doctor, pharmacist)

    content = archive.archive(prescription=sheet, by=None).content

    head, items = content["head"], content["items"]
    assert head["signature"]["by"] == doctor.pk
    assert head["signature"]["over"] == signature.digest_of(head, items)
    assert kinds() == []
    assert not signature.holds(head, [{**items[0], "quantity": 99}])
    assert not signature.holds({**head, "name": "别人"}, items)
    settings.CLINIC_SIGNER = "prescriptions.signature.ByHand"
    signature.signer.cache_clear()
    assert kinds() == ["signature"]  # whoever signed must be there to verify
