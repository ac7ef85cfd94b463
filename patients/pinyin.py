"""Pinyin of names, for search: surnames in their own reading, then the usual one."""

import re
import unicodedata
from functools import lru_cache

from clinic.core.readings import library

# Surnames that are read differently from the same character in a word.
SURNAMES = {
    "单": "shan", "單": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou",
    "區": "ou", "朴": "piao", "盖": "ge", "蓋": "ge", "缪": "miao", "繆": "miao", "任": "ren",
    "华": "hua", "華": "hua", "翟": "zhai", "冼": "xian", "洗": "xian", "乐": "yue", "樂": "yue",
    "纪": "ji", "葛": "ge", "员": "yun", "員": "yun", "折": "she", "召": "shao", "种": "chong",
    "繁": "po", "秘": "bi", "祭": "zhai", "覃": "qin", "宓": "mi", "那": "na", "晁": "chao",
    "逄": "pang", "郇": "xun", "隗": "wei", "阚": "kan", "闞": "kan", "佴": "nai", "燕": "yan",
    "宁": "ning", "寧": "ning", "尉": "wei", "盛": "sheng", "柏": "bai", "薄": "bo", "曲": "qu",
    "都": "du", "车": "che", "車": "che", "贾": "jia", "賈": "jia", "沈": "shen", "石": "shi",
    "洼": "wa", "呙": "guo", "咼": "guo", "令": "ling", "卜": "bu", "牟": "mu", "哈": "ha",
    "撒": "sa", "过": "guo", "過": "guo", "应": "ying", "應": "ying", "句": "gou",
    "勾": "gou", "郗": "xi", "眭": "sui", "干": "gan", "重": "chong", "殷": "yin", "俞": "yu",
    "於": "yu", "乜": "nie", "麴": "qu", "谌": "chen", "諶": "chen", "邸": "di", "强": "qiang",
    "长": "chang", "相": "xiang", "行": "xing", "藏": "zang", "兴": "xing", "幸": "xing",
}  # fmt: skip
DOUBLE_SURNAMES = {
    "尉迟": "yu chi", "尉遲": "yu chi", "万俟": "mo qi", "萬俟": "mo qi", "长孙": "zhang sun",
    "長孫": "zhang sun", "单于": "chan yu", "單于": "chan yu", "鲜于": "xian yu",
    "鮮于": "xian yu", "澹台": "tan tai", "澹臺": "tan tai", "令狐": "ling hu",
    "欧阳": "ou yang", "歐陽": "ou yang", "皇甫": "huang fu", "诸葛": "zhu ge",
    "諸葛": "zhu ge", "宰父": "zai fu", "亓官": "qi guan", "赫连": "he lian", "呼延": "hu yan",
    "夏侯": "xia hou", "濮阳": "pu yang", "淳于": "chun yu", "公冶": "gong ye",
    "宗政": "zong zheng", "乐正": "yue zheng", "仉督": "zhang du", "司徒": "si tu",
}  # fmt: skip
# In given names these are nearly always read so.
GIVEN = {
    "长": "chang", "長": "chang", "乐": "le", "樂": "le", "朝": "chao", "传": "chuan",
    "傳": "chuan", "茜": "qian", "晟": "sheng", "隽": "jun", "雋": "jun", "筠": "yun",
    "行": "xing", "重": "chong", "柏": "bai", "曾": "zeng", "單": "dan", "奇": "qi", "其": "qi",
    "参": "shen", "系": "xi", "琛": "chen", "圳": "zhen", "调": "tiao", "谊": "yi",
}  # fmt: skip
MAX_PINYIN, MAX_INITIALS = 200, 50
# How lü and nü are typed besides lv and nv.
UMLAUTS = {"lv": ("lu", "lyu"), "nv": ("nu", "nyu")}
_PLAIN = re.compile(r"[a-z0-9]+")
_LV_NV = re.compile("(?<=[ln])ü")


def plain_letters(text: str) -> str:
    """Lower-case letters without accents, and digits; lü is lv, as people type it."""
    text = _LV_NV.sub("v", unicodedata.normalize("NFKC", text).lower())
    return "".join(_PLAIN.findall(unicodedata.normalize("NFKD", text)))


def syllables(name: str) -> list[str]:
    """The reading of each Han character; a run of other letters is one syllable."""
    return [readings[0] for _text, readings in units(name) if readings[0]]


def units(name: str) -> list[tuple[str, list[str]]]:
    """Each Han character, or run of other letters, with its readings; the usual one comes first.

    After it come those that people try who read a surname or a given name like a word (R-83).
    """
    name = name.strip()
    head = DOUBLE_SURNAMES.get(name[:2], "").split()
    found, run = [], ""
    for at, character in enumerate(name):
        if not is_han(character) and (character.isalnum() or unicodedata.combining(character)):
            run += character
            continue
        if run:
            found.append((run.lower(), [plain_letters(run)]))
            run = ""
        if is_han(character):
            found.append((character, readings(character, at, head)))
    return [*found, (run.lower(), [plain_letters(run)])] if run else found


def readings(character: str, at: int = 0, head=()) -> list[str]:
    """How this character of a name is read, and how else it may be; never empty."""
    common = _common(character)
    own = SURNAMES.get(character) if at == 0 else GIVEN.get(character)
    usual = head[at] if at < len(head) else own or common
    found = [usual, common]
    if at < len(head) or own:
        found += [SURNAMES.get(character, common), *_dictionary(character)]
    found += UMLAUTS.get(usual, ())
    return list(dict.fromkeys(found))


@lru_cache(maxsize=4096)
def _common(character: str) -> str:
    return "".join(library().lazy_pinyin(character, errors=_other))


def _dictionary(character: str) -> list[str]:
    """Every reading that the dictionary has."""
    read = library()
    (found,) = read.pinyin(
        character, style=read.Style.NORMAL, heteronym=True, v_to_u=False, errors=_others
    )
    return [plain_letters(one) for one in found]


def is_han(character: str) -> bool:
    """Also what newer tables or a card reader's private area take for one (R-83)."""
    return (
        "CJK" in unicodedata.name(character, "")
        or 0x20000 <= ord(character) <= 0x3FFFF
        or unicodedata.category(character) == "Co"
    )


def _other(text: str) -> list[str]:
    """A character without a known reading: it is left out, the name can still be searched."""
    return [plain_letters(text)]


def _others(text: str) -> list[list[str]]:
    return [[plain_letters(text)]]


def full_pinyin(name: str) -> str:
    """`wangxiuying`"""
    return "".join(syllables(name))[:MAX_PINYIN]


def initials(name: str) -> str:
    """`WXY`; digits stay whole."""
    found = (s if s.isdigit() else s[0] for s in syllables(name))
    return "".join(found).upper()[:MAX_INITIALS]
