"""Lists of patients as clinics have them, with what their programs do to dates and numbers."""

from datetime import date

from tests.factories import tables
from tests.factories.patients import id_number

HEADINGS = "姓名,性别,出生日期,身份证号,联系电话,家庭住址,联系人,关系,联系人电话,费别,过敏史"
WANG = id_number(date(1980, 1, 5), 11)
LI = id_number(date(1958, 3, 16), 12, sex="1")
GOOD = [
    f"王秀英,女,1980.1.5,{WANG},13800001111,青溪镇北桥村12组,,,,居民医保,无",
    f"李建国,M,1958年3月16日,{LI},１３８００００２２２２,,,,,职工医保,青霉素（皮疹）、某种草药",
    "陈小宝,男,20190602,,,青溪镇,陈刚,父亲,13700001111,自费,",
]
DOUBTFUL = "赵\u00a0敏,2,58.3.16,,13800003333,,,,,不知道,不详"
REFUSED = [
    "孙一,男,1970-01-01,1.10105E+17,13800004444,,,,,自费,无",
    f"周二,男,1980-01-05,{WANG[:-1]}{'0' if WANG[-1] != '0' else '1'},13800005555,,,,,自费,无",
    "吴三,女,01/05/1980,,13800006666,,,,,自费,无",
    "郑四,女,1990-05-01,,,,,,,自费,无",
]


def build(by) -> dict:
    """For the scene: a list that was read, one with lines to decide, one that is in."""
    lines = [*GOOD, DOUBTFUL, *REFUSED[1:]]
    names = ("people_read", "people_done", "people_asked")
    steps = zip(names, (tables.brought, tables.imported, tables.checked), strict=True)
    return {
        name: step(by, csv(*lines), kind="patients", name="居民名册.csv") for name, step in steps
    }


def csv(*lines: str, headings: str = HEADINGS, encoding: str = "utf-8") -> bytes:
    """With a title above the headings and a line of totals below."""
    rows = ["青溪社区卫生服务站居民名册", headings, *lines, f"合计,{len(lines)}人"]
    return "\r\n".join(rows).encode(encoding)
