"""Problems and vital signs of the chart, by themselves."""

from datetime import timedelta

from django.utils import timezone

from registration.chart import problems, trends
from registration.chart.history import Visit
from registration.models import Diagnosis

TODAY = timezone.localdate()


def visit(days_ago: int, *codes: str, suspected: bool = False, **vitals: str) -> Visit:
    names = {"K29.5": "慢性胃炎"}
    found = [Diagnosis(code=c, name=names.get(c, c), suspected=suspected) for c in codes]
    return Visit(TODAY - timedelta(days=days_ago), found, vitals)


def test_chronic_ones_stay_recurring_ones_for_a_year_others_for_a_month():
    visits = [
        visit(2, "J20.9"),
        visit(10, "E11.9", suspected=True),
        visit(40, "N39.0"),
        visit(80, "M54.5"),
        visit(120, "M54.5"),
        visit(200, "M54.5", "J06.9"),
        visit(900, "I10", "K29.5"),
    ]

    found = {problem.latest.code: problem for problem in problems.of(visits)}

    kinds = {
        code: (problem.is_chronic, problem.is_recurring, problem.is_current)
        for code, problem in found.items()
    }
    assert kinds == {
        "J20.9": (False, False, True),
        "E11.9": (False, False, True),
        "N39.0": (False, False, False),
        "M54.5": (False, True, False),
        "J06.9": (False, False, False),
        "I10": (True, False, False),
        "K29.5": (True, False, False),
    }
    back = found["M54.5"]
    assert (back.times, (TODAY - back.since).days, (TODAY - back.last).days) == (3, 200, 80)


def test_the_table_of_chronic_diseases_is_in_order():
    assert all(
        first <= last and len(first) == len(last) == 3 for first, last, _ in problems.CHRONIC
    )
    firsts = [first for first, *_rest in problems.CHRONIC]
    assert firsts == sorted(firsts)


def test_control_lines_are_those_of_the_age_R63():
    assert trends.limits_of("pressure", 17) == {}
    assert trends.limits_of("pressure", 64) == {"systolic": 140, "diastolic": 90}
    assert trends.limits_of("pressure", 65)["systolic"] == 150
    assert trends.limits_of("glucose", 40) == {"glucose": 7}
    assert trends.limits_of("weight", 40) == {}


def test_a_plot_has_its_table_and_marks_what_stands_out():
    visits = [visit(n, systolic=str(185 - n), diastolic="80", weight="60.5") for n in range(70)]

    found = [trends._trend(kind, visits, 50) for kind in trends.KINDS]
    pressure, glucose, weight, _temperature = found

    assert len(pressure.rows) == len(pressure.plot.lines[0].dots) == trends.MOST
    newest = pressure.rows[0]["cells"]
    assert newest == [{"value": "185", "mark": "high"}, {"value": "80", "mark": ""}]
    assert [dot.is_over for dot in pressure.plot.lines[0].dots[:1]] == [False]
    assert pressure.plot.lines[0].dots[-1].is_over
    assert [word.text for word in weight.plot.words] == ["60.5 kg"]
    assert glucose is None  # never measured
