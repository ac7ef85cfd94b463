"""The administrator's list of settings holds all of them, with what is in force."""

import pytest

from clinic.core.models import Setting
from clinic.core.site import DEFINITIONS, setting

LIST = "/admin/core/setting/"


@pytest.fixture
def pages(administrator, as_):
    return as_(administrator)


def test_every_setting_stands_there_with_value_default_and_meaning(pages):
    Setting.objects.create(key="queue.late_after", value="5")
    Setting.objects.create(key="backup.daily_hour", value="sometimes")

    page = pages.get(LIST)

    rows = {row.definition.key: row for row in page.context["rows"]}
    text = page.content.decode()
    assert set(rows) == set(DEFINITIONS)
    assert (rows["queue.late_after"].value, rows["queue.fair_minutes"].value) == ("5", "30")
    assert [key for key, row in rows.items() if row.is_senseless] == ["backup.daily_hour"]
    assert all("(R-" not in row.definition.meaning for row in rows.values())
    assert f"{LIST}add/?key=queue.fair_minutes" in text
    assert f"{LIST}{rows['queue.late_after'].own.pk}/change/" in text


def test_a_setting_is_found_by_its_meaning_and_changed_from_there(pages):
    help_ = DEFINITIONS["queue.fair_minutes"].meaning
    found = pages.get(LIST, {"q": help_[:6]}).context["rows"]
    assert "queue.fair_minutes" in {row.definition.key for row in found}
    assert pages.get(LIST, {"q": "qqqq"}).context["rows"] == []

    form = pages.get(f"{LIST}add/?key=queue.fair_minutes").context["adminform"].form
    assert (form.initial["key"], form.initial["value"]) == ("queue.fair_minutes", "30")
    pages.post(f"{LIST}add/", {"key": "queue.fair_minutes", "value": "45"})
    row = Setting.objects.get()
    pages.post(f"{LIST}{row.pk}/change/", {"key": "site.charges", "value": "50"})

    assert setting("queue.fair_minutes") == 50 and not setting("site.charges")


def test_what_is_chosen_has_words_and_is_kept_as_the_program_knows_it(pages):
    form = pages.get(f"{LIST}add/?key=queue.late").context["adminform"].form
    assert [value for value, _words in form.fields["value"].widget.choices] == [
        *("after", "slot", "session", "usual")
    ]

    pages.post(f"{LIST}add/", {"key": "queue.late", "value": "slot"})

    assert setting("queue.late") == "slot"
    (row,) = pages.get(LIST, {"q": "queue.late "}).context["rows"][:1]
    assert row.value == DEFINITIONS["queue.late"].choices["slot"]


def test_the_default_of_each_setting_can_be_kept_as_a_row():
    for definition in DEFINITIONS.values():
        assert definition.parse(definition.stored_default) == definition.default
