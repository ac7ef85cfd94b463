"""A line of a list as the facts of one person: what `register` and `correct` take."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.tables.kinds import Row
from patients import rules
from patients.allergy_groups import UNKNOWN, groups_of
from patients.exchange.cells import Allergies
from patients.identity import WrongCheckDigit
from patients.models import Allergy, AllergyStatus, IdType

PLAIN = (
    "name", "sex", "id_number", "phone", "address", "contact_name", "contact_relation",
    "contact_phone", "payment", "health_no", "paper_no",
)  # fmt: skip


OURS = {"birth_date", "id_type", "no_id_reason", "allergies"}


def takes(key: str) -> bool:
    """Whether a file has a place for this column."""
    return key in OURS or key in PLAIN and key in rules.FIELDS


@dataclass
class Line:
    """The person as `rules.settle` spells it, and the answer about allergies."""

    person: dict
    allergies: Allergies
    words: list[str] = field(default_factory=list)  # what somebody should look at

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
    line = Line(settled, allergies, words)
    for substance, _reaction in allergies.named:
        if substance and not _known(substance, seen):
            said = _("“%(substance)s” belongs to no group of allergies that is known here.")
            words.append(said % {"substance": substance})
    return line


def _typed(values: dict, words: list[str]) -> dict:
    person = {key: values[key] for key in PLAIN if values.get(key) and key in rules.FIELDS}
    born = values.get("birth_date")
    if born is not None:
        person["birth_date"] = born.day
        if "birth_precision" in rules.FIELDS:
            person["birth_precision"] = born.precision
    person["id_type"] = _document(values)
    if person["id_type"] == IdType.NONE:
        person["no_id_reason"] = values.get("no_id_reason") or _("imported without a number")
    return person


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
