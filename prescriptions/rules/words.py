"""What the library's own words say about who must not have a drug.

Packages say "18岁以下禁用" or "高血压、甲亢慎用", and pharmacists keep these words in the
library. Only a clause with a verdict and a known age or condition counts; what is not understood
says nothing, and silence is no evidence of safety (R-157). "禁用" refuses and "慎用" tells (R-166);
with a degree that the file doesn't know ("严重…禁用", "妊娠头3个月禁用") a person has to decide.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

BANNED, UNSURE, CAUTION = 1, 2, 3  # the levels of R-43
VERDICTS = {"禁用": BANNED, "不用": UNSURE, "慎用": CAUTION}

KIDNEY = "N17-N19"
LIVER = "B15-B19;K70-K75;K76.1-K76.9;K77"
# The words for a condition, the longest first where one contains another.
CONDITIONS = {
    "传染性单核细胞增多症": "B27",
    "新生儿高胆红素血症": "P58-P59",
    "活动性溃疡": "K25-K28",
    "活动性出血": "I60-I62;K92.0-K92.2",
    "肾动脉狭窄": "I70.1",
    "前列腺增生": "N40",
    "心源性休克": "R57.0",
    "溶血性贫血": "D55-D59",
    "半乳糖血症": "E74.2",
    "血管性水肿": "T78.3",
    "帕金森病": "G20-G21",
    "抑郁症": "F32-F33",
    "病毒感染": "J09-J11;B01;B34",
    "高钾血症": "E87.5",
    "高钙血症": "E83.5",
    "心动过缓": "R00.1",
    "房室阻滞": "I44",
    "心律失常": "I47-I49",
    "青光眼": "H40-H42",
    "胃溃疡": "K25",
    "心脏病": "I05-I09;I11;I20-I25;I34-I51",
    "冠心病": "I20-I25",
    "高血压": "I10-I15",
    "低血压": "I95",
    "糖尿病": "E10-E14",
    "骨髓抑制": "D61",
    "低钾": "E87.6",
    "G6PD": "D55.0",
    "心衰": "I50",
    "甲亢": "E05",
    "痛风": "M10",
    "哮喘": "J45-J46",
    "癫痫": "G40-G41",
    "脱水": "E86",
    "溃疡": "K25-K28",
    "肝": LIVER,
    "肾": KIDNEY,
}
ORGANS = {KIDNEY, LIVER}
_DEGREE = re.compile(r"严重|重度|大剂量|史禁用|慎用或禁用")
_STAGE = re.compile(r"头3个月|早期|晚期|临产|大剂量")
_AGE = re.compile(r"(?:<|≤)?(\d{1,2})(岁|个月|月龄|月)(以下)?")
_OLD = re.compile(r"(?:≥(\d{2})岁|(\d{2})岁以上)")
_EGFR = re.compile(r"eGFR<(\d{2})禁用")
NEWBORN = 1  # month
CHILD = 14 * 12
GROWN = 18 * 12
OLD = 65


@dataclass(frozen=True)
class Clause:
    """One statement: whom it is about, and how strict it is."""

    verdict: int
    text: str
    conditions: tuple[str, ...] = ()  # lists of ICD-10 codes
    below: int | None = None  # months
    above: int | None = None  # years
    is_shipped: bool = False  # of a table of ours, not of the drug's own row


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _clauses(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;。]", plain(text)) if part.strip()]


def verdict_of(clause: str) -> int | None:
    """禁用, 不用, 慎用 and their like; None where nothing is judged."""
    if "禁用" in clause:
        return UNSURE if _DEGREE.search(clause) else BANNED
    if "不用" in clause:
        return UNSURE
    return CAUTION if re.search(r"慎用|不推荐|不宜|未定|避免|减量|风险|反应", clause) else None


def _named(clause: str) -> tuple[str, ...]:
    """The conditions a clause names, each part of it once."""
    rest, codes = re.sub(r"\([^)]*\)", "", clause), []
    for word, spec in CONDITIONS.items():
        if word in rest:
            rest = rest.replace(word, "")
            codes.append(spec)
    return tuple(dict.fromkeys(codes))


@cache
def diseases(text: str) -> tuple[Clause, ...]:
    """Clauses about conditions, from the columns on kidney, liver and other cautions."""
    found = []
    for clause in _clauses(text):
        verdict, conditions = verdict_of(clause), _named(clause)
        if verdict and conditions:
            found.append(Clause(verdict, clause, conditions))
    return tuple(found)


@cache
def elderly(text: str) -> tuple[Clause, ...]:
    """Clauses about old age; none of them refuses a drug."""
    found = []
    for clause in _clauses(text):
        age = _OLD.search(clause)
        if (age or "老年" in clause) and not clause.startswith("监测"):
            above = int(age[1] or age[2]) if age else OLD
            found.append(Clause(CAUTION, clause, above=above))
    return tuple(found)


@cache
def children(text: str) -> tuple[Clause, ...]:
    """Clauses about age. Without a number 禁用 and 不用 hold under 18, 慎用 under 14."""
    found = []
    for clause in _clauses(text):
        verdict = verdict_of(clause)
        if verdict is None or "减量" in clause:
            continue
        below = _below(clause)
        if below is None:
            grown = CHILD if verdict == CAUTION else GROWN
            below = NEWBORN if "新生儿" in clause else grown
        found.append(Clause(verdict, clause, _named(clause), below=below))
    return tuple(found)


def _below(clause: str) -> int | None:
    match = _AGE.search(clause)
    if match is None or not (match[3] or "<" in clause):
        return None
    return int(match[1]) * (12 if match[2] == "岁" else 1)


@cache
def pregnancy(text: str) -> Clause | None:
    """What holds in pregnancy; a stage that the file doesn't know leaves the decision open."""
    text = plain(text)
    verdict = verdict_of(text)
    if verdict == BANNED and _STAGE.search(text) and "尤其" not in text:
        verdict = UNSURE
    return Clause(verdict, text) if verdict else None


@cache
def only_sex(text: str) -> str:
    """ "1" or "2" where the library says that a drug is for one sex, else ""."""
    match = re.search(r"性别[::]\s*([男女])", plain(text))
    return {"男": "1", "女": "2"}[match[1]] if match else ""


@cache
def least_egfr(text: str) -> int | None:
    """The eGFR below which the drug is barred, where a number is written."""
    match = _EGFR.search(plain(text))
    return int(match[1]) if match else None


@cache
def footnote(text: str) -> str:
    """How a piece is boiled: the note that belongs on the sheet (R-21)."""
    match = re.search(r"脚注[::]\s*([^;,。]{1,8})", plain(text))
    return match[1] if match else ""
