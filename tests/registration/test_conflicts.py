"""Two windows in one record: both texts, a choice for each field, nothing lost (R-71)."""

import json
import uuid

import pytest

from clinic.core.drafts import load_draft
from clinic.core.models import Draft
from registration import conflicts
from registration.consultation import DRAFT, add_diagnosis, finish, save_record, subject_of
from registration.models import Consultation
from tests.factories.registration import open_record

OLD, MINE, THEIRS = "受凉后咳嗽。", "受凉后咳嗽 3 天。", "淋雨后咳嗽，夜间重。"


@pytest.fixture
def record(session, frontdesk, doctor, bronchitis):
    record = open_record(session, frontdesk)
    return save_record(
        consultation=record, version=1, by=doctor, complaint="咳嗽", present_illness=OLD
    )


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def url_of(record, more: str = "") -> str:
    return f"/registration/consultations/{record.pk}/{more}"


@pytest.fixture
def window(room, record) -> dict:
    """What a browser sends back of the page as it was opened, before the other window saved."""
    form = room.get(url_of(record)).context["form"]
    typed = {
        name: form[name].value() or ""
        for name in ("complaint", "present_illness", "advice", "base")
    }
    kept = {"version": record.version, "kind": "first", "dx": "", "code": ""}
    return {**kept, **typed, "present_illness": MINE}


@pytest.fixture
def other_window(window, record, doctor):
    """Saved meanwhile: the same field otherwise, and one that the first window left alone."""
    save_record(
        consultation=record,
        version=record.version,
        by=doctor,
        present_illness=THEIRS,
        advice="多饮水",
    )


def press(room, record, window: dict, more: str = "", **choices):
    return room.post(url_of(record, more), {**window, "once": str(uuid.uuid4()), **choices})


def stored(record) -> Consultation:
    return Consultation.objects.get(pk=record.pk)


def again(window: dict, page) -> dict:
    """What the browser sends of the page with the choice."""
    form = page.context["form"]
    differs = [one.name for one in page.context["conflicts"]]
    proposed = {f"choose_{o.name}": o.proposed for o in page.context["conflicts"] if o.proposed}
    return {**window, "version": form["version"].value(), "differs": differs, **proposed}


def test_the_second_save_stores_neither_and_shows_both(room, record, window, other_window):
    page = press(room, record, window)

    text = page.content.decode()
    assert page.status_code == 200 and MINE in text and THEIRS in text
    assert 'name="choose_present_illness"' in text
    assert stored(record).present_illness == THEIRS


def test_only_where_both_wrote_somebody_has_to_choose(room, record, window, other_window):
    page = press(room, record, window)

    proposed = {one.name: one.proposed for one in page.context["conflicts"]}
    assert proposed == {"present_illness": "", "advice": conflicts.THEIRS}


@pytest.mark.parametrize(
    "choice, kept",
    [("mine", MINE), ("theirs", THEIRS), ("both", f"{THEIRS}\n{MINE}")],
)
def test_what_was_chosen_is_saved_and_the_rest_stays(
    room, record, window, other_window, choice, kept
):
    window = again(window, press(room, record, window))

    answer = press(room, record, window, choose_present_illness=choice)

    assert answer.status_code == 302
    saved = stored(record)
    assert saved.present_illness.replace("\r\n", "\n") == kept
    assert (saved.advice, saved.complaint) == ("多饮水", "咳嗽")
    assert not Draft.objects.exists()


def test_nothing_is_saved_while_a_field_is_not_chosen(room, record, window, other_window):
    window = again(window, press(room, record, window))

    page = press(room, record, window)

    assert page.status_code == 200 and page.context["form"].undecided == ["present_illness"]
    assert "choose_present_illness" in page.content.decode()
    assert stored(record).present_illness == THEIRS


def test_a_third_window_asks_once_more(room, record, window, other_window, doctor):
    window = again(window, press(room, record, window))
    save_record(
        consultation=record, version=stored(record).version, by=doctor, present_illness="第三个"
    )

    page = press(room, record, window, choose_present_illness="mine")

    assert [one.theirs for one in page.context["conflicts"] if one.name == "present_illness"] == [
        "第三个"
    ]
    assert stored(record).present_illness == "第三个"


def test_the_finish_button_asks_as_well(room, record, window, other_window):
    page = press(room, record, window, "finish/", only="1")

    assert page.context["conflicts"] and stored(record).finished_at is None


# -- drafts --


def draft_of(record, doctor, *, is_stale=False) -> dict | None:
    return load_draft(form=DRAFT, subject=subject_of(record, is_stale=is_stale), by=doctor)[0]


def test_a_draft_of_an_older_version_is_kept_beside_and_asks_on_the_next_opening(
    room, record, window, other_window, doctor
):
    answer = press(room, record, window, "draft/")

    page = room.get(url_of(record))
    assert answer.status_code == 200
    assert draft_of(record, doctor, is_stale=True)["texts"]["present_illness"] == MINE
    assert page.context["form"]["present_illness"].value() == MINE
    assert {one.name for one in page.context["conflicts"]} == {"present_illness", "advice"}


def test_a_choice_that_was_not_made_is_asked_again_after_a_crash(
    room, record, window, other_window
):
    window = again(window, press(room, record, window))
    press(room, record, window, "draft/")

    page = room.get(url_of(record))

    assert "present_illness" in {one.name for one in page.context["conflicts"]}


def test_without_any_script_a_refused_save_is_a_draft_too(room, record, window, doctor):
    page = press(room, record, {**window, "sick_days": "viele"})

    assert page.status_code == 200
    assert draft_of(record, doctor)["texts"]["present_illness"] == MINE


def test_the_draft_is_there_after_sign_out_on_another_computer(
    room, record, window, doctor, as_, client
):
    press(room, record, window, "draft/")
    room.post("/logout/")

    page = as_(doctor).get(url_of(record))

    assert page.context["form"]["present_illness"].value() == MINE
    assert stored(record).present_illness == OLD


def test_a_signed_record_takes_no_draft(room, record, window, doctor):
    add_diagnosis(consultation=record, code="J20.9", by=doctor)
    finish(consultation=record, by=doctor)

    assert press(room, record, window, "draft/").status_code == 409


@pytest.mark.parametrize("base", ["", "x", "[]", "{", json.dumps({"complaint": 7}), "9" * 1900])
def test_a_base_that_makes_no_sense_only_asks_more(room, record, window, other_window, base):
    page = press(room, record, {**window, "base": base})

    assert page.status_code == 200 and page.context["conflicts"]


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999", "７", "999"])
def test_a_draft_without_a_version_is_not_kept(room, record, window, version):
    assert press(room, record, {**window, "version": version}, "draft/").status_code == 409
