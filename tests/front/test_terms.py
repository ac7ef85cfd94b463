"""Chinese words: those of the field (R-153), dates and money (R-154), and no mixing of pairs."""

import csv
import re

import pytest

from tests.test_translations import PO, ROOT, messages

TERMS = ROOT / "tests" / "data" / "terms.csv"
CHINESE = re.compile("[\u4e00-\u9fff]")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Where the English word means something else than the list's, or a shorter word is enough.
OTHERS = {
    ("name", "名称"),  # of a thing
    ("address", "地址"),  # of the institution, of a browser
    ("phone", "电话"),  # the patient's and the contact's stand side by side
    ("appointment", "预约"),
    ("recall", "召回"),  # of a lot; calling again is 重呼
    ("recall", "药品召回"),
    ("group", "分类"),
    ("group", "分组"),
    ("group", "过敏分组"),
    ("skin test", "待皮试"),
    ("receipt", "收据"),  # ours is no 票据: those are printed by the treasury
    ("essential medicine", "基药"),
    ("batch", "批次"),  # a lot as it lies in one place
    ("expired", "已过期"),
    ("cold chain", "冷链"),
    ("backup", "备份"),
    ("export", "导出编号"),
    ("report", "报告"),
}
# The named ones are ISO in both languages (clinic/formats). A part where the rest is said.
DATES = {"DATE_FORMAT", "DATETIME_FORMAT", "SHORT_DATE_FORMAT", "SHORT_DATETIME_FORMAT", "c"}
DATES |= {"Y-m-d", "Y-m-d H:i", "Y-m-d H:i:s", "H:i", "H:i:s", "m-d", "m-d H:i", "Y-m", "H"}
DATES |= {"Y", "m-d D", "m-d l", "Y-m-d l", "D", "l", "j", "d"}
# what English says → what Chinese must not say of it. A message may name both of a pair.
PAIRS = [
    (r"\bpatients?\b", r"客户(?!端)|会员|顾客|病人", ""),
    (r"\bno-shows?\b|\bdid not come\b", "过号", "passed"),
    (r"\bpass(ed)? over\b", "爽约", ""),
    (r"^near expiry|\bnear(s|ing)? (its|their) expiry", "(?<!临)(?<!近)过期", "expired"),
    (r"\bexpired\b", "近效期", "near"),
    (r"\bwrite-off\b|\bwritten off\b|\bwrite off\b", "报废", ""),
    (r"\bvoid(ed|s)?\b", "删除", "remove|delete"),
    (r"\brefund", "退号|退药", "registration|cancel|drug|brought|pharmacy|handed|dispens"),
    (r"\bcancel.*\bregistration|\bregistration.*\bcancel", "退费|退药", "refund|paid|payment"),
    (r"\breturn of drugs\b|\bdrugs (are|were) back\b", "退费|退号", "refund"),
    (r"\bonline booking|\bbooked online|\bbooking code", "挂号", "regist|desk|clos"),
    (
        r"\bfinish(ed)?\b.*\bconsultation|\bconsultation\b.*\bfinish",
        "接诊(?!的)",
        "only|called|start",
    ),
    (r"\b(awaiting|waiting for|submit\w* for) review\b", "核对", "compare|check"),
    (r"^hand(ed)? out$|^dispens(ed|ing)$|^hand out the rest$", "调配", ""),
    (r"^(being )?picked$|^picked by$", "发药|核对", ""),
]
# Words that were mixed in our own texts before, for which there is one now.
ONE_WORD = {
    "「": "“",
    "药品库(?!存)": "药品目录",
    "供货商|供应商": "供货单位",
    "厂家": "生产企业",
    "本院|全院": "本机构",
    "审计日志": "操作日志",
    "(?<!数据库)账户": "账号",
    "(?<!生命)(?<!与)体征": "生命体征",
    "候诊屏": "候诊大屏",
    "补记": "补充记录",
    "报废": "报损",
    "口令": "密码",
    "点击": "点、按",
}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    return messages(PO)


def wanted() -> dict[str, set[str]]:
    """English term, as a message writes it → the words that may stand for it."""
    found = {}
    for row in csv.DictReader(TERMS.read_text("utf-8").splitlines()):
        words = {
            row["term"],
            *re.split(r"[/、;,(（)）]", row["term"]),
            *re.split(r"[/;,]", row["also"]),
        }
        for name in re.split(r" / |/|\(.*?\)", row["english"]):
            if name.strip():
                found.setdefault(name.strip().lower(), set()).update(words)
    return found


def test_terms_of_the_field_are_said_as_the_field_says_them_R153(catalogue):
    terms = wanted()

    wrong = [
        f"{english} = {chinese}, not {sorted(terms[key])}"
        for english, chinese in catalogue.items()
        if (key := english.lower().rstrip(".")) in terms
        and chinese not in terms[key]
        and (key, chinese) not in OTHERS
    ]

    assert not wrong, "\n".join(wrong)


def test_pairs_are_never_mixed_R153(catalogue):
    wrong = [
        f"{english} = {chinese}"
        for english, chinese in catalogue.items()
        for said, forbidden, both in PAIRS
        if re.search(said, english, re.IGNORECASE)
        and not (both and re.search(both, english, re.IGNORECASE))
        and re.search(forbidden, chinese)
    ]

    assert not wrong, "\n".join(wrong)


def test_one_thing_has_one_word(catalogue):
    wrong = [
        f"{chinese}: {better}"
        for chinese in catalogue.values()
        for mixed, better in ONE_WORD.items()
        if re.search(mixed, chinese)
    ]

    assert not wrong, "\n".join(wrong)


def test_chinese_is_punctuated_as_chinese(catalogue):
    half = re.compile(r"[\u4e00-\u9fff][,;!?]|[,;!?][\u4e00-\u9fff]|\.\.\.|[\u4e00-\u9fff]\.(?!\w)")

    wrong = [text for text in catalogue.values() if half.search(text)]

    assert not wrong, "\n".join(wrong)


def test_the_check_of_words_finds_what_is_mixed():
    said, forbidden, _both = PAIRS[0]

    assert re.search(said, "The patient") and re.search(forbidden, "会员已登记")
    assert not re.search(forbidden, "客户端")


def without_comments(text: str) -> str:
    text = re.sub(r"{% comment.*?endcomment %}|{#.*?#}", "", text, flags=re.DOTALL)
    return re.sub(r'<(\w+)[^>]* lang="zh[^>]*>.*?</\1>', "", text, flags=re.DOTALL)


def without_tags(text: str) -> str:
    """What a template says itself: no message, no comparison with data."""
    return re.sub(r"{%.*?%}|{{.*?}}", "", without_comments(text), flags=re.DOTALL)


def test_templates_say_dates_and_money_one_way_R154():
    """Dates as 2024-05-20, times as 14:05, money as ¥12.50."""
    form = re.compile(r'\|(?:date|time):"([^"]+)"')
    wrong = []
    for template in TEMPLATES:
        text = without_comments(template.read_text("utf-8"))
        name = template.relative_to(ROOT)
        wrong += [f"{name}: {one}" for one in form.findall(text) if one not in DATES]
        wrong += [f"{name}: {one}" for one in re.findall(r"\|floatformat(?!:\"(2|-4)\")\S*", text)]
        wrong += [f"{name}: {one}" for one in re.findall(r"[$￥]\s?{{[^}]*}}", text)]

    assert not wrong, "\n".join(wrong)


def test_templates_hold_no_chinese_that_a_reader_of_english_meets():
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()[:90]}"
        for path in TEMPLATES
        for line in without_tags(path.read_text("utf-8")).splitlines()
        if CHINESE.search(line.replace("40滴/分", ""))  # as the drip rate is typed
    ]

    assert not wrong, "\n".join(wrong)
