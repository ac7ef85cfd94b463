"""Drafts of long forms: kept for their person, offered, taken up, forgotten; never saved by it."""

import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core.drafts import GONE
from clinic.core.models import Draft
from patients.models import Patient
from patients.reference import load_allergy_groups
from security import again, long_forms
from security.access import mark_of
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.helpers import SecureClient
from tests.patients.pages import typed
from tests.test_every_view import OURS

pytestmark = pytest.mark.django_db
NEW = "/patients/new/"


@pytest.fixture
def pc(frontdesk, as_):
    load_allergy_groups()
    return as_(frontdesk)


def ms(moment: float) -> int:
    return int(moment * 1000)


def keep(pc, to=NEW, since=None, **fields):
    """What the script sends every five seconds."""
    sent = {"typed_of": to, "typed_page": to, **fields}
    sent["typed_since"] = ms(since or time.time())
    return pc.post("/drafts/", sent)


def offers(pc, page=NEW) -> list:
    return list(pc.get(page).context["offers"])


def take_up(pc, page=NEW):
    offer = offers(pc, page)[0]
    return pc.post(offer.address, {"kept": str(offer.id)})


def test_what_was_typed_is_offered_shown_in_its_form_and_saved_by_its_button_alone(pc):
    opened = time.time()
    answer = keep(pc, since=opened, **typed())

    offer = offers(pc)[0]
    shown = take_up(pc)

    assert answer.json()["text"] == f"草稿已存 {timezone.localtime(offer.saved_at):%H:%M}"
    assert shown.status_code == 200
    for value in ("王秀英", "13812345678", "青溪镇北桥村"):
        assert value in shown.content.decode()
    assert f'name="typed_page" value="{NEW}"' in shown.content.decode()
    assert not Patient.objects.exists()
    assert offers(pc), "it stays until the form is carried out"
    assert pc.post(NEW, typed(typed_since=ms(opened))).status_code == 302
    assert Patient.objects.get().name == "王秀英"
    assert offers(pc) == []


def test_whoever_begins_anew_overwrites_nothing(pc):
    began = time.time() - 60
    keep(pc, since=began, name="王秀英")
    later = keep(pc, name="贺建国")
    told = [offer.about for offer in offers(pc)]

    pc.post(NEW, typed(typed_since=ms(began)))

    assert later.status_code == 200
    assert told == ["贺建国", "王秀英"]
    assert "贺建国" in take_up(pc).content.decode()
    assert len(offers(pc)) == 1


def test_without_scripts_a_press_that_saved_nothing_leaves_a_draft_behind(pc):
    wrong = typed(phone="138", typed_since=ms(time.time()), typed_page=NEW)

    answer = pc.post(NEW, wrong)

    assert answer.status_code == 200
    assert "offers" not in answer.context or not answer.context["offers"]
    assert "北桥村" in take_up(pc).content.decode()


def test_nobody_else_is_offered_it_and_nobody_else_can_take_or_drop_it(pc, nurse, as_):
    keep(pc, **typed())
    draft = Draft.objects.get(form=long_forms.FORM)
    other = as_(nurse)

    stolen = other.post(NEW, {"kept": str(draft.pk)})
    other.post(reverse("draft_drop", args=[draft.pk]), {"page": NEW})

    assert offers(other) == []
    assert stolen["Location"] == "/"
    assert len(offers(pc)) == 1


@pytest.mark.parametrize("address", [NEW, "/", "//evil.example/patients/new/", "/no-such/", ""])
def test_a_form_that_is_not_the_persons_or_not_long_is_not_kept(address, storekeeper, as_):
    answer = keep(as_(storekeeper), to=address, name="x")

    assert answer.status_code == 409
    assert not Draft.objects.exists()


@pytest.mark.parametrize("page", ["//[", "//evil.example/", "/no-such/", "x" * 600])
def test_a_page_that_is_none_of_ours_breaks_nothing(page, pc):
    kept = keep(pc, full_name="赵六", typed_page=page)
    refused = pc.post(NEW, {"typed_since": "1", "typed_page": page, "full_name": ""})

    assert (kept.status_code, refused.status_code) == (200, 200)
    assert len(offers(pc)) == 2


def test_passwords_pins_and_codes_are_not_kept_and_the_rest_is_sealed(pc):
    keep(
        pc, name="王秀英", password="geheim", new_password1="g", pin="1234", pin_again="1", otp="1"
    )

    row = Draft.objects.get(form=long_forms.FORM)
    assert long_forms.look_at(row.pk, by=row.owner)["posted"] == {"name": ["王秀英"]}
    assert "王秀英".encode() not in bytes(row.content) and b"geheim" not in bytes(row.content)


def test_more_than_a_draft_can_hold_is_refused_in_words(pc):
    answer = keep(pc, address_text="字" * (long_forms.LONGEST // 4))

    assert answer.status_code == 413
    assert not Draft.objects.exists()


def test_the_offer_says_who_changed_the_record_after_the_form_was_opened(pc):
    patient = PatientFactory(phone="13812345678")
    page = reverse("patient_edit", args=[patient.pk])

    keep(pc, to=page, since=time.time() + 5, contact_name="李")
    unchanged = offers(pc, page)[0].changed
    keep(pc, to=page, since=time.time() - 60, contact_name="李")
    changed = offers(pc, page)[0].changed

    assert unchanged is None
    assert changed is not None and changed.object_pk == str(patient.pk)


def test_taking_up_a_draft_of_a_patients_file_is_recorded_as_reading(pc):
    patient = PatientFactory()
    page = reverse("patient_edit", args=[patient.pk])
    keep(pc, to=page, contact_name="李")
    assert not AuditEntry.objects.filter(event="read", subject=patient.pk).exists()

    take_up(pc, page)

    assert AuditEntry.objects.filter(event="read", subject=patient.pk).exists()


def test_thrown_away_is_undone_by_the_message_and_gone_a_day_later(pc):
    keep(pc, **typed())
    draft = Draft.objects.get(form=long_forms.FORM)

    page = pc.post(reverse("draft_drop", args=[draft.pk]), {"page": NEW}, follow=True)

    assert page.request["PATH_INFO"] == NEW
    undo = f"{reverse('draft_bring_back', args=[draft.pk])}?page={NEW}"
    assert f'action="{undo}"' in page.content.decode()
    assert offers(pc) == []
    assert pc.post(undo)["Location"] == NEW
    assert len(offers(pc)) == 1


@pytest.mark.parametrize(
    ("form", "days", "left"),
    [
        (long_forms.FORM, 31, 0),
        (long_forms.FORM, 29, 1),
        (long_forms.FORM + GONE, 2, 0),
        ("pharmacy.delivery", 31, 0),
    ],
)
def test_drafts_are_forgotten_after_thirty_days_and_thrown_away_ones_after_one(
    form, days, left, pc
):
    keep(pc, **typed())
    then = timezone.now() - timedelta(days=days)
    Draft.objects.update(form=form, saved_at=then)

    long_forms.forget_old()

    assert Draft.objects.count() == left


def test_typing_keeps_the_session_alive(pc):
    pc.get(NEW)
    session = pc.session
    session["seen"] = int(time.time()) - 120
    session.save()

    keep(pc, name="王")

    assert time.time() - pc.session["seen"] < 60


def test_a_form_without_our_token_leaves_no_draft(frontdesk):
    client = SecureClient(enforce_csrf_checks=True)
    client.force_login(frontdesk, backend="django.contrib.auth.backends.ModelBackend")

    client.post(NEW, typed(typed_since=ms(time.time())), HTTP_ORIGIN="https://evil.example")

    assert not Draft.objects.exists()


def test_where_secrets_are_typed_nothing_is_kept():
    long = {pattern.name for pattern in OURS if long_forms.is_long(pattern.callback)}
    public = {pattern.name for pattern in OURS if mark_of(pattern.callback).public}

    assert len(long) > 30
    assert not long & (again.NEVER_KEPT | public)
