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
    assert all(str(row.definition.help).isascii() is False for row in rows.values())
    assert f"{LIST}add/?key=queue.fair_minutes" in text
    assert f"{LIST}{rows['queue.late_after'].own.pk}/change/" in text


def test_a_setting_is_found_by_its_meaning_and_changed_from_there(pages):
    help_ = str(DEFINITIONS["queue.fair_minutes"].help)
    found = pages.get(LIST, {"q": help_[:6]}).context["rows"]
    assert "queue.fair_minutes" in {row.definition.key for row in found}
    assert pages.get(LIST, {"q": "qqqq"}).context["rows"] == []

    form = pages.get(f"{LIST}add/?key=queue.fair_minutes").context["adminform"].form
    assert (form.initial["key"], form.initial["value"]) == ("queue.fair_minutes", "30")
    pages.post(f"{LIST}add/", {"key": "queue.fair_minutes", "value": "45"})
    row = Setting.objects.get()
    pages.post(f"{LIST}{row.pk}/change/", {"key": "site.charges", "value": "50"})

    assert setting("queue.fair_minutes") == 50 and not setting("site.charges")


def test_the_default_of_each_setting_can_be_written_as_the_list_shows_it():
    for definition in DEFINITIONS.values():
        assert definition.parse(definition.default_words) == definition.default
