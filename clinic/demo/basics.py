"""Filled basic information forms of some made-up people; one of them corrected later on."""

from patients.basics import write_basics
from patients.basics_rules import ILL, PARTS, Entry
from patients.models import Basics, Patient

VILLAGE = {
    "residence": "1", "ethnic": "01", "rh": "2", "marital_form": "2", "payment": ["3"],
    "exposure": ["1"], "disability": ["1"], "kitchen": "2", "fuel": "1", "water": "1",
    "toilet": "1", "livestock": "1",
}  # fmt: skip
NOTHING = list(PARTS)


def _without(*parts: str) -> list[str]:
    return [part for part in PARTS if part not in parts]


# By name and year of birth: what is special about them, and their histories.
FILLED = {
    ("王秀英", 1958): (
        {"abo": "1", "education": "8", "occupation": "4", "none": _without(*ILL[:2], "mother")},
        [
            Entry("disease", "2", since="2012-05"),
            Entry("disease", "3", since="2018-11"),
            Entry("surgery", text="胆囊切除术", since="2009-03"),
            Entry("family", "2", relative="mother"),
            Entry("family", "7", relative="mother"),
        ],
    ),
    ("孙德福", 1944): (
        {
            "abo": "3", "education": "9", "occupation": "4", "fuel": "5", "disability": ["3"],
            "none": _without(*ILL[::2], "father", "sibling"),
        },
        [
            Entry("disease", "5", since="2005"),
            Entry("disease", "13", "前列腺增生", since="2016-08"),
            Entry("trauma", text="右股骨颈骨折", since="2019-12"),
            Entry("family", "5", relative="father"),
            Entry("family", "12", "哮喘", "sibling"),
        ],
    ),
    ("李建国", 1961): (
        {
            "abo": "2", "education": "6", "occupation": "5", "payment": ["1"],
            "exposure": ["2"], "none": _without("disease", "genetic"),
        },
        [Entry("disease", "12", "尘肺", since="2010-06"), Entry("disease", "2", since="2020-02")],
    ),
    ("陈志强", 1983): (
        {"abo": "5", "education": "2", "occupation": "1", "payment": ["1", "5"], "none": NOTHING},
        [],
    ),
    ("马国良", 1955): (
        {
            "abo": "1", "ethnic": "03", "education": "7", "occupation": "3", "payment": ["3", "8"],
            "payment_other": "医疗救助", "none": _without("disease", "surgery"),
        },
        [
            Entry("disease", "6", "结肠癌", since="2021-04"),
            Entry("surgery", text="右半结肠切除术", since="2021-05"),
        ],
    ),
    ("周敏", 1990): (
        {"abo": "4", "education": "3", "occupation": "2", "payment": ["1"], "none": NOTHING},
        [],
    ),
    ("刘桂兰", 1947): (
        {"abo": "2", "education": "9", "occupation": "8", "marital_form": "3", "none": list(ILL)},
        [],
    ),
}  # fmt: skip
WORKPLACES = {"李建国": "青溪水泥厂", "陈志强": "青溪镇中心小学", "周敏": "镇信用社"}
CORRECTED = ("孙德福", 1944)  # somebody brought the old papers


def fill_forms(*, by) -> int:
    """Fill what is not filled; how many were."""
    filled = 0
    for (name, year), (answers, entries) in FILLED.items():
        patient = Patient.objects.filter(name=name, birth_date__year=year).first()
        if patient is None or Basics.objects.filter(patient=patient).exists():
            continue
        answers = VILLAGE | answers
        values = {"workplace": WORKPLACES.get(name, ""), "entries": entries}
        saved = write_basics(patient=patient, by=by, version=0, answers=answers, **values)
        if (name, year) == CORRECTED:
            entries = [Entry("disease", "5", since="2003-11"), *entries[1:]]
            write_basics(
                patient=patient, by=by, version=saved.version, answers=answers | {"abo": "1"},
                entries=entries, reason="按出院小结更正",
            )  # fmt: skip
        filled += 1
    return filled
