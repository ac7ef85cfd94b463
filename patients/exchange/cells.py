"""What the cells of other people's lists of patients say: dates, numbers, allergies, words."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.tables import parsers
from clinic.core.tables.parsers import Cell, Doubtful
from clinic.core.text import clean_text, half_width
from patients import born
from patients.allergies import NO_ALLERGY_WORDS
from patients.born import Born
from patients.models import AllergyStatus, IdType, Payment, Sex

NOTHING = {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "没有", "空", "none", "null", "n/a"}
_QUOTES = "'‘’`\"“”"  # put before a number so that a spreadsheet program leaves it alone

SEXES = {
    "男": Sex.MALE, "男性": Sex.MALE, "m": Sex.MALE, "male": Sex.MALE, "1": Sex.MALE,
    "先生": Sex.MALE, "女": Sex.FEMALE, "女性": Sex.FEMALE, "f": Sex.FEMALE,
    "female": Sex.FEMALE, "2": Sex.FEMALE, "女士": Sex.FEMALE, "未知": Sex.UNKNOWN,
    "不详": Sex.UNKNOWN, "未知的性别": Sex.UNKNOWN, "0": Sex.UNKNOWN,
    "未说明": Sex.UNSTATED, "未说明的性别": Sex.UNSTATED, "9": Sex.UNSTATED,
}  # fmt: skip
DOCUMENTS = {
    "居民身份证": IdType.RESIDENT, "身份证": IdType.RESIDENT, "二代身份证": IdType.RESIDENT,
    "户口簿": IdType.HOUSEHOLD, "居民户口簿": IdType.HOUSEHOLD, "户口本": IdType.HOUSEHOLD,
    "护照": IdType.PASSPORT, "军官证": IdType.MILITARY, "士兵证": IdType.MILITARY,
    "港澳居民来往内地通行证": IdType.HONG_KONG_MACAU, "港澳通行证": IdType.HONG_KONG_MACAU,
    "回乡证": IdType.HONG_KONG_MACAU, "台湾居民来往大陆通行证": IdType.TAIWAN,
    "台胞证": IdType.TAIWAN, "台湾通行证": IdType.TAIWAN,
    "港澳台居民居住证": IdType.HMT_RESIDENT, "港澳台居住证": IdType.HMT_RESIDENT,
    "外国人永久居留身份证": IdType.FOREIGN_RESIDENT, "外国人永久居留证": IdType.FOREIGN_RESIDENT,
    "出生医学证明": IdType.BIRTH, "出生证": IdType.BIRTH, "出生证明": IdType.BIRTH,
    "旧证": IdType.OLD, "一代身份证": IdType.OLD, "无证件": IdType.NONE, "无": IdType.NONE,
    **{kind.value: kind for kind in IdType},
}  # fmt: skip
PAYMENTS = {
    "自费": Payment.SELF, "全自费": Payment.SELF, "自费患者": Payment.SELF,
    "职工医保": Payment.EMPLOYEE, "城镇职工": Payment.EMPLOYEE, "职工": Payment.EMPLOYEE,
    "城镇职工医保": Payment.EMPLOYEE, "城镇职工基本医疗保险": Payment.EMPLOYEE,
    "职工基本医疗保险": Payment.EMPLOYEE, "310": Payment.EMPLOYEE, "居民医保": Payment.RESIDENT,
    "城乡居民": Payment.RESIDENT, "城乡居民医保": Payment.RESIDENT, "居民": Payment.RESIDENT,
    "城乡居民基本医疗保险": Payment.RESIDENT, "城镇居民医保": Payment.RESIDENT,
    "城镇居民基本医疗保险": Payment.RESIDENT, "新农合": Payment.RESIDENT,
    "新型农村合作医疗": Payment.RESIDENT, "390": Payment.RESIDENT, "公费": Payment.PUBLIC,
    "公费医疗": Payment.PUBLIC, "全公费": Payment.PUBLIC, "商业保险": Payment.COMMERCIAL,
    "商保": Payment.COMMERCIAL, "商业医疗保险": Payment.COMMERCIAL, "其他": Payment.OTHER,
    "免费": Payment.OTHER, "减免": Payment.OTHER, "其他医保": Payment.OTHER,
}  # fmt: skip

# --- numbers -----------------------------------------------------------------------------------


def number(longest: int) -> parsers.Parser:
    """A number of which every character counts; a quotation mark before it is no part of it."""
    code = parsers.code(longest + 2)

    def parse(cell: Cell) -> str:
        found = code(cell).strip(_QUOTES).strip()
        if found.lower() in NOTHING:
            return ""
        if len(found) > longest:
            raise ValidationError(_("longer than %(longest)s characters") % {"longest": longest})
        return found

    return parse


_SEVERAL = re.compile(r"[/、,，;；]|\s{2,}")


def phone(cell: Cell) -> str:
    """One phone number; of several the first, and that is said."""
    first, *others = [p.strip() for p in _SEVERAL.split(number(60)(cell)) if p.strip()] or [""]
    if others:
        raise Doubtful(first, _("several numbers; the first one is taken"))
    return first


# --- dates -------------------------------------------------------------------------------------

_SHORT = re.compile(r"(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2})(\d{2})", re.ASCII)
_YEAR = re.compile(r"(18|19|20)\d{2}(年|\.0+)?", re.ASCII)
_MONTH = re.compile(r"((?:18|19|20)\d{2})[-/.年](\d{1,2})月?", re.ASCII)
_BACKWARDS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", re.ASCII)
_SERIAL = re.compile(r"\d{4,5}(\.\d+)?", re.ASCII)
FIRST_SERIAL = 2_500  # 1906; smaller numbers are years
_DAY_ZERO = date(1899, 12, 30)


def birth(cell: Cell) -> Born:
    """A date of birth as lists write it; what can be two dates is refused, not guessed."""
    words = half_width(cell.text).strip(_QUOTES).strip()
    if words.lower() in NOTHING:
        raise ValidationError(_("no date"))
    if _YEAR.fullmatch(words):
        return Born(date(int(words[:4]), 1, 1), born.YEAR)
    if (found := _MONTH.fullmatch(words)) and cell.kind != "n" and 1 <= int(found[2]) <= 12:
        return Born(date(int(found[1]), int(found[2]), 1), born.MONTH)
    if cell.kind != "d" and _SERIAL.fullmatch(words):
        return _counted(words, sure=cell.kind == "n")
    if _BACKWARDS.fullmatch(words):
        raise ValidationError(_("the year must stand first, as in 1980-01-05"))
    if found := _SHORT.fullmatch(words):
        return _short_year([int(part) for part in found.groups() if part])
    return Born(parsers.day(Cell(words, cell.kind)))


def _counted(words: str, *, sure: bool) -> Born:
    """The count of days that spreadsheet programs keep for a date."""
    days = int(words.split(".")[0])
    day = _DAY_ZERO + timedelta(days=days)
    if days < FIRST_SERIAL or day > timezone.localdate():
        raise ValidationError(_("not a date such as 1980-01-05"))
    if not sure:
        said = _("read as the spreadsheet program's count of days: %(day)s")
        raise Doubtful(Born(day), said % {"day": day})
    return Born(day)


def _short_year(parts: list[int]) -> Born:
    """80.1.5: taken only where just one century can be meant."""
    today, possible = timezone.localdate(), []
    for century in (1900, 2000):
        try:
            day = date(century + parts[0], *parts[1:])
        except ValueError:
            continue
        if day <= today:
            possible.append(day)
    if not possible:
        raise ValidationError(_("not a date such as 1980-01-05"))
    if len(possible) > 1:
        said = _("a year of two digits can be %(first)s or %(second)s; write four digits")
        raise ValidationError(said % {"first": possible[0].year, "second": possible[1].year})
    said = _("a year of two digits, read as %(year)s") % {"year": possible[0].year}
    raise Doubtful(Born(possible[0]), said)


# --- allergies (R-44, R-61) --------------------------------------------------------------------

UNKNOWN_DRUG = {"有", "有过敏", "有过敏史", "药名不详", "有，药名不详", "有,药名不详", "yes"}
DENIED = NO_ALLERGY_WORDS | {
    "无过敏史", "无药物过敏", "无药物过敏史", "否认过敏", "否认药物过敏", "否认药物过敏史",
    "没有过敏史", "未发现", "未发现过敏", "无特殊", "无已知过敏", "无食物药物过敏史",
    "否认食物药物过敏史", "denied",
}  # fmt: skip
NOT_ASKED = {"不详", "未知", "未询问", "未问", "不清楚", "unknown", "-", "--", "—", "——", "/"}
_BETWEEN = re.compile(r"[、,，;；/\n]+")
_REACTION = re.compile(r"(.+?)[（(](.+?)[)）]")
_DENIES = re.compile(r"(无|否认|没有|未)")
LONGEST_SUBSTANCE, MOST = 100, 10


@dataclass(frozen=True)
class Allergies:
    """The answer about allergies, and what was named: (substance, reaction)."""

    status: str
    named: list[tuple[str, str]] = field(default_factory=list)


def allergies(cell: Cell) -> Allergies:
    """无 is a denial, 不详 no answer, 有 a drug nobody can name; all else are names."""
    words = clean_text(half_width(parsers.text(500)(cell))).strip(" 。.")
    if words.lower() in DENIED:
        return Allergies(AllergyStatus.DENIED)
    if words.lower() in NOT_ASKED:
        return Allergies(AllergyStatus.NOT_ASKED)
    if words in UNKNOWN_DRUG:
        return Allergies(AllergyStatus.HAS, [("", "")])
    if words.isdigit():
        raise ValidationError(_("a number does not say what the allergy is; write the drug"))
    if _DENIES.match(words):
        raise ValidationError(
            _("this begins like a denial and goes on; write 无 if there is none, else the drug")
        )
    named = [_named(part) for part in _BETWEEN.split(words) if part.strip()]
    if len(named) > MOST or any(len(substance) > LONGEST_SUBSTANCE for substance, _r in named):
        raise ValidationError(_("too long; write the drugs one after the other"))
    return Allergies(AllergyStatus.HAS, list(dict.fromkeys(named)))


def _named(part: str) -> tuple[str, str]:
    found = _REACTION.fullmatch(part.strip())
    return (found[1].strip(), found[2].strip()) if found else (part.strip(), "")
