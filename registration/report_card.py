"""The report card of a notifiable disease on paper, filled in as far as the file knows (R-75).

It is in Chinese for everybody: it goes to the disease control centre.
"""

from django.conf import settings
from django.utils import timezone, translation

from clinic.core.site import institution
from registration.models import ReportDuty
from registration.notifiable import GRADES, diseases

GROUPS = (
    "幼托儿童 散居儿童 学生（大中小学） 教师 保育员及保姆 餐饮食品业 商业服务 医务人员 工人 民工 "
    "农民 牧民 渔（船）民 干部职员 离退人员 家务及待业 其他"
).split()
REGIONS = "本县区 本市其他县区 本省其他地市 外省 港澳台 外籍".split()
CASES = "疑似病例 临床诊断病例 确诊病例 病原携带者".split()
SUSPECTED, CLINICAL = CASES[:2]
CHILD = 14  # below it the parent's name is asked for


def card(duty: ReportDuty) -> dict:
    """Context of the paper. What only the patient can tell is left for the pen."""
    record = duty.consultation
    patient, day = record.patient, timezone.localdate(record.started_at)
    standing = record.diagnoses.filter(removed_at__isnull=True)
    suspected = any(d.suspected for d in standing if d.code == duty.facts["code"])
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "duty": duty,
            "record": record,
            "patient": patient,
            "age": patient.age_on(day),
            "parent": patient.contact_name if _years(patient.birth_date, day) < CHILD else "",
            "diagnosed_at": timezone.localtime(duty.raised_at),
            "case": SUSPECTED if suspected else CLINICAL,
            "cases": CASES,
            "groups": GROUPS,
            "regions": REGIONS,
            "grades": [
                (grade, [d for d in diseases() if d.grade == grade], grade == duty.facts["grade"])
                for grade in GRADES
            ],
            "institution": institution(),
            "now": timezone.localtime(),
            "sheet_language": settings.LANGUAGE_CODE,
        }


def _years(born, day) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
