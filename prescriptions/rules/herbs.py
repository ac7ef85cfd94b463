"""十八反 and 十九畏 in full, by the names of the pieces (R-37, 1.6 item 2-8).

The table of interactions knows them by class tag; these lists hold for whatever ingredient a drug
names, whether a herbal piece or part of a patent medicine.
"""

import unicodedata

from prescriptions.herb_words import BEFORE, BEHIND
from prescriptions.rules.facts import DrugFacts

ADVICE = "须医师再次签名并注明原因,否则拒绝调配"
ACONITE = "乌头 川乌 草乌 附子 附片 黑顺片 白附片 天雄"
GINSENG = "人参 红参 党参 西洋参 太子参 沙参 南沙参 北沙参 丹参 玄参 苦参"
PEONY = "芍药 白芍 赤芍"
LIQUORICE = "甘草"
OPPOSED = [
    ("十八反:乌头反半夏", ACONITE, "半夏 生半夏 姜半夏 法半夏 清半夏"),
    ("十八反:乌头反瓜蒌", ACONITE, "瓜蒌 全瓜蒌 瓜蒌皮 瓜蒌子 瓜蒌仁 天花粉"),
    ("十八反:乌头反贝母", ACONITE, "贝母 川贝母 浙贝母 平贝母 伊贝母 湖北贝母 川贝 浙贝"),
    ("十八反:乌头反白蔹", ACONITE, "白蔹"),
    ("十八反:乌头反白及", ACONITE, "白及"),
    ("十八反:甘草反海藻", LIQUORICE, "海藻"),
    ("十八反:甘草反大戟", LIQUORICE, "大戟 京大戟 红大戟"),
    ("十八反:甘草反甘遂", LIQUORICE, "甘遂"),
    ("十八反:甘草反芫花", LIQUORICE, "芫花"),
    ("十八反:藜芦反诸参", "藜芦", GINSENG),
    ("十八反:藜芦反细辛", "藜芦", "细辛"),
    ("十八反:藜芦反芍药", "藜芦", PEONY),
    ("十九畏:硫黄畏朴硝", "硫黄 硫磺", "朴硝 芒硝 玄明粉"),
    ("十九畏:水银畏砒霜", "水银", "砒霜 信石"),
    ("十九畏:狼毒畏密陀僧", "狼毒", "密陀僧"),
    ("十九畏:巴豆畏牵牛", "巴豆 巴豆霜", "牵牛子 牵牛 黑丑 白丑"),
    ("十九畏:丁香畏郁金", "丁香 公丁香 母丁香", "郁金"),
    ("十九畏:牙硝畏三棱", "牙硝 芒硝 玄明粉", "三棱"),
    ("十九畏:川乌、草乌畏犀角", "川乌 草乌", "犀角 水牛角"),
    ("十九畏:人参畏五灵脂", "人参 红参", "五灵脂"),
    ("十九畏:肉桂畏赤石脂", "肉桂 官桂 桂心", "赤石脂 石脂"),
]
PAIRS = [(words, frozenset(a.split()), frozenset(b.split())) for words, a, b in OPPOSED]


def pieces(drug: DrugFacts) -> frozenset[str]:
    """The pieces in a drug, each as it is named and without its preparation."""
    found = set()
    for name in (*drug.ingredients, drug.name if drug.is_herb else ""):
        name = unicodedata.normalize("NFKC", name).strip()
        bare = BEHIND.sub("", name)
        found |= {name, bare, BEFORE.sub("", bare)}
    return frozenset(found - {""})


def opposed(one: DrugFacts, two: DrugFacts) -> str:
    """The verse by which two drugs oppose each other; "" for none."""
    if one.is_topical or two.is_topical or one.id == two.id:
        return ""
    first, second = pieces(one), pieces(two)
    for words, left, right in PAIRS:
        if (first & left and second & right) or (first & right and second & left):
            return words
    return ""
