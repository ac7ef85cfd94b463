"""What a follow-up means and when the next is due, rule by rule (R-63 to R-68)."""

from datetime import date

import pytest
from django.utils.translation import override

from patients.followup import plans, rules
from patients.models import CareKind

HTN, DM, ELDERLY = CareKind.HYPERTENSION, CareKind.DIABETES, CareKind.ELDERLY
OK, BAD, ADR, NEW = rules.CONTROLLED, rules.UNCONTROLLED, rules.ADVERSE, rules.COMPLICATION


def bp(systolic, diastolic, **more):
    return {"systolic": str(systolic), "diastolic": str(diastolic), **more}


def sugar(glucose, **more):
    return {"glucose": str(glucose), "systolic": "120", "diastolic": "80", **more}


# kind, age, findings, before, class, again in two weeks, referred, at once
JUDGED = [
    # the line is 140/90, from 65 on 150/90
    (HTN, 50, bp(139, 89), None, OK, False, False, False),
    (HTN, 50, bp(140, 80), None, BAD, True, False, False),
    (HTN, 50, bp(130, 90), None, BAD, True, False, False),
    (HTN, 64, bp(149, 89), None, BAD, True, False, False),
    (HTN, 65, bp(149, 89), None, OK, False, False, False),
    (HTN, 65, bp(150, 80), None, BAD, True, False, False),
    (HTN, 65, bp(149, 90), None, BAD, True, False, False),
    # 180 or 110 or danger signs: at once
    (HTN, 50, bp(180, 80), None, BAD, True, True, True),
    (HTN, 50, bp(179, 109), None, BAD, True, False, False),
    (HTN, 70, bp(140, 110), None, BAD, True, True, True),
    (HTN, 50, bp(120, 80, danger=["2"]), None, OK, True, True, True),
    # twice in a row; an adverse reaction that stays; a new complication
    (HTN, 50, bp(150, 95), {"grade": BAD}, BAD, True, True, False),
    (HTN, 50, bp(150, 95), {"grade": OK}, BAD, True, False, False),
    (HTN, 50, bp(130, 80), {"grade": BAD}, OK, False, False, False),
    (HTN, 50, bp(130, 80, adverse="2"), None, ADR, True, False, False),
    (HTN, 50, bp(130, 80, adverse="3"), None, ADR, True, True, False),
    (HTN, 50, bp(130, 80, adverse="2"), {"grade": ADR}, ADR, True, True, False),
    (HTN, 50, bp(130, 80, complication="脑梗死"), None, NEW, True, True, False),
    # by phone nothing is measured: what the patient reports
    (HTN, 50, {"mode": "3", "grade": BAD}, None, BAD, True, False, False),
    # below 7.0 is controlled; 16.7, 3.9 and 180/110 are dangers
    (DM, 50, sugar("6.9"), None, OK, False, False, False),
    (DM, 50, sugar("7.0"), None, BAD, True, False, False),
    (DM, 50, sugar("7.0"), {"grade": BAD}, BAD, True, True, False),
    (DM, 50, sugar("16.6"), None, BAD, True, False, False),
    (DM, 50, sugar("16.7"), None, BAD, True, True, True),
    (DM, 50, sugar("3.9"), None, BAD, True, True, True),
    (DM, 50, sugar("4.0"), None, OK, False, False, False),
    (DM, 50, sugar("6.0", systolic="180"), None, OK, True, True, True),
    (DM, 50, sugar("6.0", diastolic="110"), None, OK, True, True, True),
    # raised pressure in pregnancy
    (CareKind.PREGNANCY, 28, bp(140, 80), None, "", False, True, False),
    (CareKind.PREGNANCY, 28, bp(120, 80), None, "", False, False, False),
    (CareKind.PREGNANCY, 28, bp(120, 80, danger=["1"]), None, "", False, True, True),
]


def test_findings_are_judged_by_R63_R65_and_R67():
    for kind, age, findings, before, *expected in JUDGED:
        told = rules.judge(kind, findings, age=age, before=before)

        got = [told.grade, told.soon, bool(told.refer), told.urgent]
        assert got == expected, (kind, age, findings, before)


@pytest.mark.parametrize(
    ("points", "total", "words"),
    [
        ((0, 0, 0, 0, 0), 0, "look after"),
        ((3, 0, 0, 0, 0), 3, "look after"),
        ((3, 1, 0, 0, 0), 4, "slightly"),
        ((3, 0, 0, 5, 0), 8, "slightly"),
        ((3, 1, 0, 5, 0), 9, "moderately"),
        ((3, 0, 5, 5, 5), 18, "moderately"),
        ((3, 1, 5, 5, 5), 19, "can't look after"),
        ((5, 7, 5, 10, 10), 37, "can't look after"),
    ],
)
def test_self_care_is_summed_and_named_R66(points, total, words):
    answers = dict(zip(rules.SELF_CARE, map(str, points), strict=True))

    told = rules.self_care(answers)

    assert told == total
    with override("en"):
        assert words in rules.self_care_words(told)
    assert rules.self_care({**answers, "toilet": ""}) is None


NEXT = [
    # three months, two weeks by class; R-66: yearly; the plans of R-67 go on by themselves
    (HTN, date(2026, 11, 30), False, date(2027, 2, 28)),
    (HTN, date(2026, 11, 28), True, date(2026, 12, 12)),
    (DM, date(2026, 8, 31), False, date(2026, 11, 30)),
    (ELDERLY, date(2024, 2, 29), False, date(2025, 2, 28)),
    (CareKind.CHILD, date(2026, 11, 28), False, None),
    (CareKind.PREGNANCY, date(2026, 11, 28), True, None),
]


def test_next_date_follows_from_the_last_R68():
    for kind, done_on, soon, expected in NEXT:
        assert plans.next_date(kind, done_on, soon=soon) == expected, (kind, done_on)


def test_a_newborn_gets_all_dates_of_R67():
    born = date(2026, 1, 31)

    dates = plans.first_dates(
        CareKind.CHILD, {"discharged": "2026-02-03"}, born=born, opened_on=date(2026, 2, 4)
    )

    assert dates == [
        ("home", date(2026, 2, 10)),
        ("d30", date(2026, 3, 2)),
        ("m3", date(2026, 4, 30)),
        ("m6", date(2026, 7, 31)),
        ("m8", date(2026, 9, 30)),
        ("m12", date(2027, 1, 31)),
        ("m18", date(2027, 7, 31)),
        ("m24", date(2028, 1, 31)),
        ("m30", date(2028, 7, 31)),
        ("m36", date(2029, 1, 31)),
        ("y4", date(2030, 1, 31)),
        ("y5", date(2031, 1, 31)),
        ("y6", date(2032, 1, 31)),
    ]


def test_a_pregnancy_gets_five_antenatal_dates_and_two_after_the_birth_R67():
    begun, opened_on = date(2026, 1, 1), date(2026, 3, 1)

    before = plans.first_dates(
        CareKind.PREGNANCY, {"last_period": "2026-01-01"}, born=begun, opened_on=opened_on
    )

    weeks = [(step, (day - begun).days // 7) for step, day in before]
    assert weeks == [("an1", 12), ("an2", 18), ("an3", 23), ("an4", 32), ("an5", 38)]
    assert plans.after_delivery(date(2026, 10, 8), date(2026, 10, 11)) == [
        ("pp7", date(2026, 10, 18)),
        ("pp42", date(2026, 11, 19)),
    ]


REFUSED = [
    (ELDERLY, {}, date(1962, 1, 1), "2", "kind"),
    (CareKind.CHILD, {}, date(2019, 11, 1), "2", "kind"),
    (CareKind.CHILD, {"discharged": "2026-10-01"}, date(2026, 11, 1), "2", "discharged"),
    (CareKind.PREGNANCY, {"last_period": "2026-09-01"}, date(1996, 1, 1), "1", "kind"),
    (CareKind.PREGNANCY, {}, date(1996, 1, 1), "2", "last_period"),
    (CareKind.PREGNANCY, {"last_period": "2025-09-01"}, date(1996, 1, 1), "2", "last_period"),
    (CareKind.PREGNANCY, {"last_period": "2026-12-01"}, date(1996, 1, 1), "2", "last_period"),
    (ELDERLY, {}, date(1961, 11, 28), "2", None),
    (HTN, {}, date(1990, 1, 1), "1", None),
]


def test_a_file_fits_the_person_R66_R67():
    for kind, facts, born, sex, field in REFUSED:
        problem = plans.opening_problem(kind, facts, born=born, sex=sex, on=date(2026, 11, 28))

        assert (problem and problem[0]) == field, (kind, facts, born)
