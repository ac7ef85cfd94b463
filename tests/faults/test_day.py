"""Of a day in which the clinic is killed: missing answers are what was done to it, no fault."""

import json

from tests.faults.day import broken

NAME = "every request was answered"


def told(tmp_path, *faults: str, complaints=()):
    path = tmp_path / "day.json"
    proofs = [{"name": NAME, "faults": list(faults)}]
    path.write_text(json.dumps({"complaints": list(complaints), "proofs": proofs}))
    return path


def test_answers_that_were_missing_are_left_out_however_many(tmp_path):
    away = [f"GET page{n}: 1 × {how}" for n in range(20) for how in ("no answer", "502", "504")]

    assert broken(told(tmp_path, *away, complaints=["desk: POST desk: 503"])) == []


def test_what_the_clinic_did_wrong_is_told(tmp_path):
    path = told(tmp_path, "GET queue: 1 × 502", "GET queue: 1 × 500", complaints=["desk: twice"])

    assert broken(path) == ["desk: twice", f"{NAME}: GET queue: 1 × 500"]


def test_a_day_without_an_end_is_told(tmp_path):
    assert broken(tmp_path / "none.json") == ["the day did not come to its end"]
