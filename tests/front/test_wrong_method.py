"""An address that only takes a form says so, instead of the browser's own error page."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_opening_a_forms_address_leads_back_to_its_page(as_, pharmacist):
    parent = reverse("drug_show", args=[1])

    answer = as_(pharmacist).get(reverse("drug_restart", args=[1]))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'href="{parent}"' in answer.content.decode()


def test_where_no_page_stands_above_the_start_page_does(as_, pharmacist):
    answer = as_(pharmacist).get(reverse("logout"))

    assert answer.status_code == 405
    assert answer.context["parent"] == "/"


def test_a_strangers_wrong_turn_is_a_page_too(client):
    answer = client.get(reverse("type_large"), secure=True)

    assert answer.status_code == 405
    assert answer.content
