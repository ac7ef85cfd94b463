"""The figures of a simulated day: percentiles, costs of a visit, and what a proof says."""

from clinic.day import report
from clinic.day.report import Measured


def request(ms: float, *, verb="GET desk", status=200, queries=5) -> Measured:
    return Measured(1.0, "desk1", verb, status, ms, 2000, queries)


def test_the_95th_percentile_is_that_of_pages_and_presses_alone():
    slow = [request(ms) for ms in range(1, 101)]
    polls = [request(0.1, verb="POLL queue_fragment") for _poll in range(1000)]

    told = report.summary(slow + polls, visits=10, seconds=60)

    assert told["pages_and_presses"]["p95_ms"] == 95
    assert told["pages_and_presses"]["p99_ms"] == 99
    assert told["verbs"]["POLL queue_fragment"]["p95_ms"] == 0.1
    assert told["per_visit"]["requests"] == 10 and told["per_visit"]["queries"] == 50


def test_an_answer_of_5xx_or_none_at_all_counts_as_failed():
    answers = [request(1, status=status) for status in (200, 302, 304, 404, 500, 503, 0)]

    told = report.summary(answers, visits=1, seconds=1)

    assert told["failed"] == 3


def test_requests_of_several_clinics_add_up_from_their_files(tmp_path):
    measured = [request(3.5), request(4, queries=None)]
    report.save(tmp_path / "a.gz", measured)

    assert report.load(tmp_path / "a.gz") == measured


def test_a_proof_that_does_not_hold_is_told_with_its_faults():
    proofs = [
        {"name": "stock", "looked": 3, "words": "", "faults": []},
        {"name": "numbers", "looked": 2, "words": "", "faults": ["A001 twice"]},
    ]

    lines = report.proof_lines(proofs)

    assert lines[0].startswith("holds: stock")
    assert lines[1].startswith("DOES NOT HOLD: numbers") and "A001 twice" in lines[2]


def test_of_many_faults_the_report_shows_the_first_and_counts_the_rest():
    proof = {"name": "n", "looked": 1, "words": "", "faults": [f"fault {n}" for n in range(25)]}

    lines = report.proof_lines([proof])

    assert lines[0] == "DOES NOT HOLD: n (1 looked at)"
    assert lines[1:] == [f"    fault {n}" for n in range(20)] + ["    and 5 more"]
