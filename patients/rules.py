"""What a patient's file must say; the same for the screen, an import and a test.

`settle` brings typed values into their one spelling, fills what the document tells, and lists
every rule that is broken, so that a form can show all of them at once.
"""

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.text import half_width
from patients import born
from patients.age import age_years
from patients.identity import OLDEST, read_number
from patients.models import IdType, Payment, Sex
from patients.rules_rare import name_newborn, settle_rare
from security.normalise import normalise_phone

FIELDS = (
    "id_type", "id_number", "no_id_reason", "name", "sex", "birth_date", "birth_precision", "phone",
    "contact_name", "contact_relation", "contact_phone", "address", "payment", "reading",
    "health_no", "paper_no", "mother_id_number", "birth_time", "is_unnamed",
)  # fmt: skip
OPTIONAL_ENCRYPTED = (
    "id_number", "phone", "address", "contact_name", "contact_phone", "health_no", "paper_no",
    "mother_id_number",
)  # fmt: skip
GUARDIAN_BELOW = 14
LONGEST_NAME = 50

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})(\d{7,8})", re.ASCII)
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅･．﹒", "·"))
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")
_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_STRETCHED = re.compile(f"(?<={_HAN}) (?={_HAN})")  # 王 伟, as short names stand on forms
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}


class DocumentDiffers(RuleBroken):
    """Typed birth date or sex differ from what the document's number tells (R-77)."""


def tidy_name(text: str) -> str:
    """A name in its one spelling: narrow letters, one kind of dot, no invisible marks.

    Not NFKC: that would replace rare characters of names by others (R-83).
    """
    text = _INVISIBLE.sub("", text or "").translate(_FULL_WIDTH | _DOTS)
    text = _SPACES.sub(" ", text).strip()
    return _STRETCHED.sub("", text)


def name_problem(name: str) -> str | None:
    """Why this can't be a person's name, or None."""
    if not name:
        return _("The name is missing. Please write it as on the document.")
    if len(name) > LONGEST_NAME:
        return _("A name has at most %(limit)s characters. Please shorten it.") % {
            "limit": LONGEST_NAME
        }
    odd = next((c for c in name if not _belongs_to_names(c)), None)
    if odd is not None:
        return _("“%(character)s” can't be part of a name. Please take it out.") % {
            "character": odd
        }
    if not any(unicodedata.category(c)[0] == "L" or ord(c) >= 0x20000 for c in name):
        return _("A name needs at least one letter. Please write it as on the document.")
    return None


def _belongs_to_names(character: str) -> bool:
    # Rare characters may be newer than this Python's Unicode tables, or come from a card reader's
    # private area, so those count as letters.
    category = unicodedata.category(character)
    return (
        category[0] in "LM"
        or category in ("Nd", "Nl", "Co")
        or character in " ·-'’."
        or 0x20000 <= ord(character) <= 0x3FFFF
    )


def tidy_phone(text: str, field: str = "phone") -> str:
    """A phone number in its one spelling: 13800001111 or 0512-58123456 (R-82)."""
    try:
        digits = normalise_phone(text)
    except ValueError:
        digits = ""
    if _MOBILE.fullmatch(digits):
        return digits
    landline = _LANDLINE.fullmatch(digits)
    if landline:
        return "-".join(landline.groups())
    if digits.startswith("1") and not digits.startswith(("10", "11", "12")) and len(digits) != 11:
        message = _(
            "A mobile number has 11 digits, this one has %(count)s. Please check and complete it."
        ) % {"count": len(digits)}
    else:
        message = _(
            "This is no phone number. Please write a mobile number of 11 digits, or a landline "
            "with its area code such as 0512-58123456."
        )
    raise RuleBroken(message, field=field, rule="R-82")


def settle(
    values: dict, *, today: date, stored=None, keep_typed: bool = False
) -> tuple[dict, list[RuleBroken]]:
    """(the values as they will be stored, the rules they break).

    `stored` is the file as it is: what was not changed in it is not asked again. `keep_typed` is
    the user's answer that birth date and sex are right although the document tells otherwise.
    """
    settled = {name: values.get(name) for name in FIELDS}
    problems: list[RuleBroken] = []
    settled["name"] = tidy_name(settled["name"])
    settled["birth_precision"] = settled["birth_precision"] or born.DAY
    name_newborn(settled)
    _settle_unnamed(settled, problems, stored)
    _settle_document(settled, problems, today, stored, keep_typed)
    _settle_person(settled, problems, today)
    _settle_phones(settled, problems)
    _check_guardian(settled, problems, today)
    _check_contact(settled, problems)
    settle_rare(settled, problems, today, stored)
    settled["payment"] = settled["payment"] or Payment.SELF.value
    for name in OPTIONAL_ENCRYPTED:
        settled[name] = settled[name] or None
    for name in ("no_id_reason", "contact_relation"):
        settled[name] = settled[name] or ""
    return settled, problems


def _settle_unnamed(settled, problems, stored) -> None:
    """Nobody knows who this is, until a correction gives the name (R-80)."""
    named = stored is not None and settled["name"] != stored.name
    settled["is_unnamed"] = bool(settled["is_unnamed"]) and not named
    if settled["is_unnamed"] and settled["id_number"]:
        text = _("A document tells who it is. Please write the name that stands on it.")
        problems.append(RuleBroken(text, field="name", rule="R-80"))


def _settle_document(settled, problems, today, stored, keep_typed) -> None:
    id_type, number = settled["id_type"], half_width(settled["id_number"] or "").strip()
    if id_type == IdType.NONE:
        settled["id_number"] = None
        if number:
            text = _(
                "A number is written although “No document” is chosen. Please choose the kind of "
                "document, or clear the number."
            )
            problems.append(RuleBroken(text, field="id_type", rule="R-80"))
        if not settled["no_id_reason"]:
            text = _("Without a document a reason is needed. Please write it in a few words.")
            problems.append(RuleBroken(text, field="no_id_reason", rule="R-80"))
        return
    settled["no_id_reason"] = ""
    if not number:
        text = _("The document number is missing. Please write it, or choose “No document”.")
        problems.append(RuleBroken(text, field="id_number", rule="R-57"))
        return
    unchanged = stored is not None and (id_type, number) == (stored.id_type, stored.id_number)
    try:
        identity = read_number(id_type, number, today)
    except RuleBroken as problem:
        if not unchanged:  # what an old file says is not asked again at every correction
            problems.append(problem)
        return
    settled["id_type"], settled["id_number"] = identity.id_type, identity.number
    facts = ("birth_date", "birth_precision", "sex")
    same = unchanged and all(settled[name] == getattr(stored, name) for name in facts)
    if identity.birth_date and not same:
        _compare(settled, problems, identity, keep_typed)


def _compare(settled, problems, identity, keep_typed) -> None:
    """Fill what is empty; ask about what differs, never overwrite it silently (R-77)."""
    day, precision = settled["birth_date"], settled["birth_precision"]
    if not day or born.agree(day, precision, identity.birth_date):
        settled["birth_date"], settled["birth_precision"] = identity.birth_date, born.DAY
    elif not keep_typed:
        text = _(
            "The document number says born on %(date)s. Please compare with the document and "
            "choose below which is right."
        ) % {"date": identity.birth_date.isoformat()}
        problems.append(DocumentDiffers(text, field="birth_date", rule="R-77"))
    if not settled["sex"] or settled["sex"] == Sex.UNKNOWN:
        settled["sex"] = identity.sex
    elif settled["sex"] != identity.sex and not keep_typed:
        text = _(
            "The document number says another sex. Please compare with the document and choose "
            "below which is right."
        )
        problems.append(DocumentDiffers(text, field="sex", rule="R-77"))


def _settle_person(settled, problems, today) -> None:
    trouble = name_problem(settled["name"])
    if trouble:
        problems.append(RuleBroken(trouble, field="name", rule="R-83"))
    if not settled["sex"]:
        text = _("The sex is missing. Please choose one.")
        problems.append(RuleBroken(text, field="sex"))
    day = settled["birth_date"]
    if day is not None:
        day = settled["birth_date"] = born.first_of(day, settled["birth_precision"])
    if day is None:
        text = _(
            "The date of birth is missing. Please write it like 1958-03-16; if only the year is "
            "known, like 1958."
        )
        problems.append(RuleBroken(text, field="birth_date"))
    elif day > today:
        text = _("The date of birth lies in the future. Please check the year.")
        problems.append(RuleBroken(text, field="birth_date", rule="R-77"))
    elif age_years(day, today) > OLDEST:
        text = _("The date of birth means over %(limit)s years. Please check the year.")
        problems.append(RuleBroken(text % {"limit": OLDEST}, field="birth_date", rule="R-77"))


def _settle_phones(settled, problems) -> None:
    for field in ("phone", "contact_phone"):
        if settled[field]:
            try:
                settled[field] = tidy_phone(settled[field], field)
            except RuleBroken as problem:
                problems.append(problem)
    if not (settled["phone"] or settled["contact_phone"] or settled["is_unnamed"]):
        text = _("A phone is missing. Please write the patient's own, or that of a contact person.")
        problems.append(RuleBroken(text, field="phone", rule="R-82"))
    settled["contact_name"] = tidy_name(settled["contact_name"])
    if settled["contact_name"]:
        trouble = name_problem(settled["contact_name"])
        if trouble:
            problems.append(RuleBroken(trouble, field="contact_name", rule="R-83"))


def is_minor(birth_date: date, today: date) -> bool:
    """Under 14: somebody else answers for them (R-86)."""
    return birth_date <= today and age_years(birth_date, today) < GUARDIAN_BELOW


def _check_guardian(settled, problems, today) -> None:
    day = settled["birth_date"]
    if day is None or settled["is_unnamed"] or not is_minor(day, today):
        return
    words = {
        "contact_name": _("Under 14 a guardian is needed. Please write the guardian's name."),
        "contact_relation": _("Under 14 a guardian is needed. Please write the relation."),
        "contact_phone": _("Under 14 a guardian is needed. Please write the guardian's phone."),
    }
    told = {problem.field for problem in problems}
    for field, text in words.items():
        if not settled[field] and field not in told:
            problems.append(RuleBroken(text, field=field, rule="R-86"))


def _check_contact(settled, problems) -> None:
    told = {problem.field for problem in problems}
    if settled["contact_phone"] and not settled["contact_name"] and "contact_name" not in told:
        text = _("Whose phone is it? Please write the contact person's name.")
        problems.append(RuleBroken(text, field="contact_name", rule="R-82"))
