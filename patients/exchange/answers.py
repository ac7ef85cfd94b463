"""Columns of a list that belong to the basic information form and the histories (R-59)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.core.tables import parsers
from clinic.core.tables.parsers import Cell
from clinic.core.text import half_width
from patients import codes
from patients.basics_rules import Entry
from patients.models import Basics, History

SETS = ("ethnic", "marital_form", "occupation", "education", "abo", "rh")
# What lists say instead of the words of the forms.
ALSO = {
    "marital_form": {"初婚": "2", "再婚": "2", "复婚": "2", "有配偶": "2", "丧偶": "3"},
    "occupation": {
        "农民": "4", "务农": "4", "工人": "5", "无业": "8", "退休": "8", "学生": "8", "军人": "6",
        "教师": "1", "医生": "1", "职员": "2", "公务员": "0", "个体": "3", "其他": "7",
    },
    "education": {
        "博士": "1", "硕士": "1", "本科": "2", "大学": "2", "大专": "3", "专科": "3", "中专": "4",
        "技校": "5", "文盲": "9", "半文盲": "9", "未知": "10",
    },
    "abo": {"a": "1", "b": "2", "o": "3", "ab": "4", "未查": "5", "未知": "5"},
    "rh": {"rh阴性": "1", "rh-": "1", "-": "1", "rh阳性": "2", "rh+": "2", "+": "2", "未查": "3"},
    "past_disease": {
        "高血压病": "2", "原发性高血压": "2", "2型糖尿病": "3", "冠状动脉粥样硬化性心脏病": "4",
        "慢阻肺": "5", "copd": "5", "脑梗死": "7", "脑梗塞": "7", "脑出血": "7", "中风": "7",
        "肺结核": "9", "乙肝": "10", "肿瘤": "6", "癌症": "6",
    },
}  # fmt: skip
HEALTHY = {"无", "没有", "否认", "无特殊", "体健", "既往体健", "健康", "无既往史", "否认既往病史"}
NOT_SAID = {"不详", "未知", "未询问", "-", "—", "——", "/"}
OTHER_DISEASE = "13"
_BETWEEN = re.compile(r"[、,，;；\n]+")
_SINCE = re.compile(r"(.+?)[（(]?(\d{4}(?:[-.年]\d{1,2})?)[月年]?(?:确诊|起)?[)）]?")


def code_of(code_set: str, text: str) -> str:
    """The code that the words mean; "" when they mean none."""
    word = half_width(text).strip().lower()
    also = ALSO.get(code_set, {})
    if word in also:
        return also[word]
    tries = (text, text.upper(), f"{text.upper()}型", f"{text}族")
    return next((code for t in tries if (code := codes.find(code_set, t.strip()))), "")


def one_code(code_set: str) -> parsers.Parser:
    """One of the set's values, by its meaning: other systems number them differently (R-61)."""

    def parse(cell: Cell) -> str:
        found = code_of(code_set, cell.text)
        if not found:
            raise ValidationError(_("not one of the values of the form"))
        return found

    return parse


def illness(cell: Cell) -> tuple[str, list[Entry]]:
    """(the answer about earlier illness, the diseases that are named)."""
    words = half_width(parsers.text(500)(cell)).strip(" 。.")
    if words in HEALTHY:
        return Basics.Histories.DENIED, []
    if words in NOT_SAID:
        return Basics.Histories.NOT_ASKED, []
    parts = [part.strip() for part in _BETWEEN.split(words) if part.strip()]
    return Basics.Histories.HAS, [_disease(part) for part in parts]


def _disease(part: str) -> Entry:
    found = _SINCE.fullmatch(part)
    name, since = (found[1].strip(), found[2]) if found else (part, "")
    code = code_of("past_disease", name)
    listed = code not in ("", OTHER_DISEASE)
    return Entry(
        kind=History.Kind.DISEASE.value,
        code=code if listed else OTHER_DISEASE,
        text="" if listed else name,
        since=re.sub("[.年]", "-", since),
    )
