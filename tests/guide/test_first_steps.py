"""The administrator of an empty clinic is led through its first steps."""

import pytest
from django.urls import reverse

from clinic.core.models import GuideStep, Institution, Setting
from clinic.core.site import setting
from clinic.guide import steps, verbs
from registration.models import Clinician, Department, Room, WeeklySchedule
from security.models import AuditEntry, User
from security.permissions import Role
from tests.factories.registration import open_session, waiting_visit
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db

CLINIC = {"name": "青溪社区卫生服务站", "short_name": "青溪", "kind": "station"}
CLINIC |= {"phone": "0512-58001234", "uses": ["pharmacy", "booking"]}
DOCTOR = {"full_name": "林海生", "roles": ["doctor"], "title": "attending"}


def at(code: str) -> str:
    return reverse("guide_step", args=[code])


@pytest.fixture
def admin_screen(administrator, as_):
    return as_(administrator)


def test_an_empty_clinic_is_set_up_page_after_page(admin_screen, tmp_path):
    def save(code, **typed):
        return post_ok(admin_screen, at(code), {"do": "save", **typed})["Location"]

    assert admin_screen.get("/", follow=True).redirect_chain[-1][0] == at("clinic")
    assert save("clinic", **CLINIC) == at("places")
    assert save("places", departments="全科\n儿科", rooms="1诊室") == at("people")
    place = {"department": Department.objects.first().pk, "room": Room.objects.first().pk}
    assert save("people", **DOCTOR, **place) == at("people")
    told = admin_screen.get(at("people"))
    assert save("week") == at("drugs")
    assert save("drugs") == at("printer")
    assert save("printer") == at("backup")
    assert save("backup", folder=str(tmp_path)) == reverse("guide")

    page = admin_screen.get("/", follow=True)

    assert page.redirect_chain[-1][0] == reverse("security_home")
    assert [one.state for one in steps.shown()] == ["done"] * len(steps.STEPS)
    assert Institution.objects.get().name == CLINIC["name"]
    assert {code: setting(f"site.{code}") for code in ("pharmacy", "treatments")} == {
        "pharmacy": True,
        "treatments": False,
    }
    doctor = User.objects.get(username="linhaisheng")
    password = [str(m) for m in told.context["messages"]][0].split()
    assert any(doctor.check_password(word.strip("。.,，")) for word in password)
    assert doctor.must_change_password and doctor.clinician.letter == "A"
    assert "password" not in str(list(admin_screen.get(at("people")).context["messages"]))
    assert WeeklySchedule.objects.filter(clinician=doctor.clinician, online_quota=10).count() == 10
    kept = set(AuditEntry.objects.values_list("content_type__model", flat=True))
    assert kept >= {"institution", "setting", "department", "room", "user", "clinician"}


def test_a_step_is_put_off_and_taken_up_again(admin_screen):
    for step in steps.STEPS[:-1]:
        post_ok(admin_screen, at(step.code), {"do": "later"})

    assert admin_screen.get("/guide/")["Location"] == at("backup")
    post_ok(admin_screen, at("clinic"), {"do": "save", **CLINIC})
    states = {one.code: one.state for one in steps.shown()}
    assert (states["clinic"], states["places"], states["backup"]) == ("done", "later", "")


def test_the_guide_put_off_comes_no_more_by_itself_but_stays_reachable(admin_screen):
    post_ok(admin_screen, at("people"), {"do": "off"})

    page = admin_screen.get("/", follow=True)

    assert page.redirect_chain[-1][0] == reverse("security_home")
    assert f"{reverse('guide')}?all=1" in page.content.decode()
    assert admin_screen.get(reverse("guide"), {"all": 1}).status_code == 200


def test_a_clinic_that_works_already_is_left_in_peace(admin_screen, doctor, frontdesk):
    waiting_visit(open_session(doctor), frontdesk)

    assert admin_screen.get("/")["Location"] == reverse("security_home")


@pytest.mark.parametrize(
    ("code", "typed", "wrong"),
    [
        ("clinic", {**CLINIC, "phone": ""}, "phone"),
        ("places", {"departments": " ", "rooms": "1诊室"}, "departments"),
        ("people", {**DOCTOR, "roles": []}, "roles"),
        ("people", {**DOCTOR, "roles": ["administrator", "auditor"]}, "roles"),
        ("people", {**DOCTOR}, "department"),  # no department there yet
        ("people", {**DOCTOR, "roles": ["nurse"], "username": "admin"}, "username"),
        ("backup", {"folder": "/nowhere/at/all"}, "folder"),
        ("backup", {"folder": "relative"}, "folder"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(admin_screen, code, typed, wrong):
    page = admin_screen.post(at(code), {"do": "save", **typed})

    assert page.status_code == 200 and wrong in page.context["form"].errors
    assert User.objects.count() == 1 and not Setting.objects.exists()


def test_the_offered_week_leaves_hours_alone_that_are_there(administrator, doctor):
    room, department = Room.objects.create(name="1"), Department.objects.create(name="全科")
    words = {"room": room, "department": department, "title": Clinician.Title.CHIEF}
    mine = Clinician.objects.create(user=doctor, letter="A", **words)
    assert verbs.give_usual_week(by=administrator) == 1
    WeeklySchedule.objects.filter(weekday__gt=0).delete()

    with pytest.raises(verbs.RuleBroken):
        verbs.give_usual_week(by=administrator)

    assert mine.week.count() == 2
    assert not GuideStep.objects.exists()


def test_only_the_administrator_is_led(frontdesk, as_):
    assert Role.FRONTDESK in frontdesk.roles
    assert as_(frontdesk).get("/")["Location"] == reverse("desk")
    assert as_(frontdesk).get(reverse("guide")).status_code == 403
