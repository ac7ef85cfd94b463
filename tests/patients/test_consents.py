"""Texts with versions; who agreed, refused, withdrew (R-86, R-137)."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from clinic.core.errors import AlreadyDone, RuleBroken
from patients import consents
from patients.models import Consent, ConsentKind, ConsentText, Patient
from patients.services import register
from security.models import AuditEntry
from tests.factories.patients import PatientFactory, agreed, id_number
from tests.helpers import post_ok
from tests.patients.pages import queries_of, typed, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_the_tick_on_a_new_file_is_a_consent_to_the_version_on_the_screen_R137(
    frontdesk, administrator, as_
):
    client = as_(frontdesk)
    page = client.get(reverse("patient_new"))
    consents.write_text(kind="notice", text="新告知书", by=administrator)

    seen = page.context["notice"].version
    post_ok(
        client, reverse("patient_new"), typed(notice_given="on", notice_version=str(seen))
    )  # fmt: skip

    row = Consent.objects.get()
    assert (row.text.kind, row.text.version, row.agreed) == ("notice", 1, True)
    assert (row.given_by, row.made_by) == (None, frontdesk)
    assert row.patient.notice_given
    assert "version 1" in words(page)


def test_a_version_that_never_was_is_no_consent(frontdesk, as_):
    response = as_(frontdesk).post(
        reverse("patient_new"), typed(notice_given="on", notice_version="7")
    )

    assert response.status_code == 200
    assert not Patient.objects.exists()


def test_for_a_child_the_guardian_answers_R86(frontdesk):
    born = timezone.localdate() - timedelta(days=2000)
    child = register(
        name="李小满", id_type="01", id_number=id_number(born), contact_name="李梅",
        contact_relation="母亲", contact_phone="13800001111", notice_given=True, by=frontdesk,
    )  # fmt: skip
    text = consents.texts_in_force()["sharing"]

    with pytest.raises(RuleBroken) as refusal:
        consents.answer(patient=child, text=text, agreed=True, by=frontdesk)

    assert (refusal.value.field, refusal.value.rule) == ("given_by", "R-86")
    assert child.consents.get().given_by == "李梅"


def test_refusing_and_withdrawing_are_kept_and_the_mark_follows_R137(frontdesk, nurse):
    patient = PatientFactory(notice_given=False)
    given = agreed(patient, by=frontdesk)
    patient.refresh_from_db()
    assert (patient.notice_given, patient.version) == (True, 1)

    consents.withdraw(consent=given, by=nurse)

    patient.refresh_from_db()
    given.refresh_from_db()
    assert not patient.notice_given
    assert (given.agreed, given.withdrawn_by) == (True, nurse)
    with pytest.raises(AlreadyDone):
        consents.withdraw(consent=given, by=nurse)
    text = consents.texts_in_force()["notice"]
    refused = consents.answer(patient=patient, text=text, agreed=False, by=nurse)
    with pytest.raises(RuleBroken):
        consents.withdraw(consent=refused, by=nurse)
    agreed(patient, by=nurse)
    patient.refresh_from_db()
    assert patient.notice_given
    assert patient.consents.count() == 3


def test_messages_and_sharing_are_asked_for_by_themselves_R137(frontdesk):
    patient = PatientFactory(notice_given=False)

    given = agreed(patient, kind="messages", by=frontdesk)

    patient.refresh_from_db()
    assert not patient.notice_given
    allowed = {kind: consents.allows(patient, kind) for kind in ConsentKind.values}
    assert allowed == {"notice": False, "messages": True, "sharing": False}
    consents.withdraw(consent=given, by=frontdesk)
    assert not consents.allows(patient, "messages")


def test_a_version_never_changes_and_a_new_one_follows_in_the_administration_R137(
    administrator, as_
):
    client, first = as_(administrator), consents.texts_in_force()["sharing"]
    address = reverse("admin:patients_consenttext_add")
    assert "与其他机构共享" in words(client.get(address + "?kind=sharing"))

    for text in ("", first.text, "新的说明"):
        client.post(address, {"kind": "sharing", "text": text})

    newest = consents.texts_in_force()["sharing"]
    assert (newest.version, newest.text, newest.made_by) == (2, "新的说明", administrator)
    assert ConsentText.objects.filter(kind="sharing").count() == 2
    change = reverse("admin:patients_consenttext_change", args=[first.pk])
    client.post(change, {"kind": "sharing", "text": "改了"})
    first.text = "改了"
    with pytest.raises(PermissionDenied):
        first.save()
    assert "改了" not in ConsentText.objects.get(pk=first.pk).text


def test_the_page_takes_an_answer_and_its_withdrawal_R137(frontdesk, as_):
    patient, client = PatientFactory(notice_given=False), as_(frontdesk)
    address = reverse("patient_consents", args=[patient.pk])
    client.get(address)
    form = {"given_by": "", "once": str(uuid.uuid4())}

    post_ok(client, address, {**form, "answer": "sharing 1 yes"})
    row = Consent.objects.get()
    page = words(client.get(address))
    assert reverse("consent_withdraw", args=[row.pk]) in page and "agreed" in page
    post_ok(client, reverse("consent_withdraw", args=[row.pk]), {"once": str(uuid.uuid4())})
    row.refresh_from_db()
    assert row.withdrawn_by == frontdesk
    for odd in ("", "sharing", "sharing 1 maybe", "sharing 2 yes", "x 1 yes", "notice ² no"):
        response = client.post(address, {**form, "answer": odd})
        assert response.status_code == 200 and response.context["form"].errors, odd
    assert Consent.objects.count() == 1
    seen = AuditEntry.objects.filter(subject=patient.pk, event="read", screen="patient_consents")
    assert seen.exists()


def test_the_file_says_refused_and_withdrawn_apart_from_not_asked_R137(nurse, as_):
    patient = PatientFactory(notice_given=False)
    text = consents.texts_in_force()["notice"]
    client, address = as_(nurse), reverse("patient_edit", args=[patient.pk])

    def mark() -> str:
        link = words(client.get(address)).partition(">Consents")[2].partition("</a>")[0]
        return strip_tags(link).strip()

    said = [mark()]
    for given in (False, True):
        row = consents.answer(patient=patient, text=text, agreed=given, by=nurse)
        said.append(mark())
    consents.withdraw(consent=row, by=nurse)
    said.append(mark())

    assert said == ["not asked", "not agreed", "", "withdrawn"]


def test_the_page_costs_the_same_with_many_answers(frontdesk, as_):
    patient, client = PatientFactory(), as_(frontdesk)
    address = reverse("patient_consents", args=[patient.pk])
    agreed(patient, by=frontdesk)
    client.get(address)
    few = queries_of(lambda: client.get(address))
    for _n in range(10):
        agreed(patient, by=frontdesk)

    assert queries_of(lambda: client.get(address)) == few


def test_the_sheets_to_sign_name_the_patient_and_the_version(frontdesk, as_):
    patient, client = PatientFactory(name="王秀英"), as_(frontdesk)

    sheet = words(client.get(reverse("consent_print", args=[patient.pk]) + "?kind=notice"))
    blank = words(client.get(reverse("consent_text", args=["sharing"])))

    assert "王秀英" in sheet and "version 1" in sheet and "个人信息使用告知书" in sheet
    assert "短信提醒同意书" not in sheet
    assert "与其他机构共享病历同意书" in blank and "王秀英" not in blank
