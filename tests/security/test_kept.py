"""A form that was sent after the session had ended is given back to who typed it."""

import time
import uuid

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from clinic.core.models import Draft, Setting
from patients.models import Patient
from patients.reference import load_allergy_groups
from security import kept, switching
from security.admin_site import ShowsAgain
from security.models import User
from tests.helpers import SecureClient, in_english
from tests.patients.pages import typed

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"
NEW = "/patients/new/"


@pytest.fixture
def pc(frontdesk):
    """A browser in which the front desk signed in with the password."""
    load_allergy_groups()
    client = SecureClient()
    sign_in(client, "frontdesk")
    return client


def sign_in(pc, name, **extra):
    return pc.post(reverse("login"), {"username": name, "password": PASSWORD, **extra})


def wait_long(pc):
    session = pc.session
    session["seen"] = int(time.time()) - 61 * 60
    session.save()


def send_too_late(pc, form=None, **extra) -> str:
    """Where the sign-in page will lead."""
    wait_long(pc)
    return pc.post(NEW, form or typed(), **extra).url.partition("next=")[2]


def show(pc, place, address=NEW):
    """What the button of the page does that gives the form back."""
    content = pc.get(place).context["kept"]
    return pc.post(address, {**content["posted"], "kept": place.strip("/").rpartition("/")[2]})


def test_a_form_sent_too_late_is_shown_again_and_then_saved_once(pc):
    form = typed()
    place = send_too_late(pc, form)
    page = pc.get(f"/login/?next={place}").content.decode()
    assert 'value="frontdesk"' in page and "王秀英" not in page

    assert sign_in(pc, "frontdesk", next=place)["Location"] == place
    response = show(pc, place)

    shown = response.content.decode()
    assert response.status_code == 200
    for value in ("王秀英", form["id_number"], "13812345678", "青溪镇北桥村"):
        assert value in shown
    assert not Patient.objects.exists()
    assert pc.post(NEW, form).status_code == 302
    assert pc.post(NEW, form).status_code == 302
    assert Patient.objects.get().name == "王秀英"


@pytest.mark.parametrize("how", ["server forgot it", "cookie gone"])
def test_a_session_that_ended_otherwise_loses_nothing_either(pc, how):
    if how == "cookie gone":
        del pc.cookies["__Host-clinic-session"]
    else:
        Session.objects.all().delete()

    place = pc.post(NEW, typed()).url.partition("next=")[2]
    sign_in(pc, "frontdesk", next=place)

    assert "王秀英" in show(pc, place).content.decode()


def test_another_person_is_not_shown_what_was_typed(pc, nurse):
    place = send_too_late(pc)

    sign_in(pc, "nurse", next=place)
    response = pc.get(place)

    assert response["Location"] == "/"
    assert pc.post(NEW, {"kept": place.strip("/").rpartition("/")[2]})["Location"] == "/"
    assert Draft.objects.filter(form=kept.FORM).count() == 1


def test_it_is_given_back_once(pc):
    place = send_too_late(pc)
    sign_in(pc, "frontdesk", next=place)
    form = pc.get(place).context["kept"]["posted"]
    show(pc, place)

    again = pc.post(NEW, {**form, "kept": place.strip("/").rpartition("/")[2]})

    assert again["Location"] == "/"
    assert pc.get(place)["Location"] == "/"
    assert not Patient.objects.exists()


def test_it_is_given_back_at_its_own_address_only(pc):
    place = send_too_late(pc)
    sign_in(pc, "frontdesk", next=place)

    assert show(pc, place, address="/patients/new/?then=x")["Location"] == "/"
    assert show(pc, place).status_code == 200


def test_tampered_content_is_a_plain_refusal(pc):
    place = send_too_late(pc)
    row = Draft.objects.get(form=kept.FORM)
    row.content = bytes(row.content)[:-1] + bytes([bytes(row.content)[-1] ^ 1])
    row.save()
    sign_in(pc, "frontdesk", next=place)

    assert pc.get(place)["Location"] == "/"


def test_nothing_typed_is_readable_in_the_database_or_in_an_address(pc):
    place = send_too_late(pc, typed(password="geheim"))

    content = bytes(Draft.objects.get(form=kept.FORM).content)
    assert "王秀英".encode() not in content and b"13812345678" not in content
    assert "138" not in place or len(place) == len(reverse("kept", args=[uuid.uuid4()]))


def test_passwords_and_pins_are_not_kept(pc):
    send_too_late(pc, typed(password="geheim", new_password1="geheim", pin="507183"))

    row = Draft.objects.get(form=kept.FORM)
    posted = kept.look_at(row.subject, by=row.owner)["posted"]
    assert not {"password", "new_password1", "pin", "csrfmiddlewaretoken"} & set(posted)


def test_the_page_says_that_files_were_not_kept(pc):
    place = send_too_late(pc, typed(scan=SimpleUploadedFile("a.png", b"x")))
    sign_in(in_english(pc), "frontdesk", next=place)

    page = pc.get(place).content.decode()

    assert "Files were not kept" in page


def test_an_idle_get_shows_the_sign_in_page_and_keeps_nothing(pc):
    wait_long(pc)

    response = pc.get(NEW)

    assert response["Location"] == f"/login/?next={NEW}"
    assert "no-store" in response["Cache-Control"]
    assert not Draft.objects.exists()


def test_a_script_is_shown_no_page_and_a_stranger_keeps_nothing(pc):
    wait_long(pc)
    by_script = pc.post(NEW, typed(), HTTP_SEC_FETCH_MODE="cors")
    by_stranger = SecureClient().post(NEW, typed())

    assert by_script.status_code == 401 and not by_script.content
    assert by_stranger["Location"] == "/login/?next=/"
    assert not Draft.objects.exists()


def test_only_the_latest_forms_are_kept(pc, frontdesk):
    place = ""
    for _form in range(kept.MOST + 2):
        Session.objects.all().delete()
        place = pc.post(NEW, typed()).url.partition("next=")[2]

    assert Draft.objects.filter(form=kept.FORM, owner=frontdesk).count() == kept.MOST
    sign_in(pc, "frontdesk", next=place)
    assert pc.get(place).status_code == 200


def test_what_nobody_came_back_for_is_forgotten_after_a_day(pc):
    send_too_late(pc)
    kept.forget_old()
    assert Draft.objects.filter(form=kept.FORM).count() == 1

    late = timezone.now() - timezone.timedelta(hours=kept.HOURS + 1)
    Draft.objects.update(saved_at=late)
    kept.forget_old()

    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", ["x", "", "\x00", "00000000-0000-4000-8000-000000000001"])
def test_a_made_up_name_saves_nothing(pc, name):
    assert pc.post(NEW, typed(kept=name))["Location"] == "/"
    assert not Patient.objects.exists()


def test_the_pin_brings_it_back_too(pc, frontdesk):
    pin = {"password": PASSWORD, "pin": "507183", "pin_again": "507183"}
    pc.post(reverse("pin_set"), pin)
    place = send_too_late(pc)

    sent = {"who": str(frontdesk.uid), "pin": "507183", "next": place}
    assert pc.post(reverse("switch"), sent)["Location"] == place

    assert "王秀英" in show(pc, place).content.decode()


def test_a_poll_neither_extends_the_session_nor_shows_the_sign_in_page(doctor):
    pc = SecureClient()
    sign_in(pc, "doctor")
    pc.get(reverse("home"))
    session = pc.session
    session["seen"] = before = int(time.time()) - 59 * 60
    session.save()

    pc.get(reverse("queue_fragment"))

    assert pc.session["seen"] == before
    wait_long(pc)
    assert pc.get(reverse("queue_fragment")).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"HTTP_SEC_FETCH_MODE": "cors"}])
def test_a_poll_that_finds_an_idle_session_leaves_the_form_of_its_page_to_its_owner(
    doctor, headers
):
    load_allergy_groups()
    pc = SecureClient()
    sign_in(pc, "doctor")
    wait_long(pc)

    assert pc.get(reverse("queue_fragment"), **headers).status_code == 401
    del pc.cookies[switching.COOKIE]  # nothing but the session itself tells whose form it is
    response = pc.post(NEW, typed())

    assert response.url.startswith("/login/?next=/kept/")
    assert Draft.objects.get(form=kept.FORM).owner == doctor
    assert not Patient.objects.exists()


def test_a_script_that_finds_an_idle_session_is_refused_and_ends_nothing(pc):
    wait_long(pc)

    assert pc.post(NEW, typed(), HTTP_SEC_FETCH_MODE="cors").status_code == 401

    assert pc.post(NEW, typed()).url.startswith("/login/?next=/kept/")
    assert pc.get(NEW).status_code == 302


SETTINGS = "/admin/core/setting/"


def test_a_form_of_the_admin_is_shown_again_and_saved_only_by_its_person(administrator, as_):
    browser, form = as_(administrator), {"key": "backup.hourly", "value": "no"}
    wait_long(browser)
    place = browser.post(f"{SETTINGS}add/", form).url.partition("next=")[2]

    back = as_(administrator)
    shown = show(back, place, f"{SETTINGS}add/")

    assert shown.status_code == 200 and not Setting.objects.exists()
    assert shown.context["adminform"].form["value"].value() == "no"
    assert len(shown.context["messages"]) == 1
    assert back.post(f"{SETTINGS}add/", form).status_code == 302
    assert Setting.objects.get().value == "no"


def test_a_changed_person_is_shown_again_with_the_roles_that_were_chosen(administrator, nurse, as_):
    browser = as_(administrator)
    address = f"/admin/security/user/{nurse.pk}/change/"
    form = {"username": "nurse", "full_name": "周洁", "is_active": "on", "roles": ["doctor"]}
    wait_long(browser)
    place = browser.post(address, form).url.partition("next=")[2]

    shown = show(as_(administrator), place, address).context["adminform"].form

    assert (shown["full_name"].value(), shown["roles"].value()) == ("周洁", ["doctor"])
    nurse = User.objects.get(pk=nurse.pk)
    assert nurse.full_name != "周洁" and nurse.roles == {"nurse"}


def test_what_an_admin_list_would_do_at_once_is_not_kept(administrator, nurse, as_):
    browser = as_(administrator)
    chosen = {"action": "new_password", "_selected_action": [nurse.pk]}
    wait_long(browser)

    answer = browser.post("/admin/security/user/", chosen)

    assert answer.url.startswith("/login/") and "kept" not in answer.url
    assert not Draft.objects.exists()


def test_every_form_of_the_admin_can_show_again_what_was_typed():
    assert all(isinstance(shown, ShowsAgain) for shown in admin.site._registry.values())


def test_a_one_time_code_is_not_kept(administrator):
    browser = SecureClient()
    sign_in(browser, "admin")
    wait_long(browser)

    browser.post("/second-step/set-up/", {"code": "123456"})

    assert not Draft.objects.exists()


def test_a_kept_form_asked_for_at_an_admin_list_does_nothing(administrator, nurse, as_):
    content = {"address": "/admin/security/user/", "posted": {}, "files": False, "screen": ""}
    kept.save_draft(form=kept.FORM, subject=str(uuid.uuid4()), content=content, by=administrator)
    before = nurse.password
    form = {"action": "new_password", "_selected_action": [nurse.pk]}

    as_(administrator).post("/admin/security/user/", {**form, "kept": Draft.objects.get().subject})

    nurse.refresh_from_db()
    assert nurse.password == before
