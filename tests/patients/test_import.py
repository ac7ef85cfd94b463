"""A clinic's own list of patients becomes files, row by row, and can be taken back."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from clinic.core.models import TableImport
from clinic.core.tables import imports
from patients.banner import banner
from patients.models import Allergy, AllergyStatus, IdType, Patient
from patients.services import add_allergy
from security.models import AuditEntry
from tests.factories.patient_lists import DOUBTFUL, GOOD, LI, REFUSED, WANG, csv
from tests.factories.patients import AllergyGroupFactory, PatientFactory
from tests.factories.tables import brought, checked, driven, imported, taken_back
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def read(by, *lines, **more):
    return checked(by, csv(*lines), kind="patients", **more)


def whole(by, *lines, **more):
    return imported(by, csv(*lines), kind="patients", **more)


def words_of(table, show: str) -> dict[int, str]:
    rows, _total, _page = imports.rows_shown(table, show, page=1)
    return {row.number: " ".join(row.words) for row in rows}


def decided(table, by, rest: str = "", **options):
    """Matched again with these options, then started with one answer for all that ask."""
    head = table.read_head()
    imports.match(table_id=table.pk, mapping=head["mapping"], by=by, options=options)
    driven(table)
    imports.start(table_id=table.pk, by=by, rest=rest)
    return driven(table)


def test_each_line_becomes_a_file_with_what_it_says(frontdesk, as_, english):
    AllergyGroupFactory(code="PCN", name="青霉素类", members="青霉素;阿莫西林")

    table = whole(frontdesk, *GOOD, DOUBTFUL)

    assert (table.created, table.refused, table.asked) == (4, 0, 0)
    wang, li, chen, zhao = Patient.objects.order_by("record_no")
    assert (wang.birth_date, wang.id_number, wang.allergy_status) == (
        date(1980, 1, 5), WANG, AllergyStatus.DENIED,
    )  # fmt: skip
    assert (li.sex, li.phone, li.payment) == ("1", "13800002222", "employee")
    assert (chen.id_type, chen.contact_name, chen.allergy_status) == (
        IdType.NONE, "陈刚", AllergyStatus.NOT_ASKED,
    )  # fmt: skip
    assert (zhao.name, zhao.sex, zhao.birth_date) == ("赵敏", "2", date(1958, 3, 16))
    assert all(one.allergy_confirmed_at is None for one in (wang, li, chen, zhao))
    assert "please ask" in banner(wang, user=frontdesk)["allergy_note"]
    page = as_(frontdesk).get(reverse("patient_allergies", args=[wang.pk])).content.decode()
    assert "The papers say that there are none" in page and "Asked: the patient" not in page
    known, free = li.allergies.order_by("recorded_at")
    assert (known.group_code, known.reaction, known.source) == ("PCN", "皮疹", "papers")
    assert (known.group_confirmed_at, known.severity) == (None, "unknown")
    assert (free.group_code, free.substance) == ("", "某种草药")


def test_the_form_and_histories_come_in_and_go_with_the_file_R59(frontdesk):
    headings = "姓名,性别,生日,联系电话,民族,血型,婚姻状况,既往史,病历号"
    adult = "王秀英,女,1980.1.5,13800001111,汉,A型,已婚,高血压(2015)、胃溃疡,旧008"
    child = f"陈小宝,男,{date.today().year - 3}0602,,汉,,,无,"
    child_headings = headings + ",监护人,关系,监护人电话"
    content = csv(adult + ",,,", child + ",陈刚,父亲,13700001111", headings=child_headings)

    table = imported(frontdesk, content, kind="patients")

    assert (table.created, table.doubtful) == (2, 1)
    patient, small = Patient.objects.order_by("record_no")
    assert patient.basics.answers == {"ethnic": "01", "abo": "1", "marital_form": "2"}
    kept = patient.histories.order_by("recorded_at")
    assert [(row.code, row.since) for row in kept] == [("2", "2015"), ("13", "")]
    assert (patient.paper_no, hasattr(small, "basics")) == ("旧008", False)
    taken_back(table, frontdesk)
    assert not Patient.objects.filter(state="active").exists()


def test_what_cannot_be_right_is_refused_with_the_reason(frontdesk, english):
    table = whole(frontdesk, GOOD[0], *REFUSED)

    assert (table.created, table.refused) == (1, 4)
    shortened, slip, backwards, no_phone = words_of(table, "refused").values()
    assert "dropped digits of this long number" in shortened
    assert "last character of the document number" in slip
    assert "the year must stand first" in backwards
    assert "A phone is missing" in no_phone
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_and_the_headings_below_a_title_are_found(frontdesk, encoding):
    table = brought(frontdesk, csv(*GOOD, encoding=encoding), kind="patients")

    head = table.read_head()
    assert head["header"] == 2
    assert set(head["mapping"]) >= {"name", "id_number", "phone", "contact_phone", "allergies"}


def test_the_same_document_number_is_never_opened_twice_R81(frontdesk):
    here = PatientFactory(name="王秀英", id_number=WANG, birth_date=date(1980, 1, 5), address=None)

    table = whole(frontdesk, GOOD[0], GOOD[0], GOOD[1], GOOD[1])

    assert (table.created, table.unchanged) == (1, 3)
    here.refresh_from_db()
    assert here.address is None


def test_only_what_is_empty_is_filled_and_emptied_again(frontdesk):
    here = PatientFactory(
        name="李建国", id_number=LI, birth_date=date(1958, 3, 16), sex="1", phone=None,
        contact_name="李梅", contact_phone="13900001111", allergy_status="not_asked",
    )  # fmt: skip
    table = decided(read(frontdesk, GOOD[1]), frontdesk, same="fill")
    filled = Patient.objects.get()

    taken_back(table, frontdesk)

    assert (filled.phone, filled.address) == ("13800002222", here.address)
    assert filled.allergy_confirmed_at is None
    assert filled.allergy_status == AllergyStatus.HAS
    again = Patient.objects.get()
    assert (again.phone, again.allergy_status) == (None, AllergyStatus.NOT_ASKED)


def test_a_number_under_another_name_is_refused(frontdesk, english):
    PatientFactory(name="王丽", id_number=WANG, birth_date=date(1980, 1, 5))

    table = whole(frontdesk, GOOD[0])

    assert "under another name" in words_of(table, "refused")[3]


def test_a_health_record_number_of_somebody_else_is_refused_before_the_start_R56(frontdesk):
    here = PatientFactory(health_no="32058200110100001")
    line = "王秀英,女,1980.1.5,13800001111,320582 001 101 00001"

    table = checked(
        frontdesk, csv(line, headings="姓名,性别,生日,电话,健康档案编号"), kind="patients"
    )

    assert table.refused == 1
    assert here.record_no in words_of(table, "refused")[3]


def test_somebody_alike_waits_for_an_answer_R81(frontdesk, english):
    here = PatientFactory(name="赵敏", birth_date=date(1958, 3, 16), sex="2")
    table = read(frontdesk, DOUBTFUL)

    imports.start(table_id=table.pk, by=frontdesk)
    table = driven(table)

    assert here.record_no in words_of(table, "refused")[3]
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("rest", "files", "created"), [("create", 2, 1), ("skip", 1, 0), ("same", 1, 0)]
)
def test_the_answer_for_all_lines_that_ask(frontdesk, rest, files, created):
    PatientFactory(name="赵敏", birth_date=date(1958, 3, 16), sex="2")
    table = read(frontdesk, DOUBTFUL)
    assert table.asked == 1

    table = decided(table, frontdesk, rest)

    assert (Patient.objects.count(), table.created, table.refused) == (files, created, 0)


def test_the_answer_for_one_line_counts_before_that_for_all(frontdesk):
    here = PatientFactory(name="赵敏", birth_date=date(1958, 3, 16), sex="2", phone=None)
    table = read(frontdesk, DOUBTFUL, DOUBTFUL)  # the second also looks like the first
    rows, total, _page = imports.rows_shown(table, "asked", page=1)
    first, second = ((row.chunk, row.number) for row in rows)
    answers = {first: "create", second: f"same:{here.pk}"}

    imports.start(table_id=table.pk, by=frontdesk, answers=answers, rest="skip")
    table = driven(table)

    assert total == 2
    assert (table.created, table.unchanged, table.refused) == (1, 1, 0)


def test_an_import_is_taken_back_but_what_was_used_since_stays(frontdesk, doctor, english):
    table = whole(frontdesk, *GOOD)
    wang, li, chen = Patient.objects.order_by("record_no")
    add_allergy(patient=wang, substance="青霉素", severity="mild", by=doctor)

    table = taken_back(table, frontdesk)

    states = Patient.objects.order_by("record_no").values_list("state", flat=True)
    assert list(states) == ["active", "withdrawn", "withdrawn"]
    assert f"{wang.record_no} was used since" in words_of(table, "refused")[3]
    li.refresh_from_db()
    assert li.id_number is None
    assert li.changes.get().fields["id_number"] == [LI, ""]
    assert whole(frontdesk, GOOD[1]).created == 1


def test_what_has_come_between_check_and_start_is_seen(frontdesk):
    table = read(frontdesk, DOUBTFUL)
    PatientFactory(name="赵敏", birth_date=date(1958, 3, 16), sex="2")

    imports.start(table_id=table.pk, by=frontdesk)

    assert driven(table).refused == 1


def test_a_row_is_written_whole_or_not_at_all(frontdesk):
    too_long = GOOD[0].replace("无", "青霉素（" + "疹" * 201 + "）")

    table = whole(frontdesk, too_long)

    assert (table.refused, Patient.objects.count(), Allergy.objects.count()) == (1, 0, 0)


# --- the pages ---------------------------------------------------------------------------------


def show(table) -> str:
    return reverse("patient_import_show", args=[table.pk])


def test_from_the_file_to_the_result_by_hand(frontdesk, as_):
    here = PatientFactory(name="赵敏", birth_date=date(1958, 3, 16), sex="2", phone=None)
    client = as_(frontdesk)

    file = SimpleUploadedFile("居民名册.csv", csv(*GOOD, DOUBTFUL, *REFUSED, encoding="gb18030"))
    post_ok(client, reverse("patient_import"), {"file": file})
    table = TableImport.objects.get()
    form = client.get(show(table)).context["match_form"]
    columns = {f.html_name: f.value() for f in form}
    post_ok(client, show(table), {"do": "match", **columns, "option-same": "fill"})
    preview = client.get(show(table))
    field = next(item["answer"].html_name for item in preview.context["rows"])
    post_ok(client, show(table), {"do": "answer", field: f"same:{here.pk}"})
    kept = client.get(show(table)).context["rows"][0]["row"].answer
    post_ok(client, show(table), {"do": "start", field: f"same:{here.pk}", "rest": "skip"})
    done = client.get(show(table), {"show": "all"})
    refused = b"".join(client.get(reverse("patient_import_refused", args=[table.pk])))

    assert (preview.context["table"].asked, kept) == (1, f"same:{here.pk}")
    states = [item["row"].status for item in done.context["rows"]]
    assert states == ["skipped"] * 2 + ["created"] * 3 + ["changed"] + ["refused"] * 4 + ["skipped"]
    assert "1.10105E+17" in refused.decode("utf-8-sig")


def test_no_whole_number_stands_on_a_page_and_every_look_is_on_record_R141(frontdesk, as_):
    client = as_(frontdesk)
    tables = [brought(frontdesk, csv(*GOOD, *REFUSED), kind="patients")]
    tables += [read(frontdesk, *GOOD, *REFUSED), whole(frontdesk, *GOOD, *REFUSED)]

    shown = [client.get(show(table), {"show": "all"}).content.decode() for table in tables]

    for number in (WANG, LI, WANG[:-1], "13800001111", "13700001111"):
        assert not any(number in page for page in shown)
    assert WANG[:6] in shown[0] and "1980.1.5" in shown[0]
    entries = AuditEntry.objects.filter(event="read", screen="patient_import_show")
    assert entries.count() == 4  # each page, and the files that the last one shows


def test_the_preview_asks_as_often_for_many_lines_as_for_one(
    frontdesk, as_, django_assert_max_num_queries
):
    client, counts = as_(frontdesk), []
    for number in (1, 45):
        PatientFactory(name=f"赵敏{'一' * (number > 1)}", birth_date=date(1958, 3, 16), sex="2")
        lines = [DOUBTFUL.replace("\u00a0敏", "敏" + "一" * (number > 1))] * number
        table = read(frontdesk, *lines)
        client.get(show(table))
        with django_assert_max_num_queries(60) as found:
            client.get(show(table))
        counts.append(len(found))

    assert counts[0] == counts[1]


def test_formulas_in_refused_lines_come_back_disarmed(frontdesk, as_):
    table = whole(frontdesk, '"=HYPERLINK(""http://x"")",男,,,,@SUM(A1),,,,,')

    refused = b"".join(as_(frontdesk).get(reverse("patient_import_refused", args=[table.pk])))

    assert b"'=HYPERLINK" in refused and b"'@SUM" in refused


@pytest.mark.parametrize("who", ["nurse", "pharmacist", "administrator"])
def test_whoever_may_not_import_patients_opens_no_import(who, request, frontdesk, as_):
    table = read(frontdesk, GOOD[0])

    assert as_(request.getfixturevalue(who)).get(show(table)).status_code == 403


def test_the_command_imports_decides_and_takes_back(frontdesk, tmp_path):
    PatientFactory(name="赵敏", birth_date=date(1958, 3, 16), sex="2")
    file = tmp_path / "list.csv"
    file.write_bytes(csv(*GOOD, DOUBTFUL))

    out = run(file, "--by", "frontdesk", "--decide", "rest=create", "same=leave")
    run("--take-back", out.split()[-1], "--by", "frontdesk")

    assert "created 4, changed 0, unchanged 0, refused 0" in out
    assert set(Patient.objects.values_list("state", flat=True)) == {"active", "withdrawn"}
    for wrong in (["--by", "nobody"], ["--by", "frontdesk", "--decide", "rest=x"]):
        with pytest.raises(CommandError):
            run(file, *wrong)


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("import_patients", *map(str, arguments), stdout=out)
    return out.getvalue()
