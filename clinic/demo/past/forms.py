"""Basic information forms of the made-up people, which say the illnesses they are treated for."""

import time
from datetime import timedelta

from clinic.core.transactions import atomic_retry
from clinic.demo.basics import VILLAGE
from clinic.demo.clock import at
from clinic.demo.past.plan import chance_of
from clinic.demo.past.supplies import since_of
from patients.age import age_years
from patients.basics import write_basics
from patients.basics_rules import PARTS, Entry
from patients.models import Basics, Patient

ASKED = 0.94  # of those who fill the form
FROM = 7
GROWN = 18
CODES = {"I10": "2", "E11.9": "3", "I25.1": "4", "J44.9": "5", "I69.3": "7"}
HOLD, FEWEST, MOST = 0.08, 2, 16


def fill(plan, *, by) -> int:
    """The forms that are not there yet; how many were filled."""
    there = set(Basics.objects.values_list("patient_id", flat=True))
    left = [one for one in plan.people if one.pk not in there and _asked(plan, one)]
    done, size = 0, FEWEST
    while done < len(left):
        begun = time.monotonic()
        done += _fill_some(plan, left[done : done + size], by)
        held = time.monotonic() - begun
        size = max(FEWEST, min(MOST, size + (2 if held < HOLD else -4)))
        time.sleep(min(0.02, held / 4))
    return done


def _asked(plan, one) -> bool:
    is_asked = chance_of(plan.seed, "form", one.index).random() < ASKED
    return is_asked and age_years(one.born, plan.first) > FROM


@atomic_retry
def _fill_some(plan, people: list, by) -> int:
    files = Patient.objects.in_bulk([one.pk for one in people])
    for one in people:
        with at(files[one.pk].created_at + timedelta(minutes=4)):
            write_basics(patient=files[one.pk], by=by, version=0, **_answers(plan, one))
    return len(people)


def _answers(plan, one) -> dict:
    chance = chance_of(plan.seed, "answers", one.index)
    years = age_years(one.born, plan.first)
    entries = [
        Entry("disease", CODES[code], since=str(plan.first.year - since_of(one)[code]))
        for code in one.diseases
        if code in CODES
    ]
    if chance.random() < 0.08 and years >= GROWN:
        text = chance.choice(("阑尾切除术", "胆囊切除术", "白内障手术", "剖宫产术"))
        is_fit = text != "剖宫产术" or one.sex == "2"
        entries += [Entry("surgery", text=text if is_fit else "疝修补术")]
    if chance.random() < 0.2:
        relative = chance.choice(("father", "mother"))
        entries += [Entry("family", chance.choice("234"), relative=relative)]
    told = {entry.part for entry in entries}
    answers = VILLAGE | {
        "abo": chance.choices("12345", (28, 26, 31, 10, 5))[0],
        "fuel": chance.choice("125"),
        "none": [part for part in PARTS if part not in told],
    }
    if years < GROWN:
        answers["marital_form"] = "1"
    return {"answers": answers, "entries": entries}
