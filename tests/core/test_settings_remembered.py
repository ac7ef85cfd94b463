"""Within a request the settings are asked for once, and anew when one was changed."""

import pytest
from django.urls import reverse

from clinic.core.models import Setting
from clinic.core.site import setting, settings_of, settings_remembered

pytestmark = pytest.mark.django_db
KEY = "queue.fair_minutes"


def test_one_query_answers_for_all_of_them(django_assert_num_queries):
    Setting.objects.create(key=KEY, value="45")
    with settings_remembered(), django_assert_num_queries(1):
        found = settings_of(KEY, "site.charges")
        again = setting("site.booking")

    assert (found, again) == ({KEY: 45, "site.charges": False}, True)


def test_also_when_none_is_the_clinics_own(django_assert_num_queries):
    with settings_remembered(), django_assert_num_queries(1):
        assert setting(KEY) == setting(KEY) == 30


def test_a_changed_one_counts_at_once():
    with settings_remembered():
        assert setting(KEY) == 30
        row = Setting.objects.create(key=KEY, value="45")
        assert setting(KEY) == 45
        row.delete()
        assert setting(KEY) == 30


def test_what_another_process_changes_counts_from_the_next_request_on():
    Setting.objects.create(key=KEY, value="45")
    with settings_remembered():
        assert setting(KEY) == 45
        Setting.objects.filter(key=KEY).update(value="50")
        assert setting(KEY) == 45

    with settings_remembered():
        assert setting(KEY) == 50
    Setting.objects.filter(key=KEY).update(value="55")
    assert setting(KEY) == 55  # nothing is remembered outside


def test_a_page_asks_for_them_once(frontdesk, as_, django_assert_max_num_queries):
    client = as_(frontdesk)
    client.get(reverse("desk"))
    with django_assert_max_num_queries(60) as asked:
        client.get(reverse("desk"))

    assert sum("core_setting" in one["sql"] for one in asked.captured_queries) == 1
