"""A line of a list as the facts of one person: what `register` and `correct` take."""

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.on_record import on_record
from clinic.core.tables.kinds import Row
from patients import rules
from patients.age import age_years
from patients.allergy_groups import UNKNOWN, groups_of
from patients.basics_rules import CHILD_BELOW
from patients.exchange.answers import SETS
from patients.exchange.cells import Allergies
from patients.identity import WrongCheckDigit
from patients.models import Allergy, AllergyStatus, Basics, IdType

PLAIN = (
    "name", "sex", "id_number", "phone", "address", "contact_name", "contact_relation",
    "contact_phone", "payment", "health_no", "paper_no", "reading", "mother_id_number",
)  # fmt: skip


@dataclass
class Line:
    """The person as `rules.settle` spells it, and the answer about allergies."""

    person: dict
    allergies: Allergies
    words: list[str] = field(default_factory=list)  # what somebody should look at
    basics: dict = field(default_factory=dict)  # the arguments of write_basics

    @property
    def id_number(self) -> str | None:
        return self.person["id_number"]

    @property
    def phones(self) -> set[str]:
        return {self.person["phone"], self.person["contact_phone"]} - {None}

    @property
    def born(self) -> tuple:
        return self.person["name"], self.person["birth_date"], self.person["sex"]

    def allergy_rows(self) -> list[dict]:
        """The `allergies` argument of `register`."""
        return [
            {
                "substance": substance or _("drug not known"),
                "group_code": "" if substance else UNKNOWN,
                "reaction": reaction,
                "severity": Allergy.Severity.UNKNOWN,
                "source": Allergy.Source.PAPERS,
            }
            for substance, reaction in self.allergies.named
        ]


class LineRefused(RuleBroken):
    """Everything that is wrong with a line at once."""

    def __init__(self, problems: list):
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = [str(problem) for problem in problems]


def read(row: Row, seen: dict) -> Line:
    """The row's facts; LineRefused says all that is wrong with it."""
    words: list[str] = []
    person = _typed(row.values, words)
    settled, problems = rules.settle(person, today=timezone.localdate())
    if problems:
        raise LineRefused([_said(problem, person) for problem in problems])
    allergies = row.values.get("allergies") or Allergies(AllergyStatus.NOT_ASKED)
    line = Line(settled, allergies, words, _basics(row.values, settled["birth_date"], words))
    for substance, _reaction in allergies.named:
        if substance and not _known(substance, seen):
            said = _("“%(substance)s” belongs to no group of allergies that is known here.")
            words.append(said % {"substance": substance})
    return line


def _typed(values: dict, words: list[str]) -> dict:
    person = {key: values[key] for key in PLAIN if values.get(key)}
    if "birth_date" in values:
        person["birth_date"], person["birth_precision"] = values["birth_date"]
    person["id_type"] = _document(values)
    if person["id_type"] == IdType.NONE:
        person["no_id_reason"] = values.get("no_id_reason") or on_record(
            gettext_lazy("imported without a number")
        )
    return person


def _basics(values: dict, born: date, words: list[str]) -> dict:
    """What belongs on the basic information form, which small children don't have (R-59)."""
    answers = {name: values[name] for name in SETS if values.get(name)}
    status, entries = values.get("illness", ("", None))
    workplace = values.get("workplace") or None
    if not (answers or entries or workplace or status == Basics.Histories.DENIED):
        return {}
    if age_years(born, timezone.localdate()) < CHILD_BELOW:
        words.append(_("Children aged 0 to 6 have no basic information form: that is left out."))
        return {}
    return {"answers": answers, "workplace": workplace, "entries": entries, "status": status}


def _document(values: dict) -> str:
    number, kind = values.get("id_number", ""), values.get("id_type", "")
    if not number:
        return IdType.NONE
    if kind and kind != IdType.NONE:
        return kind
    bare = "".join(number.split())
    if len(bare) in (15, 18) or bare[:-1].isdigit():
        return IdType.RESIDENT
    raise LineRefused(
        [
            _(
                "This is no ID card number. Please say in a column which document it is, such as "
                "“passport”, or clear the number."
            )
        ]
    )


def _said(problem: RuleBroken, person: dict):
    """In the words of a list, where those of the form point at its buttons."""
    if isinstance(problem, rules.DocumentDiffers):
        if problem.field == "sex":
            return _("The sex differs from what the document number tells. Please correct it.")
        return _(
            "The date of birth differs from what the document number tells. Please correct it."
        )
    if isinstance(problem, WrongCheckDigit):
        if person["id_number"].endswith("000"):
            return _(
                "The document number can't be right: it ends with 000, as if a spreadsheet program "
                "had dropped its last digits. Please type it again as text."
            )
        return _(
            "The last character of the document number does not fit. Please compare it with the "
            "document."
        )
    return problem.message


def _known(substance: str, seen: dict) -> bool:
    """Whether the word belongs to a group; each word is looked up once."""
    key = ("group", substance)
    if key not in seen:
        seen[key] = bool(groups_of(substance))
    return seen[key]
