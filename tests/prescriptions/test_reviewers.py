"""Who reviews, who hands out: pharmacist, technician, remote, second person (R-6, R-33)."""

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from prescriptions import dispensing, no_pharmacist, review
from prescriptions.models import Prescription
from prescriptions.review_models import NoPharmacist
from tests.factories.prescriptions import approved, submitted
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"
LICENCE = "青卫医〔2026〕12号：未配备药师"


def declared(administrator):
    return no_pharmacist.declare(reason="药师离职待招", licence=LICENCE, by=administrator)


def refused(verb, **arguments) -> str:
    with pytest.raises(RuleBroken) as refusal:
        verb(**arguments)
    return refusal.value.rule


# --- rights of the technician -------------------------------------------------------------------


def test_a_technician_picks_and_neither_reviews_nor_hands_out_R6(doctor, pharmacist, technician):
    waits, sheet = submitted(doctor), approved(doctor, pharmacist)

    assert refused(review.approve, prescription=waits, by=technician) == "R-6"
    assert refused(review.return_, prescription=waits, reason="改", by=technician) == "R-6"
    assert dispensing.pick(prescription=sheet, by=technician).picker == technician
    assert refused(dispensing.dispense, prescription=sheet, by=technician) == "R-6"
    assert dispensing.dispense(prescription=sheet, by=pharmacist).dispenser == pharmacist


def test_the_technicians_page_picks_and_has_no_button_to_hand_out_R6(
    doctor, pharmacist, technician, as_
):
    sheet = approved(doctor, pharmacist)
    client, url = as_(technician), reverse("dispense", args=[sheet.pk])
    asked = client.get(url).content.decode()

    post_ok(client, url, {"version": sheet.version, "step": "pick"})

    sheet.refresh_from_db()
    assert (sheet.state, sheet.picker) == ("picking", technician)
    assert 'value="pick"' in asked
    assert 'value="pick"' not in client.get(url).content.decode()


def test_who_hands_out_sends_back_and_whoever_only_picks_is_refused_in_words_R6_R123(
    doctor, pharmacist, technician, second_checker, administrator, as_
):
    declared(administrator)
    sheet = approved(doctor, pharmacist)
    url, data = reverse("prescription_send_back", args=[sheet.pk]), {"version": sheet.version}
    collects = reverse("dispense_collector", args=[sheet.pk])
    shown = as_(technician).get(reverse("dispense", args=[sheet.pk])).content.decode()

    picker = as_(technician)
    answers = [picker.post(url, data | {"reason": "缺"}), picker.post(collects, {"who": "patient"})]
    sheet.refresh_from_db()
    state = sheet.state
    post_ok(as_(second_checker), url, data | {"reason": "缺货"})

    sheet.refresh_from_db()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (state, sheet.state) == ("paid", "returned")
    assert url not in shown


@pytest.mark.parametrize("who", ["doctor", "nurse", "storekeeper", "administrator"])
def test_no_other_trade_picks_or_reviews_R6(doctor, other_doctor, request, pharmacist, who):
    by = request.getfixturevalue(who) if who != "doctor" else other_doctor

    assert refused(review.approve, prescription=submitted(doctor), by=by) == "R-6"
    assert refused(dispensing.pick, prescription=approved(doctor, pharmacist), by=by) == "R-6"


# --- from afar, and without a pharmacist ---------------------------------------------------------


def test_a_remote_review_is_marked_and_hands_nothing_out_R33(
    doctor, pharmacist, remote_pharmacist, as_
):
    sheet = review.approve(prescription=submitted(doctor), by=remote_pharmacist)

    assert (sheet.reviewer, sheet.reviewed_as) == (remote_pharmacist, "remote")
    assert sheet.events.get(new="approved").mark == "remote"
    assert refused(dispensing.dispense, prescription=sheet, by=remote_pharmacist) == "R-6"
    page = as_(pharmacist).get(reverse("prescription_show", args=[sheet.pk])).content.decode()
    assert sheet.get_reviewed_as_display() in page
    assert dispensing.dispense(prescription=sheet, by=pharmacist).state == "dispensed"


def test_a_second_person_reviews_only_while_there_is_no_pharmacist_R177(
    doctor, second_checker, administrator, as_
):
    sheet, client = submitted(doctor), as_(second_checker)
    closed = client.get(reverse("review_list")).content.decode()
    assert sheet.patient.name not in closed
    assert refused(review.approve, prescription=sheet, by=second_checker) == "R-6"

    declared(administrator)
    passed = review.approve(prescription=sheet, by=second_checker)

    assert passed.reviewed_as == "second"
    assert Prescription.objects.filter(reviewed_as="second").count() == 1  # for the figure
    no_pharmacist.end(by=administrator)
    other = submitted(doctor)
    assert refused(review.approve, prescription=other, by=second_checker) == "R-6"


def test_without_a_pharmacist_the_prescriber_still_does_not_review_R177(doctor, administrator):
    from security.roles import set_roles

    declared(administrator)
    both = set_roles(user=doctor, roles={"doctor", "second_checker"}, by=None)

    assert refused(review.approve, prescription=submitted(both), by=both) == "R-32"


@pytest.mark.parametrize("text", [{"reason": " "}, {"licence": ""}])
def test_reason_and_licence_are_needed_R177(administrator, text):
    given = {"reason": "药师离职", "licence": LICENCE, **text}

    assert refused(no_pharmacist.declare, by=administrator, **given) == "R-177"
    assert not no_pharmacist.is_declared()


def test_only_an_administrator_declares_it_R177(pharmacist):
    assert refused(no_pharmacist.declare, reason="x", licence="x", by=pharmacist) == "R-177"


def test_the_administrator_declares_it_in_the_admin_and_ends_it_R177(administrator, as_):
    client = as_(administrator)
    add = reverse("admin:prescriptions_nopharmacist_add")

    missing = client.post(add, {"reason": "药师离职", "licence": ""})
    client.post(add, {"reason": "药师离职", "licence": LICENCE})

    row = NoPharmacist.objects.get()
    assert missing.status_code == 200 and row.declared_by == administrator
    change = reverse("admin:prescriptions_nopharmacist_change", args=[row.pk])
    assert client.post(change, {"over": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_by, row.licence) == (administrator, LICENCE)


# --- one pharmacist on duty ----------------------------------------------------------------------


@pytest.fixture
def own(doctor, pharmacist):
    """A sheet that the pharmacist reviewed and now stands before to hand out."""
    return review.approve(prescription=submitted(doctor), by=pharmacist)


def test_who_reviewed_signs_again_to_hand_out_R33(own, pharmacist):
    assert refused(dispensing.dispense, prescription=own, by=pharmacist) == "R-33"

    sheet = dispensing.dispense(prescription=own, signed_again=True, by=pharmacist)

    assert sheet.double_signed_at is not None


def test_who_reviewed_is_no_second_person_for_oneself_R33(own, pharmacist):
    rule = refused(dispensing.dispense, prescription=own, witness=pharmacist, by=pharmacist)

    assert rule == "R-33"


def test_two_people_sign_once_each_R33(own, other_pharmacist):
    sheet = dispensing.dispense(prescription=own, by=other_pharmacist)

    assert sheet.double_signed_at is None


def test_a_site_with_two_pharmacists_may_ask_for_both_R33(own, pharmacist):
    Setting.objects.create(key="dispensing.alone", value="no")

    rule = refused(dispensing.dispense, prescription=own, signed_again=True, by=pharmacist)

    assert rule == "R-33"


def test_the_window_asks_for_the_password_again_R33(own, pharmacist, as_):
    client, url = as_(pharmacist), reverse("dispense", args=[own.pk])

    page = client.get(url).content.decode()
    without = client.post(url, {"version": own.version})
    wrong = client.post(url, {"version": own.version, "password": "wrong-horse-7"})
    own.refresh_from_db()
    assert (without.status_code, wrong.status_code, own.state) == (200, 200, "paid")
    post_ok(client, url, {"version": own.version, "password": PASSWORD})

    own.refresh_from_db()
    assert 'name="password"' in page and own.state == "dispensed"
