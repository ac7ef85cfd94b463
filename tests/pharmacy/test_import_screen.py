"""The import by hand: file, columns, preview, start, result, refused lines, take-back."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinic.core.models import TableImport
from pharmacy.models import Drug
from tests.factories.tables import DOUBTFUL, LINES, REFUSED, brought, checked, csv, imported
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def uploaded(content: bytes, name: str = "目录.csv") -> dict:
    return {"file": SimpleUploadedFile(name, content)}


def show(table) -> str:
    return reverse("drug_import_show", args=[table.pk])


def test_from_the_file_to_the_drugs_and_back(storekeeper, as_):
    client = as_(storekeeper)

    post_ok(client, reverse("drug_import"), uploaded(csv(*LINES, DOUBTFUL, REFUSED)))
    table = TableImport.objects.get()
    columns = client.get(show(table))
    form = columns.context["match_form"]
    post_ok(client, show(table), {"do": "match", **{f.html_name: f.value() for f in form}})
    preview = client.get(show(table))
    post_ok(client, show(table), {"do": "start"})
    done = client.get(show(table))
    refused = client.get(reverse("drug_import_refused", args=[table.pk])).getvalue()
    created = Drug.objects.count()
    post_ok(client, show(table), {"do": "take_back"})

    assert "头孢拉定胶囊" in columns.content.decode()
    assert "A005" not in preview.content.decode()  # a line is known by name, pack and maker
    assert "某厂" in preview.content.decode()
    assert preview.context["table"].state == "ready"
    assert done.context["table"].state == "done"
    assert "A005" in refused.decode("utf-8-sig")
    assert (created, Drug.objects.count()) == (4, 0)


def test_a_double_click_brings_the_file_once(storekeeper, as_):
    client, once = as_(storekeeper), uuid.uuid4()

    for _click in range(2):
        client.post(reverse("drug_import"), {"once": once, **uploaded(csv(*LINES))})

    assert TableImport.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7"])
def test_what_is_no_table_is_said_on_the_page(content, storekeeper, as_):
    client = as_(storekeeper)

    answer = client.post(
        reverse("drug_import"), {"once": uuid.uuid4(), **uploaded(content)}, follow=True
    )

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode() or answer.context["form"].errors
    assert "<kbd>F9</kbd>" not in answer.content.decode() or not TableImport.objects.exists()


def test_no_file_at_all_is_said_at_the_field(storekeeper, as_):
    answer = as_(storekeeper).post(reverse("drug_import"), {"once": uuid.uuid4()})

    assert answer.context["form"].errors["file"]


def test_one_thing_chosen_twice_is_said_at_the_second_column(storekeeper, as_):
    table = brought(storekeeper)

    answer = as_(storekeeper).post(
        show(table), {"do": "match", "c0": "generic_name", "c1": "generic_name"}
    )

    assert answer.context["match_form"].errors["c1"]
    assert TableImport.objects.get().state == "matching"


def test_another_encoding_and_another_heading_are_chosen_by_hand(storekeeper, as_):
    client = as_(storekeeper)
    table = brought(storekeeper, csv(*LINES))

    post_ok(client, show(table), {"do": "source", "encoding": "gb18030", "header": "1"})
    spoiled = TableImport.objects.get().read_head()
    post_ok(client, show(table), {"do": "source", "encoding": "utf-8", "header": "0"})
    mended = TableImport.objects.get().read_head()
    post_ok(client, show(table), {"do": "source", "encoding": "utf-8", "header": "2"})

    assert spoiled.get("error") or "头孢拉定胶囊" not in str(spoiled["top"])
    assert mended["source"]["encoding"] == "utf-8"
    assert TableImport.objects.get().read_head()["header"] == 2


def test_a_column_can_be_changed_after_the_preview(storekeeper, as_):
    table = checked(storekeeper)

    post_ok(as_(storekeeper), show(table), {"do": "columns"})

    assert TableImport.objects.get().state == "matching"


def test_a_step_that_is_over_is_refused_in_words(storekeeper, as_):
    table = imported(storekeeper)

    answer = as_(storekeeper).post(show(table), {"do": "start", "once": uuid.uuid4()})

    assert answer.status_code == 200
    assert 'class="message' in answer.content.decode()


def test_while_it_works_the_page_follows_without_a_script(storekeeper, as_):
    table = brought(storekeeper)
    TableImport.objects.update(state="writing")
    type(table.job).objects.update(state="waiting", total=10, position=4)

    answer = as_(storekeeper).get(show(table))

    assert answer["Refresh"] == "3"
    assert 'value="40"' in answer.content.decode()


def test_a_hostile_page_number_and_step_do_no_harm(storekeeper, as_):
    client, table = as_(storekeeper), checked(storekeeper)

    assert client.get(show(table), {"page": "x", "show": "'"}).status_code == 200
    assert client.get(show(table), {"page": "-9", "show": "refused"}).status_code == 200
    assert client.post(show(table), {"do": "../"}).status_code == 302
    assert client.post(show(table), {"do": "source", "header": "x"}).status_code == 200
    assert TableImport.objects.get().state == "ready"


def queries(client, url, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(60) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_the_preview_asks_the_database_as_often_for_many_lines_as_for_one(
    storekeeper, as_, django_assert_max_num_queries
):
    client = as_(storekeeper)
    few = checked(storekeeper, csv(DOUBTFUL))
    many = checked(
        storekeeper, csv(*(DOUBTFUL.replace("A004", f"B{n:03d}") + str(n) for n in range(120)))
    )
    client.get(show(few))

    one, hundred = (
        queries(client, show(table), django_assert_max_num_queries) for table in (few, many)
    )

    assert one == hundred


def test_the_list_of_imports_asks_as_often_for_many(
    storekeeper, as_, django_assert_max_num_queries
):
    client, url = as_(storekeeper), reverse("drug_import")
    brought(storekeeper)
    client.get(url)
    one = queries(client, url, django_assert_max_num_queries)
    for _time in range(5):
        brought(storekeeper)

    assert queries(client, url, django_assert_max_num_queries) == one


@pytest.mark.parametrize("who", ["pharmacist", "storekeeper", "administrator"])
def test_those_who_manage_drugs_may(who, request, as_):
    assert as_(request.getfixturevalue(who)).get(reverse("drug_import")).status_code == 200
