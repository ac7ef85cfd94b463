"""Writing a herbal sheet (R-14, R-15, R-19, R-21, R-37, R-74, R-168)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.demo.history import move_back
from pharmacy import stock
from prescriptions import herbal, repeating, rewriting, services, sets
from prescriptions.herb_words import common_line, known, methods, note_of, notes, usages
from prescriptions.models import Prescription
from prescriptions.rules.herbal import names_syndrome
from registration.consultation import finish, save_record
from registration.models import Session
from tests.factories.herbs import (
    SEVEN,
    herbal_dispensed,
    herbal_draft,
    herbal_submitted,
    names,
    piece,
    put,
)
from tests.factories.prescriptions import draft, row, tablets
from tests.factories.registration import open_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def herbs(doctor):
    """A sheet of three pieces for seven days."""
    sheet = herbal_draft(doctor)
    for name, grams in [("黄芪", "15"), ("白芍", "12"), ("甘草", "6")]:
        put(sheet, piece(name), grams)
    return sheet


def rows(sheet):
    return list(sheet.items.filter(removed_at__isnull=True).order_by("rank"))


def test_grams_times_doses_are_the_quantity_and_its_price_R168(doctor):
    sheet = herbal_draft(doctor)
    put(sheet, piece("黄芪", price=Decimal("42.00")), "15")

    (item,) = rows(sheet)
    assert (item.quantity, item.base_unit, item.days) == (105, "g", 7)
    assert item.amount == Decimal("8.82")


def test_a_part_of_a_gram_is_kept_in_the_dose_and_the_total_rounded_up_R168(doctor):
    sheet = herbal_draft(doctor)
    put(sheet, piece("细辛"), "1.5")

    (item,) = rows(sheet)
    assert (item.dose, item.quantity) == (Decimal("1.5"), 11)


@pytest.mark.parametrize(
    ("usage", "doses", "days", "frequency"),
    [("2w", 7, 7, "qd"), ("2j", 7, 4, "bid"), ("gr", 3, 6, "qod")],
)
def test_the_days_follow_from_doses_and_taking_R23(doctor, usage, doses, days, frequency):
    sheet = herbal_draft(doctor, common=replace(SEVEN, doses=doses, usage=usage))
    put(sheet, piece("黄芪"), "10")

    (item,) = rows(sheet)
    assert (item.days, item.frequency, item.quantity) == (days, frequency, 10 * doses)


def test_other_doses_compute_every_piece_again(herbs, doctor):
    herbal.write(prescription=herbs, common=replace(SEVEN, doses=5), by=doctor)

    assert [item.quantity for item in rows(herbs)] == [75, 60, 30]


def test_small_bags_are_handed_out_whole_R19(doctor):
    sheet = herbal_draft(doctor)
    bag = {"base_unit": "包", "content": Decimal(10), "content_unit": "g", "units_per_pack": 50}
    bags = piece("黄芪小包装", **bag)

    put(sheet, bags, "20")
    with pytest.raises(RuleBroken) as refused:
        put(sheet, piece("白芍小包装", **bag), "15")

    assert [item.quantity for item in rows(sheet)] == [14]
    assert refused.value.field == "dose"


@pytest.mark.parametrize("grams", ["0", "0.05", "9.25", "1001"])
def test_what_are_no_grams_is_refused_R19(doctor, grams):
    sheet = herbal_draft(doctor)

    with pytest.raises(RuleBroken) as refused:
        put(sheet, piece("黄芪"), grams)

    assert refused.value.field == "dose"
    assert rows(sheet) == []


def test_pieces_stand_in_the_order_of_writing_and_can_be_moved_R21(herbs, doctor):
    put(herbs, piece("当归"), "10", before=rows(herbs)[0])
    third = rows(herbs)[2]
    herbal.write(prescription=herbs, piece=herbal.Piece.of(third), item=third, step=-1, by=doctor)
    last = rows(herbs)[3]
    herbal.write(prescription=herbs, piece=herbal.Piece.of(last), item=last, step=1, by=doctor)

    assert names(herbs) == ["当归", "白芍", "黄芪", "甘草"]
    assert [item.rank for item in rows(herbs)] == [1, 2, 3, 4]


def test_the_same_piece_stands_once_on_a_sheet_R37(herbs):
    with pytest.raises(RuleBroken, match="黄芪"):
        put(herbs, rows(herbs)[0].drug, "30")

    assert len(rows(herbs)) == 3


def test_a_piece_changed_keeps_its_place(herbs, doctor):
    put(herbs, rows(herbs)[1].drug, "20", "先煎", item=rows(herbs)[1])

    assert names(herbs) == ["黄芪", "白芍", "甘草"]
    assert (rows(herbs)[1].dose, rows(herbs)[1].herb_note) == (20, note_of("先煎").code)


def test_what_is_bought_outside_stays_so_until_another_piece_stands_there_R113(herbs, doctor):
    first = rows(herbs)[0]
    services.mark_outside(item=first, by=doctor)

    herbal.write(prescription=herbs, common=replace(SEVEN, doses=5), by=doctor)
    kept = rows(herbs)[0]
    put(herbs, piece("党参"), "15", item=kept)

    assert (kept.outside, kept.amount, kept.quantity) == (True, 0, 75)
    assert (rows(herbs)[0].outside, rows(herbs)[0].amount) == (False, Decimal("1.50"))


def test_pieces_and_other_drugs_never_share_a_sheet_R15(doctor, herbs):
    other = draft(doctor, record=herbs.consultation)

    for verb in (
        lambda: row(other, piece("当归")),
        lambda: row(herbs, tablets()),
        lambda: put(herbs, tablets()),
        lambda: put(other, piece("川芎")),
    ):
        with pytest.raises(RuleBroken) as refused:
            verb()
        assert refused.value.rule == "R-15"
    assert (rows(other), len(rows(herbs))) == ([], 3)


def test_an_empty_herbal_draft_is_taken_up_again_and_no_other(doctor, visit):
    western = services.start(consultation=visit, by=doctor)
    herbs = herbal.start(consultation=visit, by=doctor)

    assert herbs.form == Prescription.Form.HERBAL
    assert herbal.start(consultation=visit, by=doctor) == herbs != western


def test_an_empty_sheet_is_no_alert_in_the_log_R43(doctor):
    assert not herbal_draft(doctor).alerts.exists()


def test_without_doses_nothing_is_submitted_R8(doctor):
    sheet = herbal_draft(doctor, common=None)
    put(sheet, piece("黄芪"), "15")

    with pytest.raises(RuleBroken):
        herbal.submit(prescription=sheet, by=doctor)

    assert herbal.submit(prescription=sheet, common=SEVEN, by=doctor).state == "submitted"


def test_doses_on_the_screen_count_when_it_is_submitted(herbs, doctor):
    herbs.refresh_from_db()
    herbal.submit(
        prescription=herbs, version=herbs.version, common=replace(SEVEN, doses=3), by=doctor
    )

    assert [item.quantity for item in rows(herbs)] == [45, 36, 18]


def test_a_sheet_changed_meanwhile_is_not_submitted(herbs, doctor):
    with pytest.raises(AlreadyDone):
        herbal.submit(prescription=herbs, version=1, common=SEVEN, by=doctor)


def test_twenty_pieces_are_no_more_than_five_drugs_R14(doctor):
    many = [(piece(f"某药{n}"), "9", "") for n in range(20)]

    assert herbal_submitted(doctor, *many).items.count() == 20


def test_grams_times_doses_leave_the_shelf_once(doctor, pharmacist):
    astragalus, cassia = piece("黄芪", stock=500), piece("桂枝", stock=500)
    herbal_dispensed(doctor, pharmacist, (astragalus, "15", ""), (cassia, "9", ""))

    assert stock.available([astragalus.pk, cassia.pk]) == {astragalus.pk: 395, cassia.pk: 437}


def test_a_herbal_sheet_is_written_again_at_the_next_visit_R74(doctor, pharmacist):
    old = herbal_dispensed(
        doctor, pharmacist, (piece("附片"), "9", "先煎"), (piece("甘草"), "6", "")
    )
    seen = old.consultation
    seen.refresh_from_db()
    save_record(consultation=seen, version=seen.version, complaint="乏力", by=doctor)
    move_back(finish(consultation=seen, by=doctor).registration, days=40)
    record = open_record(Session.objects.latest("date"), doctor, patient=old.patient)

    again = repeating.repeat(consultation=record, source=old.consultation, by=doctor)

    new = Prescription.objects.get(consultation=record)
    assert again.left == []
    assert common_line(new) == common_line(old)
    assert [(i.drug_name, i.dose, i.herb_note) for i in rows(new)] == [
        ("附片", 9, "xj"),
        ("甘草", 6, ""),
    ]


@pytest.mark.parametrize(
    ("name", "note", "toxic", "pregnancy"),
    [
        ("附片(黑顺片)", "先煎", False, "慎用"),
        ("制川乌", "先煎", False, "慎用"),
        ("川乌", "先煎", True, "禁用"),
        ("生半夏", "", True, "慎用"),
        ("姜半夏", "", False, ""),
        ("醋三棱", "", False, "禁用"),
        ("薄荷", "后下", False, ""),
        ("陈皮", "", False, ""),
    ],
)
def test_a_piece_is_known_by_its_own_name_first(name, note, toxic, pregnancy):
    found = known(name, ["川乌"] if name == "制川乌" else [name.strip("姜醋生制")])

    assert (found.note, found.toxic, found.pregnancy) == (note, toxic, pregnancy)


def test_the_shipped_words_lead_to_each_other():
    assert len({m.name for m in methods().values()}) == len(methods())
    assert len({u.name for u in usages().values()}) == len(usages())
    assert len({n.name for n in notes().values()}) == len(notes())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("风寒束表证", True),
        ("咳嗽病，痰湿阻肺证", True),
        ("辨证：气虚", True),
        ("急性支气管炎", False),
        ("出示身份证", False),
        ("高血压并发症", False),
    ],
)
def test_a_syndrome_is_recognised_by_its_words_R37(text, found):
    assert names_syndrome(text) is found


def lines(sheet):
    return [(item.drug_name, item.dose, item.herb_note, item.quantity) for item in rows(sheet)]


def test_a_set_of_pieces_keeps_their_notes_and_takes_the_doses_of_todays_sheet_R21(doctor):
    old = herbal_draft(doctor)
    put(put(old, piece("黄芪"), "15"), piece("薄荷"), "6", "后下")
    saved = sets.save_sheet(prescription=old, name="固表", by=doctor)
    today = herbal_draft(doctor, common=None)

    left = sets.use(prescription=today, chosen=saved, common=replace(SEVEN, doses=3), by=doctor)

    assert left == []
    assert [note for _name, _grams, note, _quantity in lines(today)] == ["", note_of("后下").code]
    assert [quantity for *_rest, quantity in lines(today)] == [45, 18]


def test_sets_are_offered_only_where_their_drugs_may_stand_R15(herbs, doctor):
    sheet = draft(doctor)
    row(sheet)
    pieces = sets.save_sheet(prescription=herbs, name="固表", by=doctor)
    tablets = sets.save_sheet(prescription=sheet, name="固齿", by=doctor)

    assert sets.find(doctor, "固") == [tablets]
    assert sets.find(doctor, "固", herbal=True) == [pieces]


def test_the_last_herbal_sheet_is_copied_with_its_line_and_notes_R74(doctor):
    old = herbal_submitted(doctor, (piece("薄荷"), "6", "后下"), common=replace(SEVEN, doses=5))
    today = herbal_draft(doctor, common=None, record=old.consultation)

    rewriting.copy_last(prescription=today, by=doctor)

    today.refresh_from_db()
    assert lines(today) == lines(old) and common_line(today) == common_line(old)


def test_what_is_bought_outside_keeps_its_mark_when_copied_and_in_a_set(doctor):
    old = herbal_draft(doctor)
    put(put(old, piece("黄芪"), "15"), piece("西红花", stock=0), "1")
    services.mark_outside(item=rows(old)[1], by=doctor)
    saved = sets.save_sheet(prescription=old, name="活血", by=doctor)
    herbal.submit(prescription=old, by=doctor)
    copied = herbal_draft(doctor, common=None, record=old.consultation)
    rewriting.copy_last(prescription=copied, by=doctor)
    again, _left = herbal.again(source=old, consultation=old.consultation, by=doctor)
    used = herbal_draft(doctor)

    sets.use(prescription=used, chosen=saved, by=doctor)

    for sheet in (copied, again, used):
        marks = [(item.outside, item.amount > 0) for item in rows(sheet)]
        assert marks == [(False, True), (True, False)]
