"""The pages of stock-taking: blind, saved line by line, the same queries for any size."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pharmacy import takes
from pharmacy.models import StockDocument, StockTake
from tests.factories.pharmacy import in_days, put_on_shelf, stocked_drug
from tests.factories.takes import closed, confirmed, counted, line_of, started, to_confirm
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
State = StockTake.State


def url(name, take, *arguments, query=""):
    return reverse(name, args=[take.number, *arguments]) + query


@pytest.fixture
def batch():
    """239 of 240 capsules are left: 9盒+23粒."""
    return stocked_drug(239, generic_name="阿莫西林胶囊", shelf="A1-01").batches.get()


@pytest.fixture
def take(batch, storekeeper):
    return started(by=storekeeper)


@pytest.fixture
def client(as_, pharmacist):
    return as_(pharmacist)


def cells(*lines, **typed):
    """What the browser sends of lines: number of packs and pieces, and what it had seen."""
    data = {"line": [line.pk for line in lines], "once": uuid.uuid4()}
    for line in lines:
        data[f"{line.pk}-seen"] = line.version
        for name, value in typed.items():
            data[f"{line.pk}-{name}"] = value
    return data


# --- beginning


def test_a_take_is_begun_from_the_form(client, batch):
    response = post_ok(client, reverse("stock_take_new"), {"scope": "shelf", "shelf": "Ａ1"})

    take = StockTake.objects.get()
    assert response["Location"] == url("stock_take", take)
    assert (take.state, take.lines.count(), take.scope_text) == (State.COUNTING, 1, "A1")


def test_chosen_drugs_are_found_by_their_words(client, batch):
    post_ok(client, reverse("stock_take_new"), {"scope": "drugs", "drugs": "阿莫西林胶囊\n\n"})

    assert StockTake.objects.get().drug_ids == [batch.drug_id]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"scope": "shelf"}, "shelf"),
        ({"scope": "category"}, "category"),
        ({"scope": "group"}, "group"),
        ({"scope": "drugs", "drugs": "没有这种药"}, "drugs"),
        ({"scope": "drugs", "drugs": "\n".join(["x"] * 51)}, "drugs"),
        ({"scope": "nothing"}, "scope"),
        ({"scope": "shelf", "shelf": "ZZ"}, "scope"),
    ],
)
def test_what_can_t_be_counted_is_told_at_its_field(client, batch, data, field):
    response = client.post(reverse("stock_take_new"), {**data, "once": uuid.uuid4()})

    assert list(response.context["form"].errors) == [field]
    assert not StockTake.objects.exists()


# --- blind


@pytest.mark.parametrize("page", ["stock_take", "stock_take_count", "stock_take_sheet"])
def test_no_page_of_the_count_tells_what_the_book_says_R119(client, take, page):
    text = client.get(url(page, take)).content.decode()

    assert "阿莫西林胶囊" in text or page == "stock_take"
    assert "9盒" not in text and "23粒" not in text
    assert not re.search(r"\b239\b", text, re.ASCII)  # identifiers may hold it


def test_the_second_count_tells_neither_the_book_nor_the_first_count_R119(
    client, take, batch, storekeeper
):
    counted(take, batch, 221, by=storekeeper)
    closed(take, by=storekeeper)

    for page in ("stock_take", "stock_take_count", "stock_take_sheet"):
        text = client.get(url(page, take)).content.decode()
        assert "9盒" not in text and "23粒" not in text and "5粒" not in text


def test_the_result_opens_when_both_counts_are_done(client, take, batch, storekeeper):
    assert client.get(url("stock_take_result", take))["Location"] == url("stock_take", take)

    to_confirm(take, {batch: 200}, by=storekeeper)

    for page in ("stock_take", "stock_take_result"):
        assert "9盒+23粒" in client.get(url(page, take)).content.decode()


# --- counting on the screen


def test_packs_and_pieces_are_saved_and_the_page_comes_back(client, take, batch):
    line = line_of(take, batch)
    page = url("stock_take_count", take, query="?bay=A1")

    response = post_ok(client, page, cells(line, packs="９", pieces="23"))

    line.refresh_from_db()
    assert response["Location"] == page
    assert (line.first, line.difference, line.first_by.username) == (239, 0, "pharmacist")
    assert "9盒+23粒" in client.get(page).content.decode()


def test_a_line_that_is_typed_wrongly_does_not_keep_the_others_back(client, take, batch):
    other = put_on_shelf(batch.drug, 48, lot="OTHER")
    takes.add_found(
        take=take,
        drug=batch.drug,
        lot="OTHER",
        expires_on=other.expires_on,
        quantity=1,
        by=take.started_by,
    )
    lines = line_of(take, batch), line_of(take, other)
    data = cells(*lines, packs="2")
    data[f"{lines[0].pk}-packs"] = "两盒"

    response = client.post(url("stock_take_count", take), data)

    assert response.status_code == 200
    assert "两盒" in response.content.decode()
    assert line_of(take, other).first == 48 and line_of(take, batch).first is None


def test_empty_boxes_are_not_counted_and_nought_is(client, take, batch):
    line = line_of(take, batch)

    post_ok(client, url("stock_take_count", take), cells(line, packs="", pieces=""))
    empty = line_of(take, batch).first
    post_ok(client, url("stock_take_count", take), cells(line, packs="0"))

    assert (empty, line_of(take, batch).first) == (None, 0)


def test_the_second_counter_of_a_line_sees_the_first_one_s_entry(client, as_, take, batch, nurse):
    line = line_of(take, batch)
    counted(take, batch, 48, by=take.started_by)

    page = client.post(url("stock_take_count", take), cells(line, packs="9"), follow=True)

    text = page.content.decode()
    assert "2盒" in text and "郑库管" in text and "9盒" in text
    assert line_of(take, batch).first == 48


def test_whoever_opens_the_line_again_may_change_it(client, take, batch):
    counted(take, batch, 48, by=take.started_by)
    line = line_of(take, batch)
    page = client.get(url("stock_take_count", take, query=f"?edit={line.pk}"))
    assert f'name="{line.pk}-packs"' in page.content.decode()

    post_ok(client, url("stock_take_count", take), cells(line, packs="9", pieces="23"))

    assert line_of(take, batch).first == 239


def test_a_paper_sheet_is_typed_with_the_time_of_its_count(client, take, batch):
    minute = timezone.localtime(take.started_at).strftime("%Y-%m-%dT%H:%M")
    data = cells(line_of(take, batch), packs="9", pieces="23") | {"at": minute}

    response = post_ok(client, url("stock_take_count", take), data)

    assert "at=" in response["Location"]
    assert line_of(take, batch).first_at == take.started_at


@pytest.mark.parametrize("at", ["2020-01-01T10:00", "2099-01-01T10:00", "gestern"])
def test_a_wrong_time_saves_nothing_and_keeps_what_was_typed(client, take, batch, at):
    data = cells(line_of(take, batch), packs="7") | {"at": at}

    response = client.post(url("stock_take_count", take), data)

    assert response.context["when"].errors and 'value="7"' in response.content.decode()
    assert line_of(take, batch).first is None


def test_indivisible_drugs_are_counted_in_packs_only(client, storekeeper):
    drug = stocked_drug(400, units_per_pack=200, divisible=False)
    take = started(by=storekeeper)
    line = line_of(take, drug.batches.get())

    text = client.get(url("stock_take_count", take)).content.decode()

    assert f"{line.pk}-packs" in text and f"{line.pk}-pieces" not in text


def test_a_found_batch_is_added_from_the_form(client, take, batch):
    data = {"drug_text": "阿莫西林胶囊", "lot": "F1", "expires_on": "2031-05", "packs": "2"}

    post_ok(client, url("stock_take_found", take), data)

    line = take.lines.get(found=True)
    assert (line.first, line.batch.expires_on.isoformat()) == (48, "2031-05-31")


def test_an_expired_find_is_refused_at_its_date_R109(client, take, batch):
    data = {"drug_text": "阿莫西林胶囊", "lot": "F1", "packs": "2"}
    data |= {"expires_on": in_days(-1).isoformat(), "once": uuid.uuid4()}

    response = client.post(url("stock_take_found", take), data)

    assert list(response.context["form"].errors) == ["expires_on"]


# --- the end


def test_a_take_goes_its_way_on_the_pages(client, as_, take, batch, storekeeper):
    post_ok(client, url("stock_take_count", take), cells(line_of(take, batch), packs="9"))
    post_ok(client, url("stock_take_close", take))
    post_ok(client, url("stock_take_count", take), cells(line_of(take, batch), packs="9"))
    post_ok(client, url("stock_take_close", take))
    line = line_of(take, batch)
    why = {"line": line.pk, f"{line.pk}-kind": "other", f"{line.pk}-words": ""}
    refused = client.post(url("stock_take_reasons", take), {**why, "once": uuid.uuid4()})
    post_ok(client, url("stock_take_reasons", take), why | {f"{line.pk}-words": "老鼠"})
    own = client.post(url("stock_take_confirm", take), {"once": uuid.uuid4()}, follow=True)
    early = StockDocument.objects.filter(kind="adjustment").count()

    post_ok(as_(storekeeper), url("stock_take_confirm", take))

    take.refresh_from_db()
    batch.refresh_from_db()
    assert refused.status_code == 200 and 'class="field-error"' in refused.content.decode()
    assert "message-error" in own.content.decode() and early == 0
    assert (take.state, batch.on_hand) == (State.POSTED, 216)
    assert "老鼠" in as_(storekeeper).get(url("stock_take_result", take)).content.decode()


def test_reasons_that_were_changed_are_confirmed_as_they_stand(client, take, batch, storekeeper):
    to_confirm(take, {batch: 200}, by=storekeeper)
    line = line_of(take, batch)
    typed = {"line": line.pk, f"{line.pk}-kind": "other", f"{line.pk}-words": "老鼠"}

    wrong = client.post(url("stock_take_confirm", take), typed | {f"{line.pk}-words": ""})
    post_ok(client, url("stock_take_confirm", take), typed)

    line.refresh_from_db()
    take.refresh_from_db()
    assert wrong.status_code == 200 and 'class="field-error"' in wrong.content.decode()
    assert (line.reason, line.reason_words, take.state) == ("other", "老鼠", State.POSTED)


def test_a_difference_is_sent_back_from_its_row(client, take, batch, storekeeper):
    to_confirm(take, {batch: 200}, by=storekeeper)

    post_ok(client, url("stock_take_again", take, line_of(take, batch).pk))

    take.refresh_from_db()
    assert take.state == State.SECOND


def test_a_take_is_cancelled_with_a_reason(client, take):
    client.post(url("stock_take_cancel", take), {"reason": " ", "once": uuid.uuid4()})
    take.refresh_from_db()
    before = take.state

    post_ok(client, url("stock_take_cancel", take), {"reason": "停电"})

    take.refresh_from_db()
    assert (before, take.state) == (State.COUNTING, State.CANCELLED)
    assert "停电" in client.get(url("stock_take", take)).content.decode()


def test_the_history_is_drawn_without_a_script_or_a_style(
    client, take, batch, storekeeper, pharmacist
):
    confirmed(to_confirm(take, {batch: 200}, by=storekeeper), by=pharmacist)
    confirmed(to_confirm(started(by=storekeeper), {batch: 200}, by=storekeeper), by=pharmacist)

    text = client.get(reverse("stock_takes")).content.decode()

    assert "<polyline" in text and "100 %" in text and "style=" not in text


# --- size


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def counting_pages(lines, storekeeper):
    """The pages of a take of so many lines, half of them counted; then of its second count."""
    batches = [stocked_drug(48).batches.get() for _n in range(lines)]
    scope = {"scope": StockTake.Scope.DRUGS, "drugs": [batch.drug for batch in batches]}
    take = started(by=storekeeper, **scope)
    pages = ["stock_take", "stock_take_count", "stock_take_sheet"]
    yield take, pages
    for batch in batches:
        counted(take, batch, 40, by=storekeeper)
    yield take, pages
    yield closed(take, by=storekeeper), pages
    for batch in batches:
        counted(take, batch, 40, by=storekeeper)
    yield closed(take, by=storekeeper), ["stock_take", "stock_take_result"]


def test_query_counts_do_not_grow_with_the_lines(client, storekeeper):
    found = {
        lines: [
            queries(client, url(page, take))
            for take, pages in counting_pages(lines, storekeeper)
            for page in pages
        ]
        for lines in (1, 50)
    }

    assert found[1] == found[50]
    assert max(found[50]) < 25


def test_the_list_asks_the_same_for_one_take_and_for_many(
    client, take, batch, storekeeper, pharmacist
):
    confirmed(to_confirm(take, {batch: 200}, by=storekeeper), by=pharmacist)
    few = queries(client, reverse("stock_takes"))
    for _n in range(5):
        take = started(by=storekeeper)
        takes.cancel(take=take, reason="停电", by=storekeeper)
        confirmed(to_confirm(started(by=storekeeper), {batch: 200}, by=storekeeper), by=pharmacist)

    assert queries(client, reverse("stock_takes")) == few


# --- gone on meanwhile


def test_who_still_counts_when_a_colleague_has_ended_the_round_is_told_R119(
    client, take, batch, storekeeper
):
    line = line_of(take, batch)
    counted(take, batch, 239, by=storekeeper)
    closed(take, by=storekeeper)

    for page in ("stock_take_count", "stock_take_found"):
        answer = client.post(url(page, take), cells(line, packs="9", pieces="23"), follow=True)
        assert take.number in str([*answer.context["messages"]][0])
        assert client.get(url(page, take)).status_code == 302
