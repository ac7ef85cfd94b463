"""The administrator's home leads back to first steps that were left."""

import pytest
from django.urls import reverse

from clinic.core.models import GuideStep

pytestmark = pytest.mark.django_db


def test_first_steps_that_were_begun_and_left_are_a_line_of_the_home(as_, administrator):
    client, home = as_(administrator), reverse("security_home")
    before = client.get(home).content.decode()
    GuideStep.objects.create(code="printer", state="later", by=administrator)

    page = client.get(home).content.decode()

    address = f'class="row-act push" href="{reverse("guide")}?all=1"'
    assert address not in before and address in page
    assert page.index(address) < page.index('id="state"')
