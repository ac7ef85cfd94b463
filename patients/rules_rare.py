"""What only few files say: newborns, rare characters, numbers of other files (R-56, R-80, R-83)."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.text import half_width
from patients.health_no import tidy_health_no
from patients.identity import read_mothers_number
from patients.models import IdType, Sex
from patients.reading import tidy_reading

# Names on file are Chinese in every language of the screen.
MOTHER = "母亲"
CHILD_OF = {Sex.MALE: "{mother}之子", Sex.FEMALE: "{mother}之女"}


def name_newborn(settled: dict) -> None:
    """A newborn that has no name yet is called after its mother, who answers for it (R-80)."""
    is_newborn = settled["id_type"] == IdType.NONE and settled["mother_id_number"]
    mother, sex = settled["contact_name"], settled["sex"]
    if is_newborn and mother and sex in CHILD_OF and not settled["name"]:
        settled["name"] = CHILD_OF[sex].format(mother=mother)
        settled["contact_relation"] = settled["contact_relation"] or MOTHER


def settle_rare(settled: dict, problems: list[RuleBroken], today, stored) -> None:
    """Each of them in its one spelling; what an old file says is not asked again."""
    if stored is not None and settled["name"] != stored.name:
        if settled["reading"] == stored.reading:  # it belonged to the name that stood there
            settled["reading"] = ""
    reads = {
        "reading": lambda text: tidy_reading(text, settled["name"]),
        "health_no": tidy_health_no,
        "mother_id_number": lambda text: read_mothers_number(text, settled["birth_date"], today),
    }
    for field, read in reads.items():
        settled[field] = (settled[field] or "").strip()
        unchanged = stored is not None and settled[field] == (getattr(stored, field) or "")
        if not settled[field] or unchanged:
            continue
        try:
            settled[field] = read(settled[field])
        except RuleBroken as problem:
            problems.append(problem)
    settled["paper_no"] = half_width(settled["paper_no"] or "").strip()
    _check_whose_number(settled, problems)


def _check_whose_number(settled: dict, problems: list[RuleBroken]) -> None:
    if settled["id_number"] and settled["id_number"] == settled["mother_id_number"]:
        text = _(
            "This is the mother's number. Please choose “No document” for the child, and write "
            "the number at the mother's only."
        )
        problems.append(RuleBroken(text, field="id_number", rule="R-80"))
