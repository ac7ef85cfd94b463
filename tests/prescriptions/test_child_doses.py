"""The usual dose by age and weight, from the library's words (R-18, R-157)."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from prescriptions.child_doses import Child, propose
from tests.factories.prescriptions import draft, patient_with, shipped, visit_of

pytestmark = pytest.mark.django_db
YEARS = 12
PROPOSED = [
    # amoxicillin 20~40 mg/kg a day in 3: 18 kg are 120~240 mg, and no capsule of 250 mg lies there
    ("D001", 5 * YEARS, "18", "120mg", "tid"),
    ("D001", 7 * YEARS, "25", "250mg", "tid"),  # 167~333 mg: one capsule
    ("D001", 13 * YEARS, "80", "500mg", "tid"),  # never above the adults' 0.5 g
    ("D004", 5 * YEARS, "20", "125mg", "qid"),  # 25~50 mg/kg a day in 4: one capsule
    ("D007", 5 * YEARS, "20", "50mg", "bid"),  # 30~60 mg: half a tablet
    ("D010", 5 * YEARS, "25", "250mg", "qd"),
    ("D023", 6 * YEARS, "20", "250mg", ""),  # 200~300 mg: half a tablet
    ("D025", 5 * YEARS, "18", "4.5ml", ""),  # 5~10 mg/kg single, 20 mg in 1 ml
    ("D120", 2 * YEARS, None, "2g", ""),
    ("D120", 8, None, "1g", ""),
    ("D120", 5 * YEARS, None, None, None),  # no band for five years
    ("D060", 5 * YEARS, "18", None, None),  # 1~2 mg/kg, neither a day nor at once
    ("D001", 5 * YEARS, None, None, None),  # not weighed
    ("D013", 5 * YEARS, "18", None, None),
]


@pytest.mark.parametrize(("code", "months", "weight", "dose", "frequency"), PROPOSED)
def test_the_dose_by_age_and_weight_R157(code, months, weight, dose, frequency):
    child = Child(months, Decimal(weight) if weight else None)

    found = propose(shipped(code, stock=0), child)

    assert (str(found.dose) if found else None, found.frequency if found else None) == (
        dose,
        frequency,
    )


def test_it_stands_in_the_list_and_the_row_with_the_words_it_came_from(doctor, as_):
    born = timezone.localdate() - timezone.timedelta(days=366 * 7)
    visit = visit_of(doctor, patient=patient_with(birth_date=born))
    visit.vitals = {"weight": "25"}
    visit.save()
    sheet, client = draft(doctor, record=visit), as_(doctor)
    drug = shipped("D001")

    options = client.post(f"{reverse('drug_suggest')}?child=1&sheet={sheet.pk}", {"q": "amxl"})
    page = client.get(f"{reverse('prescription_edit', args=[sheet.pk])}?drug={drug.pk}")

    assert 'data-fill-dose="250mg"' in options.content.decode()
    assert page.context["form"]["dose"].value() == "250mg"
    assert "25kg：按体重20~40mg/kg/日,分3次" in page.content.decode()
