"""The clinic adjusts its own sheets, and sees them beside the form (R-130)."""

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from prescriptions import layout, printing
from prescriptions.layout import Layout
from prescriptions.models import PaperLayout
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import submitted
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
GIVEN = {"paper": "a4_two", "shift_x": "-1.5", "shift_y": "２", "points": "9.5", "shown": ["phone"]}


def test_a_saved_layout_counts_for_the_next_sheet_and_earlier_ones_stay(as_, administrator, doctor):
    client, url = as_(administrator), reverse("paper_layout")
    post_ok(client, url, GIVEN)
    post_ok(client, url, {**GIVEN, "preprinted": "on"})

    patient = PatientFactory(allergy_status="denied")
    made = printing.sheet(submitted(doctor, patient=patient))

    assert made["classes"] == "is-moved dx-m3 dy-4 is-bare"
    assert made["page_style"].endswith("a4.css")
    labels = {label: text for label, text, _width in made["cells"]}
    assert labels["电话"] == patient.phone
    assert not {"体重", "地址", "初复诊"} & set(labels)
    assert [row.preprinted for row in PaperLayout.objects.order_by("pk")] == [False, True]
    assert PaperLayout.objects.first().made_by == administrator


def test_the_preview_shows_what_is_chosen_and_saves_nothing(as_, administrator):
    client, url = as_(administrator), reverse("paper_layout")

    page = client.post(url, {**GIVEN, "do": "look"})
    part = client.post(url, {**GIVEN, "do": "look", "part": "preview"}).content.decode()

    assert 'class="v1-leaf is-moved dx-m3 dy-4"' in page.content.decode()
    assert part.strip().startswith("<div") and "<form" not in part
    assert page.context["form"]["points"].value() == "9.5"
    assert not PaperLayout.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("shift_x", "99"), ("shift_y", "1.3"), ("points", "3"), ("paper", "a0")]
)
def test_what_no_printer_can_do_is_said_at_its_field(as_, administrator, field, value):
    page = as_(administrator).post(reverse("paper_layout"), {**GIVEN, field: value})

    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert not PaperLayout.objects.exists()


def test_the_verb_refuses_it_as_well(administrator):
    for wrong in (Layout(shift_x="15.5"), Layout(shift_y="0.3"), Layout(paper="a0")):
        with pytest.raises(RuleBroken):
            layout.save_layout(form_of_sheet="western", layout=wrong, by=administrator)


def test_a_childs_sheet_always_shows_the_weight():
    bare = Layout(shown=())

    assert layout.for_kind(bare, "paediatric").shows("weight")
    assert not layout.for_kind(bare, "ordinary").shows("weight")
