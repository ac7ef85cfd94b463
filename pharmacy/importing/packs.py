"""What a specification such as 0.25g×12粒×2板/盒 says of strength, pieces and pack.

Only what stands there is taken over. Where pieces or pack are missing the doubt is said, and a
drug whose pack is unknown is kept out of use until somebody fills it in (R-157).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

PIECES = (
    "片 粒 丸 支 袋 贴 枚 揿 喷 吸 条 只 张 块 管 包 瓶 锭 颗 个 滴"
    " 板 盒 套 泡 罐 筒 桶 听 卷 副 付 人份"
).split()
PACKS = [*PIECES, "箱", "件", "大盒", "小盒", "中盒"]
# Units that hold an unknown number of pieces unless the specification tells.
HOLDERS = {"盒", "板", "箱", "件", "大盒", "小盒", "中盒", "套", "桶", "听"}
LOOSE_FORMS = ("片", "胶囊", "丸")  # in a bottle or bag of these there are pieces, too
WEIGHED = {"克": "g", "g": "g", "毫升": "ml", "ml": "ml", "kg": "kg", "千克": "kg"}
UNDIVIDED = {"揿", "喷", "吸", "滴", "ml"}
# Of one form there is only one piece: a tablet is counted in 片.
PIECE_OF_FORM = [
    ("胶囊", "粒"), ("片", "片"), ("颗粒", "袋"), ("冲剂", "袋"), ("散剂", "袋"), ("丸", "丸"),
    ("注射", "支"), ("针剂", "支"), ("粉针", "支"), ("栓", "枚"), ("贴", "贴"), ("膏药", "贴"),
    ("滴眼", "支"), ("滴耳", "支"), ("滴鼻", "支"), ("眼膏", "支"), ("软膏", "支"), ("乳膏", "支"),
    ("凝胶", "支"), ("气雾", "瓶"), ("喷雾", "瓶"), ("口服液", "支"), ("口服溶液", "瓶"),
    ("糖浆", "瓶"), ("合剂", "瓶"), ("酊", "瓶"), ("洗剂", "瓶"), ("搽剂", "瓶"), ("酒剂", "瓶"),
    ("煎膏", "瓶"), ("混悬", "瓶"), ("粉雾", "粒"), ("灌肠", "支"),
]  # fmt: skip

_BY_LENGTH = sorted(PACKS, key=len, reverse=True)
_UNIT = "|".join(_BY_LENGTH)
_COUNT = re.compile(rf"(\d{{1,5}})(?:\.0+)?({_UNIT})(\(.*\))?")
_GLUED = re.compile(rf"(.*[^\d.:×+])(\d{{1,4}})({_UNIT})")
_PER = re.compile(rf"/(\d*)({_UNIT})$")
_TIMES = re.compile(r"(?<=[^A-Za-z])[xX](?=\d)|[*✕╳xX](?=\d)|[*✕╳]")
_ZEROS = re.compile(r"(\d+)(?:\.0+|(\.\d*?[1-9])0+)(?=\D|$)")
_PLAIN = re.compile(r"(\d+(?:\.\d+)?)(mg|g|ug|μg|iu)", re.IGNORECASE)
_SEVERAL = re.compile(r"[：;；]|\d\D*、\D*\d")


@dataclass
class Pack:
    """Strength, pieces and pack; `known` is False where the pack is nobody's knowledge."""

    strength: str = ""
    pack_spec: str = ""
    pack_unit: str = ""
    base_unit: str = ""
    units: int = 1
    known: bool = True
    doubts: list[str] = field(default_factory=list)

    @property
    def divisible(self) -> bool:
        return self.base_unit not in UNDIVIDED and (self.base_unit not in HOLDERS or self.units > 1)


def tidy(text: str) -> str:
    """One spelling for comparing and showing: half-width, one sign for times, no zeros behind."""
    text = unicodedata.normalize("NFKC", text).replace(" ", "")
    text = _TIMES.sub("×", text)
    return _ZEROS.sub(lambda found: found.group(1) + (found.group(2) or ""), text)


def read(spec: str, *, unit: str = "", piece: str = "", units: int | None = None, form: str = ""):
    """The Pack of a line; `unit`, `piece`, `units` are the line's own cells, if it has them."""
    unit, piece = (WEIGHED.get(tidy(word).lower(), tidy(word)) for word in (unit, piece))
    rest, per = _without_per(tidy(spec))
    strength, counts, doubts = _parts(rest)
    pack = Pack(strength=strength, doubts=doubts)
    _count(pack, counts, unit=unit, per=per)
    if units is not None:
        _told(pack, units)
    if piece:
        pack.base_unit = piece
    if not pack.pack_unit:
        _unknown(pack, form)
    elif pack.units == 1 and not counts and units is None:
        _uncounted(pack, form)
    if not pack.strength and spec:
        pack.doubts.append(_("the specification tells no strength"))
    pack.pack_spec = _words(pack, tidy(spec))
    return pack


def names_several(spec: str) -> bool:
    """片剂：5mg、10mg is more than one drug."""
    return bool(_SEVERAL.search(spec))


def content_of(strength: str) -> tuple[Decimal, str] | None:
    """(0.25, "g") where the strength is one plain amount, else None: then nobody computes."""
    found = _PLAIN.fullmatch(strength)
    if not found:
        return None
    word = found.group(2).lower()
    return Decimal(found.group(1)), {"ug": "μg", "iu": "IU"}.get(word, word)


def _without_per(text: str) -> tuple[str, str]:
    found = _PER.search(text)
    return (text[: found.start()], found.group(2)) if found else (text, "")


def _parts(text: str) -> tuple[str, list[tuple[int, str]], list[str]]:
    """(strength, counts from the smallest on, doubts) of what stands between the times signs."""
    strength, counts, doubts = [], [], []
    for part in filter(None, text.split("×")):
        found = _COUNT.fullmatch(part)
        glued = _GLUED.fullmatch(part)
        if found:
            counts.append((int(found.group(1)), found.group(2)))
            strength.append(found.group(3) or "")
        elif glued and "每" not in part and "(" not in part:
            strength.append(glued.group(1))
            counts.append((int(glued.group(2)), glued.group(3)))
            doubts.append(
                _("its end is read as %(count)s") % {"count": glued.group(2) + glued.group(3)}
            )
        else:
            strength.append(part)
    notes = [part for part in strength if part.startswith("(")]
    plain = [part for part in strength if part and not part.startswith("(")]
    return "×".join(plain) + "".join(notes), counts, doubts


def _count(pack: Pack, counts: list[tuple[int, str]], *, unit: str, per: str) -> None:
    total = 1
    for number, _word in counts:
        total *= number
    pack.pack_unit = unit or per or (counts[-1][1] if len(counts) > 1 else "")
    pack.base_unit = counts[0][1] if counts else pack.pack_unit
    pack.units = max(total, 1)
    if counts and not pack.pack_unit and pack.units == 1:
        pack.pack_unit = pack.base_unit  # 500ml×1瓶: the bottle is the pack
    if counts and pack.pack_unit == pack.base_unit and pack.units > 1:
        pack.doubts.append(
            _(
                "the unit is a single %(unit)s, the specification a pack of %(units)s: "
                "counted singly"
            )
            % {"unit": pack.base_unit, "units": pack.units}
        )
        pack.units = 1
    elif unit and per and unit != per and pack.units > 1:
        pack.doubts.append(
            _("the unit is %(unit)s, the specification says %(per)s: %(unit)s is taken")
            % {"unit": unit, "per": per}
        )


def _told(pack: Pack, units: int) -> None:
    if pack.units not in (1, units):
        pack.doubts.append(
            _("the specification counts %(spec)s pieces, the column %(units)s: the column is taken")
            % {"spec": pack.units, "units": units}
        )
    pack.units = units


def _unknown(pack: Pack, form: str) -> None:
    """Nothing tells the pack: counted in pieces, and out of use until somebody fills it in."""
    piece = pack.base_unit or next((unit for word, unit in PIECE_OF_FORM if word in form), "")
    pack.known = False
    pack.pack_unit = pack.base_unit = piece or "盒"
    pack.units = 1
    pack.doubts.append(_("the pack is not known; the drug stays out of use until it is filled in"))


def _uncounted(pack: Pack, form: str) -> None:
    loose = pack.base_unit in ("瓶", "袋", "包") and any(word in form for word in LOOSE_FORMS)
    if pack.base_unit in HOLDERS or loose:
        pack.doubts.append(
            _("nothing tells how many pieces are in a %(unit)s: it is not split")
            % {"unit": pack.base_unit}
        )


def _words(pack: Pack, spec: str) -> str:
    """The pack as people write it; as the file wrote it where we know no better."""
    if pack.known and pack.units > 1:
        head = f"{pack.strength}×" if pack.strength else ""
        return f"{head}{pack.units}{pack.base_unit}/{pack.pack_unit}"
    if pack.known and pack.strength:
        return f"{pack.strength}/{pack.pack_unit}"
    return spec or pack.pack_unit
