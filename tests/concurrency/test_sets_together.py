"""Two people name, take over, stop or use a set prescription at the same moment (R-129)."""

import pytest

from prescriptions import sets
from prescriptions.models import PrescriptionSet
from tests.concurrency.together import run_together
from tests.factories.prescriptions import draft, row, tablets

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: tuple[str, dict]) -> list[dict]:
    """What each (function, arguments) answers, all begun together."""
    return run_together(
        "tests.concurrency.set_keepers:do", [{"what": what, **call} for what, call in calls]
    )


def sheet_of(doctor):
    sheet = draft(doctor)
    row(sheet)
    row(sheet, tablets(generic_name="维生素C片", ingredients="维生素C"))
    return sheet


def one_is_told_that_the_name_is_taken(answers: list[dict]) -> None:
    said = sorted(answer.get("error") or answer["result"] for answer in answers)
    assert said == ["RuleBroken", "done"], answers


def whole(name: str) -> PrescriptionSet:
    """The one set in use of this name, with all its rows."""
    found = PrescriptionSet.objects.get(name=name, stopped_at__isnull=True)
    assert found.items.count() == 2
    return found


def test_of_two_sets_saved_under_one_name_one_is_there(doctor):
    one, other = sheet_of(doctor), sheet_of(doctor)

    answers = at_once(
        ("save", {"sheet": str(one.pk), "name": "感冒", "by": doctor.pk}),
        ("save", {"sheet": str(other.pk), "name": "感冒", "by": doctor.pk}),
    )

    one_is_told_that_the_name_is_taken(answers)
    assert whole("感冒").owner == doctor


def test_a_set_that_two_take_over_becomes_the_clinics_once(doctor, pharmacist, other_pharmacist):
    chosen = sets.save_sheet(prescription=sheet_of(doctor), name="感冒", by=doctor)

    answers = at_once(
        ("take_over", {"chosen": chosen.pk, "by": pharmacist.pk}),
        ("take_over", {"chosen": chosen.pk, "by": other_pharmacist.pk}),
    )

    one_is_told_that_the_name_is_taken(answers)
    assert PrescriptionSet.objects.get(owner__isnull=True).items.count() == 2


def test_two_sets_do_not_get_one_name(doctor):
    one, other = (
        sets.save_sheet(prescription=sheet_of(doctor), name=name, by=doctor)
        for name in ("感冒", "咳嗽")
    )

    answers = at_once(
        ("rename", {"chosen": one.pk, "name": "发热", "by": doctor.pk}),
        ("rename", {"chosen": other.pk, "name": "发热", "by": doctor.pk}),
    )

    one_is_told_that_the_name_is_taken(answers)
    whole("发热")
    kept = {"感冒", "咳嗽"} & set(PrescriptionSet.objects.values_list("name", flat=True))
    assert len(kept) == 1


def test_a_set_that_is_stopped_while_it_is_renamed_stays_stopped(doctor):
    chosen = sets.save_sheet(prescription=sheet_of(doctor), name="感冒", by=doctor)

    stopped, renamed = at_once(
        ("stop", {"chosen": chosen.pk, "by": doctor.pk}),
        ("rename", {"chosen": chosen.pk, "name": "发热", "by": doctor.pk}),
    )

    assert stopped == {"result": "done"}
    assert renamed.get("error", "AlreadyDone") == "AlreadyDone", renamed
    chosen.refresh_from_db()
    assert chosen.stopped_at is not None and chosen.live_key is None
    assert chosen.name == ("发热" if "result" in renamed else "感冒")


def test_a_set_that_is_stopped_while_it_is_used_is_used_whole_or_not_at_all(doctor):
    chosen = sets.save_sheet(prescription=sheet_of(doctor), name="感冒", by=doctor)
    today = draft(doctor)

    used, stopped = at_once(
        ("use", {"chosen": chosen.pk, "sheet": str(today.pk), "by": doctor.pk}),
        ("stop", {"chosen": chosen.pk, "by": doctor.pk}),
    )

    assert stopped == {"result": "done"}
    assert used.get("error", "AlreadyDone") == "AlreadyDone", used
    assert today.items.count() == (2 if "result" in used else 0)
