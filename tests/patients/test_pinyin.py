"""Readings of names for search (R-83)."""

import pytest

from patients.pinyin import full_pinyin, initials


@pytest.mark.parametrize(
    ("name", "pinyin", "letters"),
    [
        ("王秀英", "wangxiuying", "WXY"),
        ("单田芳", "shantianfang", "STF"),
        ("曾国藩", "zengguofan", "ZGF"),
        ("仇英", "qiuying", "QY"),
        ("解缙", "xiejin", "XJ"),
        ("查良镛", "zhaliangyong", "ZLY"),
        ("区志强", "ouzhiqiang", "OZQ"),
        ("欧阳文静", "ouyangwenjing", "OYWJ"),
        ("尉迟恭", "yuchigong", "YCG"),
        ("万俟卨", "moqixie", "MQX"),
        ("单于安", "chanyuan", "CYA"),
        ("李长生", "lichangsheng", "LCS"),
        ("吕布", "lvbu", "LB"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "AYGLMMT"),
        ("王\U0002c029", "wangwei", "WW"),
        ("李祎堃", "liyikun", "LYK"),
        ("John Smith", "johnsmith", "JS"),
        ("Müller", "muller", "M"),
        ("无名氏20261122", "wumingshi20261122", "WMS20261122"),
    ],
)
def test_surnames_and_rare_characters_are_read_as_names_R83(name, pinyin, letters):
    assert (full_pinyin(name), initials(name)) == (pinyin, letters)


@pytest.mark.parametrize("name", ["", " ", "·", "王\ue000", "\U0003ffff", "'"])
def test_what_has_no_reading_is_left_out_and_breaks_nothing(name):
    assert initials(name) in ("", "W")


def test_very_long_names_fit_their_columns():
    assert len(full_pinyin("张" * 50)) <= 200
    assert len(initials("张" * 60)) <= 50
