"""Sheets made of plain facts: the rules need no database."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from prescriptions.dictionary import frequency_of
from prescriptions.doses import parse_dose
from prescriptions.quantity import Pack
from prescriptions.rules import evaluate
from prescriptions.rules.facts import AllergyFact, Condition, DrugFacts, Group, Line, Sheet

TODAY = date(2026, 11, 23)
CAPSULES = Pack(Fraction(1, 4), "g", "粒", "盒", 24, True, "胶囊")
TABLETS_30MG = Pack(Fraction(30), "mg", "片", "盒", 20, True, "片剂")

PCN = Group("PCN", "青霉素类", frozenset({"青霉素", "阿莫西林"}), frozenset({"CEPH"}))
CEPH = Group("CEPH", "头孢菌素类", frozenset({"头孢氨苄"}), frozenset({"PCN"}))
GROUPS = {group.code: group for group in (PCN, CEPH)}


def drug(name="盐酸氨溴索片", number=1, **facts) -> DrugFacts:
    """Tablets of 30 mg that nothing speaks against."""
    usual = {"pack": TABLETS_30MG, "ingredients": frozenset({name})}
    return DrugFacts(id=number, name=name, **{**usual, **facts})


def amoxicillin(number=7, **facts) -> DrugFacts:
    usual = {
        "pack": CAPSULES,
        "ingredients": frozenset({"阿莫西林"}),
        "groups": frozenset({"PCN"}),
        "grade": "非限制使用级",
    }
    return drug("阿莫西林胶囊", number, **{**usual, **facts})


def line(of: DrugFacts | None = None, key="a", dose="30mg", frequency="tid", days=5, **facts):
    usual = {"quantity": 15, "computed": 15, "available": 1000, "rank": 1}
    return Line(
        key=key,
        drug=of or drug(),
        dose=parse_dose(dose),
        frequency=frequency_of(frequency),
        days=days,
        **{**usual, **facts},
    )


def sheet(*lines, **facts) -> Sheet:
    return Sheet(**{"today": TODAY, "lines": lines or (line(),), "groups": GROUPS, **facts})


def allergy(group="PCN", substance="青霉素", *, severe=True) -> AllergyFact:
    return AllergyFact(group, substance, severe, "皮疹", "苏晓雯", date(2019, 4, 11))


def keys(facts: Sheet) -> list[str]:
    """The rules that speak, as their keys."""
    return [finding.rule.key for finding in evaluate(facts)]


def one(facts: Sheet, key: str):
    """The only finding of this rule."""
    (found,) = [finding for finding in evaluate(facts) if finding.rule.key == key]
    return found


def number(text: str) -> Decimal:
    return Decimal(text)


def tagged(name, *tags, number=2, **facts):
    return drug(name, number, **{"tags": frozenset(tags), **facts})


def on_file(code, *, days=0, suspected=False):
    """A diagnosis of this visit, or of so many days ago."""
    return Condition(code, code, suspected, TODAY - timedelta(days=days) if days else None)


def spoken(facts, family):
    return [key for key in keys(facts) if key.startswith(family)]
