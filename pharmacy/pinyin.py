"""How the names of drugs are read: by character, with the readings that pharmacies use."""

import re
import unicodedata

from clinic.core.readings import library

# What matters of the dictionary of phrases, which is not loaded.
READINGS = {
    "枸橼": ["ju", "yuan"], "白术": ["bai", "zhu"], "苍术": ["cang", "zhu"],
    "莪术": ["e", "zhu"], "厚朴": ["hou", "po"], "阿胶": ["e", "jiao"],
    "重楼": ["chong", "lou"], "黄柏": ["huang", "bo"], "薄荷": ["bo", "he"],
    "没药": ["mo", "yao"], "蛤壳": ["ge", "qiao"], "蛤蚧": ["ge", "jie"],
    "牡蛎": ["mu", "li"], "杜仲": ["du", "zhong"], "莨菪": ["lang", "dang"],
    "石膏": ["shi", "gao"], "参": ["shen"], "夏枯草": ["xia", "ku", "cao"],
    "何首乌": ["he", "shou", "wu"], "大黄": ["da", "huang"], "降": ["jiang"],
    "调": ["tiao"], "乐": ["le"], "单": ["dan"], "曲": ["qu"], "解": ["jie"],
}  # fmt: skip
_KNOWN = re.compile("|".join(sorted(READINGS, key=len, reverse=True)))
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")


def full_pinyin(name: str) -> str:
    """`AMOXILINJIAONANG`; Latin letters and digits stay as they are."""
    return "".join(_syllables(name)).upper()


def initials(name: str) -> str:
    """`AMXLJN`: Latin words whole; numbers and what stands in brackets are left out."""
    outside = _IN_BRACKETS.sub("", name) or name
    return "".join(
        found if found[0].isupper() else found[0] for found in _syllables(outside, digits=False)
    ).upper()


def _syllables(name: str, *, digits: bool = True) -> list[str]:
    """One entry per Han character, in small letters; one in capitals per run of other letters."""
    found, at = [], 0
    text = unicodedata.normalize("NFKC", name)
    for known in _KNOWN.finditer(text):
        found += [*_read(text[at : known.start()], digits), *READINGS[known.group()]]
        at = known.end()
    return found + _read(text[at:], digits)


def _read(text: str, digits: bool) -> list[str]:
    """lü is lv, as people type it; signs and foreign letters are left out."""
    wanted = r"[A-Za-z0-9]+" if digits else r"[A-Za-z][A-Za-z0-9]*"
    return [
        part
        for piece in library().lazy_pinyin(
            text, errors=lambda other: [run.upper() for run in re.findall(wanted, other)]
        )
        for part in [piece.replace("ü", "v")]
        if part
    ]
