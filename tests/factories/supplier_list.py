"""A supplier's list of forty drugs as they come: title, headings, footer; as CSV, xlsx and xls."""

import csv
import io
from decimal import Decimal

from clinic.core.tables import writing
from pharmacy.models import Drug
from tests.factories import xls
from tests.factories.pharmacy import DrugFactory

TITLE = "江苏康宁医药有限公司 随货同行单（销售出库单） 单号：XS20261118-0032"
HEADINGS = (
    "序号 商品编码 药品名称 规格 生产企业 批准文号 生产批号 生产日期 有效期至 单位 数量"
    " 含税单价 金额"
).split()
FOOTER = ["合计", "", "", "", "", "", "", "", "", "", "", "", "9999.00"]
SIGNED = ["开票员：李敏　复核：周强　收货人："]
NAMES = (
    "阿莫西林胶囊 布洛芬缓释胶囊 头孢克肟分散片 阿奇霉素片 罗红霉素胶囊 左氧氟沙星片"
    " 甲硝唑片 奥美拉唑肠溶胶囊 多潘立酮片 蒙脱石散 复方甘草片 氨溴索口服溶液 孟鲁司特钠片"
    " 氯雷他定片 西替利嗪片 对乙酰氨基酚片 双氯芬酸钠缓释片 硝苯地平控释片 氨氯地平片"
    " 缬沙坦胶囊 美托洛尔缓释片 阿托伐他汀钙片 阿司匹林肠溶片 二甲双胍片 格列齐特缓释片"
    " 阿卡波糖片 维生素C片 维生素B6片 叶酸片 葡萄糖酸钙口服溶液 板蓝根颗粒 连花清瘟胶囊"
    " 蒲地蓝消炎口服液 银翘解毒颗粒 藿香正气口服液 保和丸 六味地黄丸 复方丹参滴丸"
).split()
PACK = "0.25g×24粒/盒"


def library() -> list[Drug]:
    """The drugs of the list that the clinic has: all but the last two of its lines."""
    return [
        DrugFactory(
            generic_name=name,
            code=f"D{n:03d}",
            pack_spec=PACK,
            approval_number=f"国药准字H2026{n:04d}",
            maker="华北制药",
        )
        for n, name in enumerate(NAMES, 1)
    ]


def lines() -> list[list]:
    """Forty: in packs, one in pieces, one in both, one dated by its month, two unknown drugs."""
    rows = [_line(n, name) for n, name in enumerate(NAMES, 1)]
    rows[1][8] = "2029-05"
    rows[2][9:13] = ["粒", "120", "0.30", "36.00"]
    rows[3][10:13] = ["3盒+6粒", "7.20", ""]
    rows.append(_line(39, "未订购的新药片"))
    rows.append(_line(40, "重组人干扰素α2b喷雾剂"))
    return rows


def _line(n: int, name: str) -> list:
    day = f"2029-{n % 12 + 1:02d}-15"
    approval = f"国药准字H2026{n:04d}" if n <= len(NAMES) else ""
    amounts = ["盒", str(n + 1), "7.20", f"{Decimal('7.20') * (n + 1):.2f}"]
    head = [str(n), f"KN{n:05d}", name, "0.25g*24粒", "华北制药股份", approval]
    return [*head, f"26{n:04d}A", "2026-06-01", day, *amounts]


def table(rows: list[list] | None = None) -> list[list]:
    return [[TITLE], HEADINGS, *(lines() if rows is None else rows), FOOTER, SIGNED]


def as_csv(rows: list[list], encoding: str = "gbk") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: list[list]) -> bytes:
    out = io.BytesIO()
    writing.write_xlsx(out, [[_number(cell) for cell in row] for row in rows])
    return out.getvalue()


def as_xls(rows: list[list]) -> bytes:
    return xls.write([[_number(cell) for cell in row] for row in rows])


def _number(cell):
    """What a spreadsheet program keeps as a number: quantities and money, not lots or codes."""
    plain = isinstance(cell, str) and cell.replace(".", "", 1).isdigit()
    return Decimal(cell) if plain and len(cell) < 9 else cell
