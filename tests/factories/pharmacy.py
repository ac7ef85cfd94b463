"""Drugs and shelves for tests."""

from datetime import date, timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from pharmacy import stock
from pharmacy.deliveries import Acceptance
from pharmacy.models import Batch, Drug, Supplier
from security.models import User


def storekeeper() -> User:
    """Whoever filled the shelf when no test cares who did."""
    found = User.objects.filter(username="shelf-filler").first()
    return found or User.objects.create_user("shelf-filler", full_name="郑库管")


def accepter() -> User:
    """Whoever looked at the goods."""
    found = User.objects.filter(username="goods-accepter").first()
    return found or User.objects.create_user("goods-accepter", full_name="吴验收")


class DrugFactory(factory.django.DjangoModelFactory):
    """Capsules of 0.25 g, 24 in a box, that may be split."""

    class Meta:
        model = Drug

    code = factory.Sequence(lambda n: f"T{n:05d}")
    generic_name = factory.Sequence(lambda n: f"阿莫西林胶囊{n}号")
    initials = "AMXLJN"
    initials_short = "AMXL"
    category = "西药"
    subcategory = "抗微生物-青霉素类"
    dosage_form = "胶囊"
    strength = "0.25g/粒"
    content = Decimal("0.25")
    content_unit = "g"
    pack_spec = "0.25g×24粒/盒"
    pack_unit = "盒"
    base_unit = "粒"
    units_per_pack = 24
    routes = "口服"
    rx = "Rx"
    antibiotic_grade = "非限制使用级"
    ingredients = "阿莫西林"
    class_tags = "青霉素类"
    price = Decimal("9.60")
    lower_limit = 48
    upper_limit = 480
    shelf = "A1-01"


class InhalerFactory(DrugFactory):
    """200 puffs in a bottle that can't be split."""

    generic_name = factory.Sequence(lambda n: f"沙丁胺醇气雾剂{n}号")
    initials = "SDACQWJ"
    initials_short = "SDAC"
    pack_spec = "100μg×200揿/瓶"
    pack_unit = "瓶"
    base_unit = "揿"
    units_per_pack = 200
    divisible = False
    antibiotic_grade = "非抗菌药物"


class SupplierFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Supplier

    name = factory.Sequence(lambda n: f"江苏康宁医药有限公司{n}")
    licence = "苏AA5120001"


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def stocked_drug(quantity: int = 240, *, days: int = 700, lot: str = "260518", by=None, **facts):
    """A drug of which so many base units lie on the shelf, good for so many days."""
    maker = facts.pop("maker", DrugFactory)
    drug = maker(**facts)
    if quantity:
        put_on_shelf(drug, quantity, days=days, lot=lot, by=by)
    return drug


def put_on_shelf(
    drug, quantity: int, *, days: int = 700, lot: str = "260518", cost: str = "7.20", by=None
) -> Batch:
    """One more batch. One that is expired by now was taken in while it was good."""
    expires_on = in_days(days)
    line = {
        "drug": drug,
        "lot": lot,
        "expires_on": max(expires_on, timezone.localdate()),
        "quantity": quantity,
        "cost": Decimal(cost),
        "reason": "近效期，急用",
    }
    document = stock.receive(
        supplier=SupplierFactory(),
        lines=[line],
        acceptance=Acceptance(accepted_by=accepter()),
        by=by or storekeeper(),
    )
    batch = document.movements.get().batch
    if batch.expires_on != expires_on:
        batch.expires_on = expires_on
        batch.save()
    return batch
