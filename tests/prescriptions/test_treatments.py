"""What a sheet orders by itself, and what becomes of it when the sheet changes (R-34, R-40)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from prescriptions import charging, dispensing, returning, review, services, treatments, turns
from prescriptions.courses import MOST_TURNS, due_times, times_in
from prescriptions.dictionary import frequencies, frequency_of
from prescriptions.models import PrescriptionItem, Treatment, TreatmentService, TreatmentTurn
from prescriptions.skin_tests import record_skin_test
from prescriptions.skin_timer import put_on
from prescriptions.treatment_services import load_treatment_services
from tests.factories.prescriptions import charges, colleague, draft, row, visit_of, yesterday
from tests.factories.treatments import (
    DRIP,
    INTO_MUSCLE,
    NEBULISED,
    ONCE_A_DAY,
    UNDER_SKIN,
    ampoules,
    injections,
)

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def states(treatment):
    return [turn.state for turn in treatment.turns.order_by("number")]


def today(treatment):
    """All its turns are due now."""
    treatment.turns.update(due_at=timezone.now())
    return list(treatment.turns.order_by("number"))


def approve(sheet, pharmacist):
    sheet = services.submit(prescription=sheet, by=sheet.prescriber)
    return review.approve(prescription=sheet, by=colleague(pharmacist))


def service(code="DR1"):
    load_treatment_services()
    return TreatmentService.objects.get(code=code)


def test_rows_that_nurses_give_order_a_treatment_each_a_group_one(doctor, pharmacist):
    load_treatment_services()
    sheet = draft(doctor)
    row(sheet)  # by mouth
    row(sheet, ampoules(ingredients="甲"), **{**ONCE_A_DAY, "route": INTO_MUSCLE})
    for name in ("乙", "丙"):
        drug = ampoules(generic_name=name, ingredients=name, class_tags="溶媒")
        usage = {"frequency": "bid", "route": DRIP, "group": 1, "drip": "40滴/分"}
        row(sheet, drug, **{**ONCE_A_DAY, **usage})
    row(sheet, ampoules(ingredients="丁"), **{**ONCE_A_DAY, "route": NEBULISED, "days": 2})

    approve(sheet, pharmacist)

    found = Treatment.objects.order_by("item__rank")
    assert [(t.service.code, t.times, t.settled) for t in found] == [
        ("IM", 3, "free"),
        ("VD", 6, "free"),
        ("NEB", 2, "free"),
    ]
    assert {t.ordered_by for t in found} == {doctor}


def test_long_courses_under_the_skin_are_given_at_home(doctor, pharmacist):
    load_treatment_services()
    sheet = draft(doctor)
    row(sheet, ampoules(), **{**ONCE_A_DAY, "route": UNDER_SKIN, "days": 7})

    approve(sheet, pharmacist)

    assert not Treatment.objects.exists()


@pytest.mark.parametrize(
    ("code", "times", "expected"),
    [
        ("tid", 4, ["01 10:15", "01 16:00", "02 08:00", "02 12:00"]),
        ("qd", 2, ["01 10:15", "02 08:00"]),
        ("q8h", 3, ["01 10:15", "01 18:15", "02 02:15"]),
        ("qod", 2, ["01 10:15", "03 10:15"]),
        ("st", 1, ["01 10:15"]),
    ],
)
def test_the_first_turn_is_due_at_once_the_others_at_the_tables_hours_R164(code, times, expected):
    start = datetime(2026, 12, 1, 10, 15, tzinfo=SHANGHAI)

    found = due_times(frequency_of(code), times, start)

    assert [f"{moment.astimezone(SHANGHAI):%d %H:%M}" for moment in found] == expected


def test_of_any_frequency_and_days_turns_are_few_and_in_order():
    for hour in range(0, 24, 3):
        start = datetime(2026, 2, 27, hour, 40, tzinfo=SHANGHAI)
        for frequency in frequencies().values():
            for days in (1, 3, 7, 60):
                times = times_in(frequency, days)
                found = due_times(frequency, times, start)
                assert 1 <= times <= MOST_TURNS
                assert found[0] == start and len(found) == times
                assert all(a < b for a, b in zip(found, found[1:], strict=False)), frequency


@pytest.mark.parametrize("way", ["void", "send_back", "lapse"])
def test_treatments_end_with_their_sheet_R34(doctor, pharmacist, way):
    from prescriptions.lapsing import lapse_expired

    treatment = injections(doctor, pharmacist, hand_out=False)
    sheet = treatment.item.prescription

    if way == "void":
        services.void(prescription=sheet, by=doctor, reason="开错")
    elif way == "send_back":
        dispensing.send_back(prescription=sheet, reason="缺货", by=pharmacist)
    else:
        yesterday(sheet)
        lapse_expired()

    treatment.refresh_from_db()
    assert (treatment.state, set(states(treatment))) == ("cancelled", {"cancelled"})


def test_a_corrected_sheet_orders_anew_and_what_was_paid_stays(doctor, pharmacist):
    charges()
    treatment = injections(doctor, pharmacist, hand_out=False)
    sheet = treatment.item.prescription
    charging.settle(prescription=sheet, by=pharmacist)
    charging.settle_treatment(treatment=treatment, how="paid", by=pharmacist)
    dispensing.send_back(prescription=sheet, reason="请核对", by=pharmacist)
    sheet.refresh_from_db()

    approve(sheet, pharmacist)

    found = Treatment.objects.get()
    assert (found.pk, found.settled, found.state) == (treatment.pk, "paid", "ordered")


def test_a_corrected_course_is_ordered_anew_and_the_paid_one_can_be_refunded(doctor, pharmacist):
    charges()
    treatment = injections(doctor, pharmacist, hand_out=False)
    sheet = treatment.item.prescription
    charging.settle(prescription=sheet, by=pharmacist)
    charging.settle_treatment(treatment=treatment, how="paid", by=pharmacist)
    dispensing.send_back(prescription=sheet, reason="请核对", by=pharmacist)
    sheet.refresh_from_db()
    item = treatment.item
    services.change_item(
        item=item, drug=item.drug, by=doctor, **{**ONCE_A_DAY, "days": 2, "route": INTO_MUSCLE}
    )

    approve(sheet, pharmacist)

    old, new = Treatment.objects.order_by("ordered_at")
    assert (old.state, new.state, new.times, new.settled) == ("cancelled", "ordered", 2, "")
    assert charging.times_to_give_back([old, new]) == {old.pk: 3}
    assert charging.unsettle_treatment(treatment=old, by=pharmacist) == 3


def test_a_turn_is_begun_and_done_with_lot_person_and_time(doctor, pharmacist, nurse):
    treatment = injections(doctor, pharmacist)
    first = treatment.turns.get(number=1)

    turns.finish(turn=first, result="顺利", reaction="", by=nurse)

    first.refresh_from_db()
    lot = treatment.item.lines.get().movement.batch.lot
    assert (first.state, first.by, first.ended_by, first.lots) == ("done", nurse, nurse, lot)
    assert first.started_at and first.ended_at and first.result == "顺利"
    assert states(treatment) == ["done", "due", "due"]


@pytest.mark.parametrize("how", ["unpaid", "not handed out", "too early", "earlier", "unchecked"])
def test_what_stands_in_the_way_of_a_turn(doctor, pharmacist, nurse, how):
    charges(how == "unpaid")
    treatment = injections(doctor, pharmacist, hand_out=how not in ("unpaid", "not handed out"))
    turn = treatment.turns.get(number=2 if how in ("too early", "earlier") else 1)
    if how == "earlier":
        turn = today(treatment)[1]

    with pytest.raises(RuleBroken) as refusal:
        turns.start(turn=turn, checked=how != "unchecked", by=nurse)

    turn.refresh_from_db()
    assert turn.state == "due"
    assert refusal.value.rule in ("R-34", "R-40")


def test_a_part_handed_out_is_enough_for_its_turns_R123(doctor, pharmacist, nurse):
    treatment = injections(doctor, pharmacist, hand_out=False)
    sheet = treatment.item.prescription
    dispensing.dispense(prescription=sheet, parts={treatment.item_id: 1}, by=pharmacist)
    first, second, _third = today(treatment)

    turns.finish(turn=first, by=nurse)

    with pytest.raises(RuleBroken, match="盐酸氨溴索注射液"):
        turns.finish(turn=second, by=nurse)


def test_an_allergy_learnt_later_stops_the_turn_R43(doctor, pharmacist, nurse, shipped_library):
    from patients.services import add_allergy

    load_treatment_services()
    sheet = draft(doctor)
    item = row(
        sheet,
        ampoules(generic_name="注射用青霉素钠", allergy_groups="PCN", ingredients="青霉素"),
        **{**ONCE_A_DAY, "route": INTO_MUSCLE},
    )
    approve(sheet, pharmacist)
    sheet.refresh_from_db()
    dispensing.dispense(prescription=sheet, by=pharmacist)
    add_allergy(
        patient=sheet.patient,
        group_code="PCN",
        substance="青霉素",
        reaction="",
        severity="severe",
        by=nurse,
    )

    with pytest.raises(RuleBroken) as refusal:
        turns.start(turn=Treatment.objects.get(item=item).turns.first(), by=nurse)

    assert refusal.value.rule == "R-43"


def test_two_persons_check_where_the_service_says_so_R40(doctor, pharmacist, nurse):
    treatment = injections(doctor, pharmacist)
    TreatmentService.objects.update(two_people=True)
    turn = treatment.turns.get(number=1)

    for witness in (None, nurse):
        with pytest.raises(RuleBroken) as refusal:
            turns.start(turn=turn, witness=witness, by=nurse)
        assert refusal.value.field == "witness_name"

    assert turns.start(turn=turn, witness=doctor, by=nurse).witness == doctor


def test_left_out_and_refused_turns_say_why(doctor, pharmacist, nurse):
    treatment = injections(doctor, pharmacist)
    first, second, third = today(treatment)

    with pytest.raises(RuleBroken):
        turns.leave_out(turn=first, reason=" ", by=nurse)
    turns.leave_out(turn=first, reason="患者未到", by=nurse)
    turns.leave_out(turn=second, reason="怕痛", refused=True, by=nurse)
    turns.finish(turn=third, by=nurse)

    treatment.refresh_from_db()
    assert states(treatment) == ["not_done", "refused", "done"]
    assert treatment.state == "done"


def test_a_slip_is_taken_back_by_the_same_person_within_minutes(doctor, pharmacist, nurse):
    from security.models import AuditEntry

    treatment = injections(doctor, pharmacist)
    turn = treatment.turns.get(number=1)
    turns.finish(turn=turn, by=nurse)

    with pytest.raises(RuleBroken):
        turns.undo(turn=turn, by=doctor)
    turns.undo(turn=turn, by=nurse)

    turn.refresh_from_db()
    assert (turn.state, turn.by, turn.lots) == ("due", None, "")
    assert AuditEntry.objects.filter(event="treatment_undone").count() == 1
    turns.finish(turn=turn, by=nurse)
    TreatmentTurn.objects.filter(pk=turn.pk).update(ended_at=timezone.now() - timedelta(minutes=11))
    with pytest.raises(RuleBroken):
        turns.undo(turn=turn, by=nurse)


def test_the_doctor_orders_by_hand_and_stops_the_rest(doctor, other_doctor, nurse):
    visit = visit_of(doctor)
    with pytest.raises(RuleBroken):
        treatments.order(consultation=visit, service=service(), by=other_doctor)
    treatment = treatments.order(
        consultation=visit, service=service(), words="左前臂", times=3, every=2, by=doctor
    )
    first, second, _third = treatment.turns.order_by("number")
    assert second.due_at - first.due_at == timedelta(days=2)
    turns.finish(turn=first, by=nurse)

    with pytest.raises(RuleBroken):
        treatments.stop(treatment=treatment, reason="", by=doctor)
    treatments.stop(treatment=treatment, reason="伤口已愈合", by=doctor)

    treatment.refresh_from_db()
    assert (treatment.state, states(treatment)) == ("done", ["done", "cancelled", "cancelled"])
    assert (treatment.words, treatment.reason) == ("左前臂", "伤口已愈合")


def test_only_turns_never_carried_out_are_given_back_and_each_once_R102(doctor, cashier, nurse):
    charges()
    treatment = treatments.order(
        consultation=visit_of(doctor), service=service(), times=3, by=doctor
    )
    charging.settle_treatment(treatment=treatment, how="paid", by=cashier)
    first, second, _third = today(treatment)
    turns.finish(turn=first, by=nurse)
    with pytest.raises(AlreadyDone):
        charging.unsettle_treatment(treatment=treatment, by=cashier)
    turns.leave_out(turn=second, reason="未到", by=nurse)

    assert charging.unsettle_treatment(treatment=treatment, by=cashier) == 1
    with pytest.raises(AlreadyDone):
        turns.undo(turn=second, by=nurse)  # its money is back with the patient
    treatments.stop(treatment=treatment, reason="已愈", by=doctor)
    assert charging.unsettle_treatment(treatment=treatment, by=cashier) == 1
    with pytest.raises(AlreadyDone):
        charging.unsettle_treatment(treatment=treatment, by=cashier)


def test_put_off_and_stopped_before_it_is_paid_is_charged_for_what_was_done(doctor, cashier, nurse):
    charges()
    treatment = treatments.order(
        consultation=visit_of(doctor), service=service(), times=3, by=doctor
    )
    charging.settle_treatment(treatment=treatment, how="later", by=cashier)
    turns.finish(turn=treatment.turns.get(number=1), by=nurse)
    treatments.stop(treatment=treatment, reason="已愈", by=doctor)

    assert charging.times_to_charge([treatment]) == {treatment.pk: 1}
    charging.settle_treatment(treatment=treatment, how="paid", by=cashier)
    assert charging.times_to_give_back([treatment]) == {treatment.pk: 0}


def test_the_skin_test_of_a_row_is_a_treatment_of_its_own_R45(doctor, pharmacist, nurse):
    load_treatment_services()
    sheet = draft(doctor)
    item = row(
        sheet,
        ampoules(skin_test="需皮试", ingredients="青霉素", allergy_groups="PCN"),
        **{**ONCE_A_DAY, "route": INTO_MUSCLE},
    )
    record_skin_test(item=item, state="pending", by=doctor)
    approve(sheet, pharmacist)
    test = Treatment.objects.get(service__code="ST")
    assert states(test) == ["due"]

    put_on(item=item, by=nurse)
    assert states(test) == ["running"]
    PrescriptionItem.objects.filter(pk=item.pk).update(
        skin_test_started_at=timezone.now() - timedelta(minutes=21)
    )
    item.refresh_from_db()
    record_skin_test(item=item, state="negative", lot="PS1", by=nurse)

    turn = test.turns.get()
    assert (turn.state, turn.ended_by, turn.lots, turn.result) == ("done", nurse, "PS1", "阴性")
    assert Treatment.objects.get(service__code="IM").state == "ordered"


def test_an_unpaid_skin_test_is_not_put_on_R34_R45(doctor, pharmacist, cashier, nurse):
    charges()
    load_treatment_services()
    sheet = draft(doctor)
    facts = {"skin_test": "需皮试", "ingredients": "青霉素", "allergy_groups": "PCN"}
    item = row(sheet, ampoules(**facts), **{**ONCE_A_DAY, "route": INTO_MUSCLE})
    record_skin_test(item=item, state="pending", by=doctor)
    approve(sheet, pharmacist)
    test = Treatment.objects.get(service__code="ST")

    with pytest.raises(RuleBroken):
        put_on(item=item, by=nurse)
    charging.settle_treatment(treatment=test, how="later", by=cashier)
    put_on(item=item, by=nurse)

    assert states(test) == ["running"]


@pytest.mark.parametrize(("units", "states_then"), [(7, 6), (6, 6), (5, 5)])
def test_drugs_that_come_back_end_what_is_left_of_the_course_R117(
    doctor, pharmacist, nurse, units, states_then
):
    treatment = injections(doctor, pharmacist, drug=ampoules(units_per_pack=1), days=7)
    sheet = treatment.item.prescription
    turns.finish(turn=treatment.turns.get(number=1), by=nurse)
    movement = treatment.item.lines.get().movement
    sheet.refresh_from_db()

    returning.take_back(
        prescription=sheet, rows=[(movement, units, True)], reason="adverse", by=pharmacist
    )

    assert states(treatment).count("cancelled") == states_then
