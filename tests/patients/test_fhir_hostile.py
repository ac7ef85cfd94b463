"""Whatever a file from outside holds, it is refused in words or read without harm; never a 500."""

import copy
import json
import random

import pytest

from patients.exchange import fhir_in, fhir_out
from patients.exchange.fhir_load import DEEPEST, LARGEST, MOST_PARTS, Unreadable, load
from patients.exchange.fhir_parcel import open_parcel, sort
from tests.factories.whole_file import whole_patient

SCRIPT = "<script>alert(1)</script>"
PERSON = {"resourceType": "Patient", "id": "p", "name": [{"text": "王芳"}], "gender": "female"}


def bundle(*resources, **more) -> dict:
    entries = [{"fullUrl": f"urn:{n}", "resource": r} for n, r in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | more


def as_file(value) -> bytes:
    return json.dumps(value).encode()


REFUSED = {
    "nothing": b"",
    "no JSON": b"hello",
    "cut off": as_file(bundle(PERSON))[:-3],
    "XML": b"<Bundle xmlns='http://hl7.org/fhir'/>",
    "not UTF-8": '{"a": "王"}'.encode("gb18030"),
    "a list": b"[]",
    "a number": b"7",
    "no Bundle": as_file(PERSON),
    "a transaction": as_file(bundle(PERSON, type="transaction")),
    "type of the wrong type": as_file(bundle(PERSON, type={"a": []})),
    "no patient": as_file(bundle()),
    "entry of the wrong type": as_file(bundle(entry={"a": 1})),
    "two patients": as_file(bundle(PERSON, {**PERSON, "id": "q"})),
    "infinite": as_file(bundle(PERSON)).replace(b'"p"', b"1e400"),
    "minus infinite": as_file(bundle(PERSON)).replace(b'"p"', b"-Infinity"),
    "not a number": as_file(bundle(PERSON)).replace(b'"p"', b"NaN"),
    "long number": as_file(bundle(PERSON)).replace(b'"p"', b"9" * 5000),
    "long fraction": as_file(bundle(PERSON)).replace(b'"p"', b"0." + b"3" * 99999),
    "a name twice": as_file(bundle(PERSON)).replace(b'"id":', b'"name": 1, "id":'),
    "deep": b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
    "very deep": b"[" * 200_000 + b"]" * 200_000,
    "many parts": b"[" + b"[]," * MOST_PARTS + b"[]]",
    "huge": b" " * (LARGEST + 1),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_file_of_one_patient_is_refused_in_words(content):
    with pytest.raises(Unreadable) as refused:
        open_parcel(content)

    assert str(refused.value)


def test_doubtful_entries_are_counted_and_left_out():
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": SCRIPT}}
    mine, other = {"reference": "Patient/p"}, {"reference": "Patient/q"}
    file = bundle(
        PERSON,
        {**allergy, "patient": mine, "encounter": {"reference": "Encounter/nowhere"}},
        {**allergy, "patient": mine, "code": {"text": "again"}},
        {**allergy, "id": "b", "patient": other},
        {**allergy, "id": "c"},
        {"resourceType": "Spaceship", "id": "s"},
        {"id": "without a kind"},
    )

    parcel = sort(file)

    assert [a["substance"] for a in parcel.allergies] == [SCRIPT]  # escaped where it is shown
    assert len(parcel.doubts) == 8
    assert [d for d in parcel.doubts if "Spaceship" in d]


def values() -> list:
    deep = {"coding": [{"system": [], "code": {}}], "reference": ["x"], "text": 7}
    return [None, True, 7, "", "\x00\ud800￿", "x" * 5000, [], [None, [[]], deep], {}, deep]


def places(value, path=()) -> list[tuple]:
    """The way to each element of a Bundle."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in pairs:
        found.append((*path, key))
        if isinstance(inner, dict | list):
            found += places(inner, (*path, key))
    return found


def replaced(value, path: tuple, by):
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], by) if path[1:] else by
    return changed


def test_no_element_of_the_wrong_kind_breaks_the_reading(doctor):
    whole = json.loads(json.dumps(fhir_out.bundle(whole_patient(doctor), by=doctor)))
    ways = places(whole)
    chance = random.Random(8)  # noqa: S311 - no secret; the same places every time
    broken = []
    for path in chance.sample(ways, 60):
        value = chance.choice(values())
        try:
            parcel = sort(load(as_file(replaced(whole, path, value))))
            fhir_in.candidates(parcel)
        except Unreadable:
            continue
        except Exception as error:
            broken.append((path, value, repr(error)))

    assert broken == []
