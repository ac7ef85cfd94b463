"""A clinic's own list of drugs comes in once, safely, and can go again."""

from decimal import Decimal

import pytest

from clinic.core.errors import RuleBroken
from clinic.core.files import path_of
from clinic.core.models import StoredFile, TableChunk
from clinic.core.tables import imports, refused
from clinic.core.tables.kinds import Status
from pharmacy.models import ControlClass, Drug
from security.models import AuditEntry
from tests.factories.pharmacy import DrugFactory, put_on_shelf, stocked_drug
from tests.factories.tables import (
    DOUBTFUL,
    LINES,
    REFUSED,
    brought,
    checked,
    csv,
    driven,
    imported,
    taken_back,
)

pytestmark = pytest.mark.django_db
WITHOUT_CODE = "药品名称,规格,单位,生产厂家,零售价,剂型,类别"


def counts(table) -> tuple:
    return (table.created, table.changed, table.unchanged, table.refused, table.doubtful)


def words(table, show: str) -> list[str]:
    return [" ".join(row.words) for row in imports.rows_shown(table, show, page=1)[0]]


def facts() -> list[tuple]:
    names = [field.attname for field in Drug._meta.concrete_fields if field.name != "changed_at"]
    return list(Drug.objects.order_by("code").values_list(*names))


def test_a_list_becomes_drugs_that_nobody_has_checked_yet_R157(storekeeper):
    table = imported(storekeeper)

    drug = Drug.objects.get(code="A001")
    assert counts(table) == (4, 0, 0, 1, 1)
    assert (drug.generic_name, drug.strength, drug.pack_spec) == (
        "头孢拉定胶囊",
        "0.25g",
        "0.25g×24粒/盒",
    )
    assert (drug.units_per_pack, drug.base_unit, drug.pack_unit) == (24, "粒", "盒")
    assert (str(drug.price), drug.maker, drug.initials) == ("12.60", "华北制药", "TBLDJN")
    assert not drug.verified
    assert drug.active


def test_nothing_is_written_before_somebody_starts_it(storekeeper):
    before = facts()

    table = checked(storekeeper)

    assert counts(table) == (4, 0, 0, 1, 1)
    assert facts() == before


def test_the_preview_and_the_import_say_the_same(storekeeper):
    lines = [*LINES, DOUBTFUL, REFUSED, LINES[0], LINES[1].replace("A002", "A009")]

    preview = checked(storekeeper, csv(*lines))
    said = counts(preview)
    imports.start(table_id=preview.pk, by=storekeeper)

    assert counts(driven(preview)) == said == (4, 0, 2, 1, 3)


def test_the_same_file_again_changes_nothing(storekeeper):
    imported(storekeeper)
    before = facts()

    table = imported(storekeeper)

    assert counts(table)[:4] == (0, 0, 4, 1)
    assert facts() == before


def test_without_codes_the_same_drug_is_known_by_name_strength_pack_and_maker(storekeeper):
    lines = [line.split(",", 1)[1] for line in LINES]
    imported(storekeeper, csv(*lines, headings=WITHOUT_CODE))
    before = facts()

    table = imported(storekeeper, csv(*lines, headings=WITHOUT_CODE))

    assert counts(table)[:3] == (0, 0, 3)
    assert facts() == before
    assert sorted(d.code for d in Drug.objects.all()) == ["D001", "D002", "D003"]


def test_another_maker_is_another_drug(storekeeper):
    imported(storekeeper)

    table = imported(storekeeper, csv(LINES[0].replace("A001", "").replace("华北制药", "石药")))

    assert counts(table)[:3] == (1, 0, 0)


def test_two_lines_of_one_drug_make_it_once_and_the_first_one_counts(storekeeper):
    twice = [LINES[0], LINES[0].replace("12.60", "99.00")]

    table = imported(storekeeper, csv(*twice))

    assert counts(table)[:3] == (1, 0, 1)
    assert str(Drug.objects.get().price) == "12.60"
    assert "2" in words(table, "doubtful")[0]


def test_a_code_that_belongs_to_another_drug_refuses_the_line(storekeeper):
    stocked_drug(10, code="A001", generic_name="阿莫西林胶囊")

    table = imported(storekeeper, csv(*LINES))

    assert counts(table)[:4] == (2, 0, 0, 1)
    assert Drug.objects.get(code="A001").generic_name == "阿莫西林胶囊"


def test_what_a_used_drug_is_never_changes_and_its_price_only_by_document_R122(storekeeper):
    drug = stocked_drug(
        24,
        code="A001",
        generic_name="头孢拉定胶囊",
        strength="0.5g",
        price=Decimal("8.00"),
        shelf="",
    )
    before = {name: getattr(drug, name) for name in ("strength", "pack_spec", "price")}

    table = imported(
        storekeeper,
        csv(
            LINES[0] + ",B2-01",
            headings="药品编码,药品名称,规格,单位,生产厂家,零售价,剂型,类别,货位",
        ),
    )

    drug.refresh_from_db()
    assert {name: getattr(drug, name) for name in before} == before
    assert drug.shelf == "B2-01"
    assert table.changed == 1
    assert len(imports.rows_shown(table, "doubtful", page=1)[0][0].words) >= 2


def test_what_nobody_has_used_or_checked_is_corrected(storekeeper):
    imported(storekeeper)

    table = imported(storekeeper, csv(LINES[0].replace("24粒", "36粒").replace("12.60", "13.00")))

    drug = Drug.objects.get(code="A001")
    assert table.changed == 1
    assert (drug.units_per_pack, str(drug.price)) == (36, "13.00")


def test_a_drug_of_unknown_pack_stays_out_of_use(storekeeper):
    table = imported(storekeeper, csv("依那普利,片剂,2.5mg", headings="名称,剂型,规格"))

    drug = Drug.objects.get()
    assert (drug.active, drug.base_unit, table.doubtful) == (False, "片", 1)


def test_a_line_that_tells_no_pack_is_no_second_drug_where_there_is_one(storekeeper):
    imported(storekeeper)

    table = imported(storekeeper, csv("头孢拉定胶囊,胶囊,0.25g", headings="名称,剂型,规格"))

    assert counts(table)[:4] == (0, 0, 1, 0)


def test_a_line_of_several_strengths_is_refused(storekeeper):
    table = imported(storekeeper, csv("依那普利,片剂：2.5mg、5mg", headings="名称,规格"))

    assert counts(table)[:4] == (0, 0, 0, 1)


def test_a_doubtful_cell_is_left_empty_and_said(storekeeper):
    table = imported(storekeeper, csv(DOUBTFUL))

    assert Drug.objects.get().price == 0
    assert "面议" in words(table, "doubtful")[0]


def test_a_column_that_can_not_be_the_name_is_noticed(storekeeper, monkeypatch):
    monkeypatch.setattr("pharmacy.importing.drugs.MOST_OF_ONE_NAME", 3)
    lines = [f"西药,{n}mg×10片/盒" for n in range(1, 6)]

    preview = checked(storekeeper, csv(*lines, headings="名称,规格"))

    assert counts(preview)[:4] == (3, 0, 0, 2)


def test_the_control_class_comes_with_the_drug_R53(storekeeper):
    imported(storekeeper, csv("地西泮片,2.5mg×20片/盒,精二", headings="药品名称,规格,管制类别"))

    assert ControlClass.objects.get().name == "第二类精神药品"


def test_titles_above_totals_below_and_headings_repeated_are_no_drugs(storekeeper):
    rows = ["某某卫生院药品目录,,", ",,", "序号,药品名称,规格包装,零售价(元)"]
    rows += ["1,头孢拉定胶囊,0.25g×24粒/盒,9", "序号,药品名称,规格包装,零售价(元)"]
    rows += ["2,维生素C片,0.1g×100片/瓶,3", "合计,,,12", "制表人：王"]

    table = imported(storekeeper, "\n".join(rows).encode("gbk"))

    assert table.read_head()["header"] == 3
    assert counts(table)[:4] == (2, 0, 0, 0)


def test_the_refused_lines_come_back_with_their_reason_and_can_be_imported(storekeeper):
    table = imported(storekeeper)

    heading, line = list(refused.rows(table))

    assert line[0] == "A005"
    assert line[-1]
    mended = ",".join([line[0], "口服液", *line[2:]])
    again = imported(storekeeper, csv(mended, headings=",".join(heading)))
    assert again.created == 1


def test_the_file_goes_when_the_import_starts_and_when_it_is_discarded(
    storekeeper, django_capture_on_commit_callbacks
):
    for verb in (imports.start, imports.discard):
        table = checked(storekeeper)
        path = path_of(table.file)
        assert path.exists()

        with django_capture_on_commit_callbacks(execute=True):
            verb(table_id=table.pk, by=storekeeper)

        assert not path.exists()
    assert not StoredFile.objects.exists()


def test_names_of_the_file_and_rows_lie_sealed(storekeeper):
    table = brought(storekeeper, name="张三的目录.csv")

    chunk = table.chunks.get()

    assert "张三".encode() not in bytes(table.head)
    assert "头孢".encode() not in bytes(chunk.content)


def test_an_import_is_taken_back_as_a_whole(storekeeper):
    imported(storekeeper, csv(LINES[0]))
    before = facts()
    table = imported(storekeeper, csv(LINES[0].replace("12.60", "15.00"), *LINES[1:]))
    assert facts() != before

    table = taken_back(table, storekeeper)

    assert table.state == "taken_back"
    assert facts() == before


def test_what_was_used_checked_or_changed_since_stays_and_says_why(storekeeper):
    table = imported(storekeeper)
    used, seen, edited = Drug.objects.order_by("code")[:3]
    put_on_shelf(used, 5)
    Drug.objects.filter(pk=seen.pk).update(verified=True)
    Drug.objects.filter(pk=edited.pk).update(shelf="A1")

    table = taken_back(table, storekeeper)

    stays, total, _page = imports.rows_shown(table, "refused", page=1)
    assert {d.code for d in Drug.objects.all()} == {"A001", "A002", "A003"}
    assert [row.status for row in stays] == [Status.STAYS] * 3
    assert all(row.words for row in stays)


def test_an_import_is_taken_back_once(storekeeper):
    table = taken_back(imported(storekeeper), storekeeper)

    with pytest.raises(RuleBroken):
        imports.take_back(table_id=table.pk, by=storekeeper)


def test_old_rows_are_forgotten_and_then_nothing_can_be_taken_back(storekeeper):
    table = imported(storekeeper)
    type(table).objects.update(finished_at="2020-01-01T00:00Z")

    imports.tidy()

    assert not TableChunk.objects.exists()
    with pytest.raises(RuleBroken):
        imports.take_back(table_id=table.pk, by=storekeeper)


def test_a_file_that_nobody_went_on_with_is_forgotten(storekeeper):
    table = checked(storekeeper)
    type(table).objects.update(created_at="2020-01-01T00:00Z")

    imports.tidy()

    table.refresh_from_db()
    assert (table.state, table.file) == ("discarded", None)


def test_the_audit_log_names_who_started_it(storekeeper):
    imported(storekeeper)

    entry = AuditEntry.objects.get(event="create", object_repr__startswith="头孢拉定")

    assert entry.actor == storekeeper
    assert entry.screen == "drug_import"


def test_without_a_name_column_it_can_not_be_started(storekeeper):
    table = brought(storekeeper, csv("1,2", headings="甲,乙"))

    with pytest.raises(RuleBroken):
        imports.match(table_id=table.pk, mapping={"price": 0}, by=storekeeper)


def test_a_fault_of_ours_ends_the_job_and_it_can_be_gone_on_with(storekeeper, monkeypatch):
    table = checked(storekeeper)
    imports.start(table_id=table.pk, by=storekeeper)
    with monkeypatch.context() as broken:
        broken.setattr("pharmacy.groups.grow", None)
        failed = driven(table)

    imports.go_on(table_id=table.pk, by=storekeeper)

    assert failed.job.state == "failed"
    assert counts(driven(table))[:4] == (4, 0, 0, 1)


def test_what_an_import_fills_in_is_checked_anew_R157(storekeeper):
    imported(storekeeper, csv(LINES[0]))
    Drug.objects.update(verified=True, maker="")
    seen = Drug.objects.get().changed_at

    imported(storekeeper, csv(LINES[0]))

    drug = Drug.objects.get()
    assert drug.maker and not drug.verified
    assert drug.changed_at > seen


def test_an_empty_price_or_maker_of_a_used_drug_is_not_filled_by_an_import_R122(storekeeper):
    imported(storekeeper, csv(LINES[0]))
    drug = Drug.objects.get()
    put_on_shelf(drug, 24)
    Drug.objects.update(price=0, maker="")

    imported(storekeeper, csv(LINES[0]))

    drug.refresh_from_db()
    assert (drug.price, drug.maker) == (0, "")


def test_an_imported_drug_stands_in_its_group_R54(storekeeper):
    imported(storekeeper, csv(LINES[0]))

    assert Drug.objects.get().group is not None


def test_a_drug_that_was_replaced_since_is_not_taken_back(storekeeper):
    table = imported(storekeeper, csv(LINES[0]))
    old = Drug.objects.get()
    DrugFactory(replaces=old)

    taken_back(table, storekeeper)

    assert Drug.objects.filter(pk=old.pk).exists()
