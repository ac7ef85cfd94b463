"""import_icd10: any table, nothing lost, and the search over forty thousand stays quick (R-158)."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from registration import icd10
from registration.icd10_import import import_table
from registration.icd10_words import LONGEST, initials_of
from registration.models import Icd10Code, Icd10Part
from security.models import AuditEntry

pytestmark = pytest.mark.django_db
HEAD = "序号,疾病编码,疾病名称,备注"
LINES = [
    "1,J20.900,未特指的急性支气管炎,",
    "2,a01.003+g01*,伤寒并发脑膜炎,双编码",
    "3,M51.202,腰椎间盘突出,",
    "4,B18.1,慢性乙型病毒性肝炎（ＨＢＶ）,",
]


def file(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([head, *lines]).encode(encoding)


def codes() -> dict[str, str]:
    return dict(Icd10Code.objects.values_list("code", "name"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_and_any_heading_are_understood(encoding):
    result = import_table(file(*LINES, encoding=encoding))

    assert (result.created, result.refused) == (4, [])
    assert result.headings == {"code": "疾病编码", "name": "疾病名称"}
    assert codes()["A01.003+G01*"] == "伤寒并发脑膜炎"


def test_the_heading_is_found_below_a_title():
    content = "\n".join(["某市医保诊断目录,,", ",,", "名称\t编码".replace("\t", ","), "感冒,J00"])

    assert import_table(content.encode()).created == 1


def test_code_and_initials_that_grow_in_capitals_are_not_taken():
    rows = [f"J20{'ß' * 17},支气管炎,", f"J21,细支气管炎,{'ß' * 60}", "J22,下呼吸道感染,"]

    result = import_table(file(*rows, head="编码,名称,拼音码"))

    assert [row.number for row in result.refused] == [2]
    assert list(codes()) == ["J21", "J22"]
    assert Icd10Code.objects.get(code="J21").initials == "XZQGY"  # our own


def test_initials_are_made_as_a_doctor_reads_them():
    import_table(file(*LINES))

    assert Icd10Code.objects.get(code="M51.202").initials == "YZJPTC"
    assert initials_of("膀胱炎,龈炎 2型HIV") == "PGYYY2XHIV"


def test_what_was_imported_is_found_from_the_middle_of_name_and_initials():
    import_table(file(*LINES))

    assert [c.code for c in icd10.search("间盘突")] == ["M51.202"]
    assert [c.code for c in icd10.search("JPTC")] == ["M51.202"]
    assert [c.code for c in icd10.search("肝炎(hbv")] == ["B18.1"]
    assert [c.code for c in icd10.search("慢性乙型病毒性肝炎(HBV)")] == ["B18.1"]


def test_a_second_import_changes_nothing_and_one_entry_tells_of_the_first():
    import_table(file(*LINES))

    again = import_table(file(*LINES))

    assert (again.created, again.changed, again.unchanged) == (0, 0, 4)
    entry = AuditEntry.objects.get(event="import")
    assert entry.additional_data["codes"] == 4


def test_codes_in_use_keep_their_words_and_stay_out_of_use_unless_asked_for():
    Icd10Code.objects.create(code="J20.900", name="急性支气管炎", initials="JXZQGY", active=False)
    Icd10Code.objects.create(code="Z99.9", name="本站自编", initials="BZZB")

    result = import_table(file(*LINES))

    assert (result.created, result.own) == (3, 1)
    assert codes()["J20.900"] == "急性支气管炎" and codes()["Z99.9"] == "本站自编"
    assert import_table(file(*LINES), overwrite=True).changed == 1
    followed = Icd10Code.objects.get(code="J20.900")
    assert (followed.name, followed.initials) == ("未特指的急性支气管炎", "WTZDJXZQGY")
    assert not followed.active


def test_damaged_rows_are_named_and_the_others_come_in():
    bad = [
        "5,,没有编码,",
        "6,J21.9,,",
        "7,不是编码,病,",
        "8,J22," + "长" * 101 + ",",
        "9,J23,???,",
        "10,J20.900,另一个名称,",
        "11,J20.900,未特指的急性支气管炎,",
    ]

    result = import_table(file(*LINES, *bad))

    assert [row.number for row in result.refused] == [6, 7, 8, 9, 10, 11]
    assert all(row.words for row in result.refused)
    assert (result.created, result.unchanged) == (4, 1)


def test_the_command_tries_first_writes_then_and_explains_a_wrong_file(tmp_path):
    good, bad = tmp_path / "目录.csv", tmp_path / "bad.csv"
    good.write_bytes(file(*LINES, encoding="gb18030"))
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    out = io.StringIO()

    call_command("import_icd10", str(good), "--dry-run", stdout=out)
    assert "created 4" in out.getvalue() and not codes()
    call_command("import_icd10", str(good), stdout=out)

    assert len(codes()) == 4
    with pytest.raises(CommandError, match="a、b"):
        call_command("import_icd10", str(bad))
    with pytest.raises(CommandError, match="no file"):
        call_command("import_icd10", str(tmp_path / "none.csv"))


MANY = 40_000
HAN = "急慢性胃肠肝胆肺肾心脑炎症瘤伤痛热寒湿"


@pytest.fixture
def forty_thousand():
    """Made-up names of six characters; parts written as icd10_words does, by the database."""
    rows = [
        Icd10Code(code=f"{'ABCDEFGH'[n % 8]}{n:05d}", name=_name(n), initials=f"{n:06d}")
        for n in range(MANY)
    ]
    Icd10Code.objects.bulk_create(rows, batch_size=2000)
    parts, table = Icd10Part._meta.db_table, Icd10Code._meta.db_table
    with connection.cursor() as cursor:
        for at in range(1, 5):
            cursor.execute(
                f"INSERT INTO {parts} (code_id, text, initials) SELECT id, "  # noqa: S608
                f"SUBSTR(name, {at}, {LONGEST}), SUBSTR(initials, {at}, {LONGEST}) FROM {table}"
            )
        if not _is_mysql():  # there it would commit
            cursor.execute("ANALYZE")


def _name(n: int) -> str:
    letters = []
    for _place in range(6):
        n, at = divmod(n * 7 + 3, len(HAN))
        letters.append(HAN[at])
    return "".join(letters)


def _is_mysql() -> bool:
    return connection.vendor == "mysql"


def test_every_search_over_forty_thousand_is_an_index_look_up(forty_thousand):
    some = Icd10Code.objects.get(code="A20000")
    questions = {
        "code": icd10._beginning_with("code", "A2000"),
        "initials": icd10._beginning_with("initials", "02000"),
        "part of the name": icd10._with_part("text", some.name[2:5]),
        "part of the initials": icd10._with_part("initials", "0000"),
    }

    for what, rows in questions.items():
        plan = icd10._short_first(rows)[:12].explain()
        assert _uses_index_only(plan), f"{what}: {plan}"
    assert some in icd10.search(some.name[2:5], limit=200)


def _uses_index_only(plan: str) -> bool:
    """No table is read from end to end."""
    if _is_mysql():  # columns: id, kind, table, type, …; what was found may be gone through
        steps = [line.split() for line in plan.splitlines()]
        return all(step[3] != "ALL" or step[2].startswith("<subquery") for step in steps)
    return "SCAN" not in plan and "USING INDEX" in plan
