"""Finding patients (R-83, R-141)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients import search
from patients.models import NamePart, Patient
from patients.search import find_patients
from patients.services import correct
from tests.factories.patients import PatientFactory, id_number, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang():
    return PatientFactory(
        record_no="P00001372",
        name="王秀英",
        phone="13812345678",
        birth_date=date(1958, 3, 16),
        id_number=id_number(date(1958, 3, 16), 450),  # the factory counts to 399
        health_no="32058210100100123",
        paper_no="北桥-1998/0123",
    )


@pytest.fixture
def others():
    """Somebody else who shares a part of everything with her."""
    return [
        PatientFactory(name="李四", birth_date=date(1958, 3, 16)),
        PatientFactory(name="赵六", phone="13900005678"),
        PatientFactory(name="王伟", birth_date=date(1958, 3, 17), phone="13900001958"),
        PatientFactory(name="周秀丽"),
    ]


ONLY_HER = [
    # a name, a part of it, in any width and with spaces
    "王秀英", "秀英", " 王 秀英 ", "英", "王秀",
    # pinyin, initials, and from the second character on
    "wxy", "WXY", "ｗｘｙ", "wangxiu", "Wang Xiu Ying", "wángxiùyīng", "xiuying", "XY", "ying",
    # mixtures
    "王xy", "王xiuy", "wang秀", "wangxy", "w秀英", "wx英", "wxiuying", "wxiu", "wangxiuy",
    "秀y", "xiu英",
    # our number as printed, short, and as a scanner types it
    "P00001372", "p00001372\n", "p1372", "1372", "Ｐ００００１３７２",
    "32058210100100123", "北桥1998-0123", "北桥-1998/0123",
    "13812345678", "138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８",
    # a name with the end of a phone or with a birth date, either way round
    "王秀英5678", "wxy 5678", "５６７８ 秀英", "王xy 13812345678", "王5678",
    "王秀英 1958-03-16", "王19580316", "wxy1958.3.16", "1958年3月16日王秀英",
    "王 58/3/16", "w580316",
]  # fmt: skip


def test_every_way_of_asking_finds_her_alone_R83(wang, others):
    found = {typed: find_patients(typed) for typed in [*ONLY_HER, wang.id_number.lower()]}

    assert {typed: them for typed, them in found.items() if them != [wang]} == {}


def test_a_birth_date_in_every_usual_spelling_finds_all_born_then(wang, others):
    ways = [
        "1958-03-16", "1958-3-16", "1958/3/16", "1958.3.16", "1958年3月16日", "1958年03月16",
        "19580316", "580316", "58.3.16", "１９５８－０３－１６",
    ]  # fmt: skip

    found = {typed: set(find_patients(typed)) for typed in ways}

    assert found == dict.fromkeys(ways, {wang, others[0]})


def test_four_digits_are_the_end_of_a_phone_and_a_record_number(wang, others):
    assert find_patients("5678") == [others[1], wang]
    assert find_patients("1372") == [wang]
    assert find_patients("周5678") == []


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("单田芳", "shantf", "dantf"), ("曾国藩", "zengguofan", "cengguofan"),
        ("仇英", "qiuying", "chouying"), ("解缙", "xj", "jiejin"), ("查良镛", "zha", "cha"),
        ("区志强", "ouzhiqiang", "quzq"), ("尉迟恭", "yuchigong", "weichig"),
        ("万俟卨", "moqi", "wansi"), ("任我行", "renwoxing", "rwhang"), ("盖叫天", "gejt", "gai"),
        ("朴槿惠", "piao", "pu"), ("翟志刚", "zhai", "di志刚"), ("乐嘉", "yue", "lejia"),
        ("吕布", "lvbu", "lubu"), ("李茜", "liqian", "lixi"), ("华罗庚", "hualg", "华lg"),
    ],
)  # fmt: skip
def test_surnames_are_found_as_they_are_read_and_as_they_are_misread_R83(name, right, wrong):
    patient = PatientFactory(name=name)
    PatientFactory(name="丁一")

    assert find_patients(right) == find_patients(wrong) == [patient]


def test_a_reading_that_somebody_noted_finds_as_well_as_that_of_the_table(wang):
    patient = PatientFactory(name="王盛", reading="wang cheng")

    assert find_patients("wangcheng") == find_patients("wangsheng") == [patient]


def test_a_part_of_the_document_number_finds_nobody(wang, others):
    number = wang.id_number

    assert find_patients(number[:-1]) == find_patients(number[-6:]) == []


def test_a_newborn_is_found_by_its_mothers_number_and_a_contacts_phone(wang):
    child = PatientFactory(
        name="王之子", id_type="98", id_number=None, mother_id_number=wang.id_number,
        phone=None, contact_name="王强", contact_phone="0512-58123456",
    )  # fmt: skip

    assert find_patients(wang.id_number) == [wang, child]
    assert find_patients("3456") == find_patients("051258123456") == [child]


def test_passports_and_rare_and_dotted_names_are_found(others):
    foreigner = PatientFactory(name="John Smith", id_type="03", id_number="E12345678")
    rare = PatientFactory(name="\U00020bb7田")
    private = PatientFactory(name="王\ue000")
    dotted = PatientFactory(name="阿依古丽·买买提")
    numbered = PatientFactory(name="无名氏20261122")

    for typed, patient in [
        ("e1234 5678", foreigner), ("john", foreigner), ("smith", foreigner), ("JS", foreigner),
        ("\U00020bb7", rare), ("\ue000", private), ("古丽•买", dotted), ("古丽买", dotted),
        ("aygl", dotted), ("maimaiti", dotted), ("无名氏2026", numbered), ("阿依gl", dotted),
    ]:  # fmt: skip
        assert find_patients(typed) == [patient], typed


def test_odd_questions_find_nobody_and_break_nothing(wang, others):
    odd = [
        "", "  ", "%", "_", "王_英", "😀", "\x00", "王\x00", "\ud800", "' OR 1=1 --", "<b>",
        "*", "0", "00000000", "9" * 500, "王" * 500, "x" * 500,
        "wang" * 100, "-", "·", "٣٤٥٦", "1e9",
        "²", "王😀", "王\U0010ffff", "\U0010ffff", "\ud7ff", "1958-02-30", "19580230", "3000-01-01",
        "五1", "王é1", "1" * 60, "王\U0003ffff",
    ]  # fmt: skip

    assert {typed: find_patients(typed) for typed in odd} == dict.fromkeys(odd, [])


def test_a_merged_file_leads_to_the_one_that_is_kept_R81(wang):
    older = PatientFactory(name="王秀瑛", state="merged", merged_into=wang, record_no="P00000009")
    PatientFactory(name="王秀英", state="merged", merged_into=older, record_no="P00000007")

    for typed in ["王秀英", "P9", "7", "wxy", older.id_number, "王秀瑛"]:
        assert find_patients(typed) == [wang], typed
    assert find_patients("7")[0].found_as == ["P00000007"]
    assert sorted(find_patients("王秀")[0].found_as) == ["P00000007", "P00000009"]


def test_a_new_name_finds_and_the_old_one_no_longer(wang, django_assert_num_queries):
    correct(patient=wang, by=somebody(), version=wang.version, name="王秀瑛")

    assert find_patients("王秀英") == find_patients("秀英") == []
    assert find_patients("wangxiuy") == find_patients("秀瑛") == [wang]
    assert NamePart.objects.filter(patient=wang).count() == 3


def test_the_best_come_first_then_those_who_were_here_last(visit_on):
    today = timezone.localdate()
    names = ["王伟", "李王伟", "王伟明", "王伟强", "王伟国", "王伟"]
    whole, inside, today_s, of_last_week, never, new_namesake = [
        PatientFactory(name=name) for name in names
    ]
    visit_on(of_last_week, today - timedelta(days=7))
    visit_on(today_s, today)
    visit_on(inside, today)

    found = find_patients("王伟")

    assert found == [new_namesake, whole, today_s, of_last_week, never, inside]


def test_a_short_list_is_the_beginning_of_a_long_one(visit_on):
    names = ["王伟", "李王伟", "王伟明", "王伟强", "陈王伟", "王伟国"]
    patients = [PatientFactory(name=name) for name in names]
    visit_on(patients[1], timezone.localdate())
    whole_list = find_patients("王伟")

    for limit in range(1, 7):
        assert find_patients("王伟", limit) == whole_list[:limit], limit


def test_nobody_asks_for_the_inside_of_names_where_beginnings_fill_the_list():
    for name in ["王伟", "王伟明", "李王伟"]:
        PatientFactory(name=name)
    for limit in (3, 2):  # once each, so that the questions are put together
        find_patients("王伟", limit)

    with CaptureQueriesContext(connection) as all_of_them:
        find_patients("王伟", 3)
    with CaptureQueriesContext(connection) as filled:
        find_patients("王伟", 2)

    assert [len(parts_asked(one)) for one in (all_of_them, filled)] == [2, 1]


def parts_asked(queries) -> list[str]:
    return [one["sql"] for one in queries if NamePart._meta.db_table in one["sql"]]


@pytest.fixture
def few(monkeypatch):
    """`few(3)`: so many are asked of the index. How many is part of the prepared question."""

    def ask(many: int) -> None:
        monkeypatch.setattr(search, "CANDIDATES", many)
        search._parts_where.cache_clear()

    yield ask
    search._parts_where.cache_clear()


def test_who_was_here_is_found_among_many_of_the_same_letter(visit_on, few):
    few(3)
    patients = [PatientFactory(name="王小" + last) for last in "安波超达恩飞"]
    visit_on(patients[-1], timezone.localdate())

    assert find_patients("w")[0] == find_patients("小")[0] == patients[-1]


def test_who_was_here_is_found_among_many_by_a_reading_noted_by_hand(visit_on, few):
    few(1)
    PatientFactory(name="山安")
    unusual = PatientFactory(name="乐作", reading="shan zuo")
    visit_on(unusual, timezone.localdate())

    assert find_patients("shan")[0] == unusual


def test_whoever_the_index_finds_all_of_needs_no_names_of_those_who_were_here(
    visit_on, django_assert_num_queries
):
    """The names of hundreds are read only where a question found as many as it may."""
    patient = PatientFactory(name="王秀英")
    visit_on(patient, timezone.localdate())
    find_patients("王秀英")

    with django_assert_num_queries(4) as asked:  # two of the index, who was here, the file
        assert find_patients("王秀英") == [patient]

    assert not [one for one in asked.captured_queries if " JOIN " in one["sql"]]


def test_their_names_come_in_the_order_of_their_visits_on_any_database(visit_on, few):
    """MariaDB would sort all visits there are if it might begin with the patients."""
    few(1)
    for name in ["王一", "王二"]:
        visit_on(PatientFactory(name=name), timezone.localdate())
    with CaptureQueriesContext(connection) as asked:
        find_patients("王")

    (named,) = [one["sql"] for one in asked.captured_queries if " JOIN " in one["sql"]]
    assert " LEFT OUTER JOIN " in named and " LIMIT 400" in named


def test_the_latest_come_first_and_the_limit_holds():
    made = [PatientFactory(name="王伟") for _ in range(5)]
    made[1].save()  # touched last

    found = find_patients("ww", limit=3)

    assert found == [made[1], made[4], made[3]]


@pytest.mark.parametrize(
    "typed", ["wxy", "王", "w秀英", "5678", "1372", "王 5678", "王 1958-03-16"]
)
def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries, typed):
    for number in range(30):
        PatientFactory(name="王秀英", phone=f"138{number:04d}5678", birth_date=date(1958, 3, 16))

    with django_assert_max_num_queries(14):
        assert Patient.objects.count() == 30
        find_patients(typed)


def test_signs_that_no_name_has_are_passed_over(wang, others):
    assert find_patients("王秀英，") == find_patients("王，秀英。") == [wang]
