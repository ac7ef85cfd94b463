"""Long illnesses: what each patient takes for them, and how such a visit is written down."""

import random
from dataclasses import dataclass

from clinic.demo.past.plan import chance_of
from clinic.demo.past.story import Story, Taken, within

LONG = 7  # days; a longer supply needs its reason


@dataclass(frozen=True)
class Illness:
    """One disease as it is treated here; `regimens` are alternatives with their share."""

    code: str
    name: str
    regimens: tuple
    exam: str
    vitals: tuple = ()
    asks: str = ""  # what the patient tells, of this disease alone


def _drug(code, dose, unit, frequency):
    return Taken(code, dose, unit, frequency, 0, "1")


AMLODIPINE, NIFEDIPINE = _drug("D051", "5", "mg", "qd"), _drug("D052", "20", "mg", "bid")
ENALAPRIL, VALSARTAN = _drug("D053", "10", "mg", "qd"), _drug("D055", "80", "mg", "qd")
IRBESARTAN, BISOPROLOL = _drug("D056", "0.15", "g", "qd"), _drug("D062", "5", "mg", "qd")
INDAPAMIDE, ASPIRIN = _drug("D058", "1.5", "mg", "qd"), _drug("D027", "100", "mg", "qd")
ATORVASTATIN, METOPROLOL = _drug("D065", "20", "mg", "qn"), _drug("D061", "25", "mg", "bid")
METFORMIN, GLICLAZIDE = _drug("D070", "0.5", "g", "bid"), _drug("D072", "30", "mg", "qd")
ACARBOSE = _drug("D073", "50", "mg", "tid")

ILLNESSES = {
    one.code: one
    for one in [
        Illness(
            "I10", "高血压",
            (
                (34, (AMLODIPINE,)), (14, (IRBESARTAN,)), (14, (VALSARTAN,)), (10, (ENALAPRIL,)),
                (10, (NIFEDIPINE,)), (10, (AMLODIPINE, VALSARTAN)), (4, (IRBESARTAN, INDAPAMIDE)),
                (4, (BISOPROLOL, AMLODIPINE)),
            ),
            "神清，双肺呼吸音清，心率{pulse}次/分，律齐，无杂音，双下肢无水肿",
            (("systolic", "124-146"), ("diastolic", "70-90")),
            "家中血压{low}~{high}/{under}~{over}mmHg",
        ),
        Illness(
            "E11.9", "2型糖尿病",
            ((56, (METFORMIN,)), (26, (METFORMIN, GLICLAZIDE)), (18, (METFORMIN, ACARBOSE))),
            "足背动脉搏动可，双足皮肤完整",
            (("glucose", "5.8-8.4"),),
            "自测空腹血糖{sugar}mmol/L左右，无心慌、出冷汗",
        ),
        Illness(
            "I25.1", "冠心病",
            ((60, (ASPIRIN, ATORVASTATIN, METOPROLOL)), (40, (ASPIRIN, ATORVASTATIN))),
            "心率{pulse}次/分，律齐，无杂音，双肺呼吸音清",
            (("systolic", "120-140"), ("diastolic", "68-84")),
            "近期无胸闷、胸痛，日常活动不受限",
        ),
        Illness(
            "E78.2", "混合性高脂血症", ((100, (ATORVASTATIN,)),), "心肺(-)，腹软，肝脾未及",
            (), "无肌痛、乏力，饮食清淡",
        ),
        Illness(
            "N40", "前列腺增生",
            ((60, (_drug("D097", "0.2", "mg", "qd"), _drug("D098", "5", "mg", "qd"))),
             (40, (_drug("D097", "0.2", "mg", "qd"),))),
            "下腹平软，膀胱区无充盈", (), "夜尿{count}次，排尿较前通畅，无尿痛、血尿",
        ),
        Illness(
            "I69.3", "脑梗死后遗症", ((100, (ASPIRIN, ATORVASTATIN)),),
            "神清，言语清，一侧肢体肌力4级，心律齐",
            (("systolic", "126-144"), ("diastolic", "72-88")),
            "肢体活动同前，无新发麻木、言语不清",
        ),
        Illness(
            "E03.9", "甲状腺功能减退症", ((100, (_drug("D076", "50", "μg", "qd"),)),),
            "甲状腺不大，心率{pulse}次/分，律齐，双下肢无水肿", (), "无怕冷、乏力，大便正常",
        ),
        Illness(
            "J44.9", "慢性阻塞性肺疾病",
            ((100, (_drug("D039", "0.1", "g", "bid"), _drug("D033", "30", "mg", "tid"))),),
            "双肺呼吸音低，未闻干湿啰音", (("spo2", "93-96"),), "平地行走无气促，晨起少许白痰",
        ),
        Illness(
            "M17.9", "膝骨关节病",
            ((50, (_drug("D026", "25", "mg", "bid"),)), (50, (_drug("D094", "1", "片", "qd"),))),
            "双膝无红肿，关节间隙轻压痛，活动有摩擦感", (), "上下楼膝痛，走路多时加重，休息后缓解",
        ),
    ]
}  # fmt: skip
PAIN = "M17.9"  # not treated for weeks on end
COMPLAINTS = (
    "{what}，复诊取药", "{what}，续方", "{what}，药将服完", "复诊：{what}",
    "{what}，病情平稳，取药",
)  # fmt: skip
STATES = (
    "规律服药，{told}。", "按时服药，{told}，无特殊不适。", "偶有漏服，{told}。",
    "{told}，睡眠饮食可。",
    "坚持服药，{told}，二便正常。",
)  # fmt: skip
ADVICE = (
    "低盐低脂饮食，适量活动，按时服药，不适随诊。",
    "继续目前治疗，每日自测并记录，下次带记录复诊。",
    "规律服药，勿自行停药；戒烟限酒，控制体重。",
    "注意防寒保暖，避免劳累，出现胸痛、言语不清等立即就诊。",
)


def since_of(person) -> dict:
    """For how many years somebody has had each of his illnesses."""
    chance = chance_of("since", person.index)
    return {code: chance.randint(2, 18) for code in person.diseases}


def supply(person, sees: str, chance: random.Random) -> Story:
    """A visit for the drugs of one's long illnesses; `sees` is why, the main one."""
    own = chance_of("illness", person.index)
    illnesses = [ILLNESSES[code] for code in person.diseases]
    illnesses.sort(key=lambda one: one.code != sees)
    since = since_of(person)
    regimens = {
        one.code: own.choices([r for _s, r in one.regimens], [s for s, _r in one.regimens])[0]
        for one in illnesses
    }
    vitals = {"temperature": within("36.2-36.8", chance), "pulse": within("64-84", chance)}
    for one in reversed(illnesses):
        vitals |= {key: within(text, chance) for key, text in one.vitals}
    facts = _facts(vitals, chance)
    what = "、".join(f"{one.name}{since[one.code]}年" for one in illnesses)
    told = "，".join(filter(None, (one.asks.format(**facts) for one in illnesses)))
    return Story(
        complaint=chance.choice(COMPLAINTS).format(what=what),
        illness=f"{what}，" + chance.choice(STATES).format(told=told),
        examination="；".join(one.exam.format(**facts) for one in illnesses) + "。",
        advice=chance.choice(ADVICE),
        diagnoses=tuple((one.code, one.name) for one in illnesses),
        vitals=vitals,
        drugs=tuple(_once(illnesses, regimens, person.every)),
    )


def _once(illnesses, regimens, every: int):
    """Each drug once, though two diseases want it."""
    seen = set()
    for one in illnesses:
        for drug in regimens[one.code]:
            if drug.code not in seen:
                seen.add(drug.code)
                yield drug.for_days(LONG if one.code == PAIN else every)


def _facts(vitals: dict, chance: random.Random) -> dict:
    top, bottom = int(vitals.get("systolic", "130")), int(vitals.get("diastolic", "80"))
    return {
        "pulse": vitals["pulse"],
        "low": top - chance.randint(4, 9), "high": top + chance.randint(2, 7),
        "under": bottom - chance.randint(3, 7), "over": bottom + chance.randint(1, 6),
        "sugar": vitals.get("glucose", "6.4"), "count": chance.randint(1, 3),
    }  # fmt: skip
