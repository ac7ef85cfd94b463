"""What the administrator may change of the pharmacy."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pharmacy import catalogue
from pharmacy.models import ControlClass, Drug, Interaction
from tests.factories.pharmacy import DrugFactory, SupplierFactory, stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, administrator):
    return as_(administrator)


def readonly(client, drug):
    page = client.get(reverse("admin:pharmacy_drug_change", args=[drug.pk]))
    return set(page.context["adminform"].readonly_fields)


def test_the_identity_of_a_used_drug_is_read_only_R122(client):
    used, unused = stocked_drug(24), DrugFactory()

    assert readonly(client, used) - readonly(client, unused) == {*catalogue.IDENTITY, "price"}


def test_checking_and_stopping_are_done_on_the_drugs_own_page_only_R157(client):
    assert {"verified", "active", "stop_reason"} <= readonly(client, DrugFactory())


def test_a_posted_identity_of_a_used_drug_is_ignored_R122(client):
    drug = stocked_drug(24, generic_name="阿莫西林胶囊")
    form = client.get(reverse("admin:pharmacy_drug_change", args=[drug.pk])).context["adminform"]
    data = {name: "" if value is None else value for name, value in form.form.initial.items()}
    data = {name: value for name, value in data.items() if value is not False}
    data |= {"generic_name": "别的药", "units_per_pack": 99, "price": "11.00"}
    data |= {f"control_classes-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}

    with CaptureQueriesContext(connection) as asked:
        response = client.post(reverse("admin:pharmacy_drug_change", args=[drug.pk]), data)

    drug.refresh_from_db()
    assert response.status_code == 302
    locked = [q for q in asked if "pharmacy_drug" in q["sql"] and "FOR UPDATE" in q["sql"]]
    assert bool(locked) == connection.features.has_select_for_update  # SQLite locks it all
    assert (drug.generic_name, drug.units_per_pack, str(drug.price)) == (
        "阿莫西林胶囊",
        24,
        "9.60",
    )


def test_a_control_class_alone_is_no_use():
    drug = DrugFactory()
    ControlClass.objects.create(drug=drug, name="麻醉药品", since="2026-01-01")

    assert not catalogue.is_used(drug)


def test_a_control_class_is_added_and_never_overwritten_R53(client):
    drug = DrugFactory()
    row = ControlClass.objects.create(drug=drug, name="麻醉药品", since="2026-01-01")
    url = reverse("admin:pharmacy_drug_change", args=[drug.pk])
    form = client.get(url).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value not in (None, False)}
    formset = {"TOTAL_FORMS": 2, "INITIAL_FORMS": 1, "0-id": row.pk, "0-name": "无"}
    formset |= {"0-since": "2025-01-01", "1-name": "无", "1-since": "2026-06-01"}
    data |= {f"control_classes-{name}": value for name, value in formset.items()}

    client.post(url, data)

    row.refresh_from_db()
    assert (row.name, str(row.since)) == ("麻醉药品", "2026-01-01")
    with pytest.raises(PermissionDenied):
        ControlClass.objects.update(name="无")


@pytest.mark.parametrize("model", ["batch", "stockmovement"])
def test_the_shelf_and_its_ledger_are_only_looked_at(client, amoxicillin, model):
    row = amoxicillin.batches.get()
    pk = row.pk if model == "batch" else row.movements.get().pk
    change = reverse(f"admin:pharmacy_{model}_change", args=[pk])

    assert client.get(reverse(f"admin:pharmacy_{model}_changelist")).status_code == 200
    assert client.get(change).status_code == 200
    assert client.post(change, {"on_hand": 1, "quantity": 1}).status_code == 403
    assert client.get(reverse(f"admin:pharmacy_{model}_add")).status_code == 403
    assert client.post(reverse(f"admin:pharmacy_{model}_delete", args=[pk])).status_code == 403


@pytest.mark.parametrize("model", ["drug", "supplier", "interaction"])
def test_nothing_of_the_catalogue_is_deleted(client, model):
    rows = {
        "drug": DrugFactory,
        "supplier": SupplierFactory,
        "interaction": lambda: Interaction.objects.create(
            number="I1",
            a_type="class_tag",
            a_value="A",
            b_type="class_tag",
            b_value="B",
            severity="注意",
            effect="x",
        ),
    }
    row = rows[model]()

    assert client.get(reverse(f"admin:pharmacy_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:pharmacy_{model}_change", args=[row.pk])).status_code == 200
    assert client.post(reverse(f"admin:pharmacy_{model}_delete", args=[row.pk])).status_code == 403


def test_the_administrator_adds_a_drug_with_its_control_class(client):
    values = {
        "code": "N1", "generic_name": "新药", "initials": "XY", "category": "西药",
        "dosage_form": "片剂", "strength": "1mg/片", "pack_spec": "1mg×10片/盒",
        "pack_unit": "盒", "base_unit": "片", "units_per_pack": 10, "routes": "口服",
        "rx": "Rx", "price": "1.00", "lower_limit": 0, "upper_limit": 0, "lead_days": 7,
        "control_classes-TOTAL_FORMS": 1, "control_classes-INITIAL_FORMS": 0,
        "control_classes-0-name": "第二类精神药品", "control_classes-0-since": "2026-01-01",
    }  # fmt: skip

    response = client.post(reverse("admin:pharmacy_drug_add"), values)

    assert response.status_code == 302
    assert Drug.objects.get(code="N1").control_classes.get().name == "第二类精神药品"


def test_a_fact_corrected_in_the_administration_is_checked_anew_R157(client):
    drug = DrugFactory(verified=True)
    form = client.get(reverse("admin:pharmacy_drug_change", args=[drug.pk])).context["adminform"]
    data = {name: "" if value is None else value for name, value in form.form.initial.items()}
    data = {name: value for name, value in data.items() if value is not False}
    data |= {f"control_classes-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    url = reverse("admin:pharmacy_drug_change", args=[drug.pk])

    client.post(url, data | {"shelf": "B2-02"})
    drug.refresh_from_db()
    after_shelf = drug.verified
    client.post(url, data | {"shelf": "B2-02", "storage": "2-8℃"})

    drug.refresh_from_db()
    assert (after_shelf, drug.verified, drug.storage) == (True, False, "2-8℃")
