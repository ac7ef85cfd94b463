"""A recall, the book of a narcotic, a handover and a refrigerator, for the scene of the browser."""

import datetime
from decimal import Decimal

from django.utils import timezone

from pharmacy import cold
from pharmacy.deliveries import Acceptance
from pharmacy.handing_over import Counted, hand_over, to_count
from pharmacy.models import Batch, ControlClass, Drug, TemperatureRecord
from pharmacy.recalling import recall_lot
from pharmacy.stock import receive
from prescriptions import recalls
from prescriptions.models import DispenseLine
from security.models import User


def user(name: str) -> User:
    return User.objects.get(username=name)


def narcotic() -> Drug:
    """The shipped library's first narcotic, with two lots on the shelf."""
    drug_id = ControlClass.objects.filter(name="麻醉药品").values_list("drug", flat=True)[0]
    drug = Drug.objects.get(pk=drug_id)
    today = timezone.localdate()
    lines = [
        {
            "drug": drug,
            "lot": lot,
            "expires_on": today + datetime.timedelta(days=days),
            "quantity": drug.units_per_pack * packs,
            "cost": Decimal("12.50"),
            "shelf": "麻精柜-01",
        }
        for lot, days, packs in [("260311", 500, 2), ("260725", 640, 3)]
    ]
    receive(
        supplier="国药控股分销中心",
        licence="苏AA5120003",
        lines=lines,
        acceptance=Acceptance(accepted_by=user("pharmacist")),
        by=user("storekeeper"),
    )
    return drug


def handover(drug: Drug):
    """From one pharmacist to the other; one ampoule short of the book."""
    batches = to_count(Batch.objects.filter(drug=drug).first().place)
    counts = {batch.pk: Counted(batch.on_hand) for batch in batches}
    first = batches[0]
    counts[first.pk] = Counted(first.on_hand - 1, "清点时破损1支，已报告站长")
    return hand_over(
        place=first.place,
        counts=counts,
        to_person=user("pharmacist2"),
        note="钥匙已交接",
        by=user("pharmacist"),
    )


def fridge():
    """A month of readings, one out of range and one corrected."""
    by = user("storekeeper")
    unit = cold.save_unit(
        name="药房1号冷藏箱",
        low=Decimal("2.0"),
        high=Decimal("8.0"),
        memo="乙肝疫苗 20 支（接种门诊代管）",
        by=by,
    )
    today = timezone.localdate()
    for back in range(24, 0, -1):
        day = today - datetime.timedelta(days=back)
        for slot in TemperatureRecord.Slot.values:
            if (back, slot) == (9, "pm"):
                continue  # forgotten
            celsius = Decimal(42 + back * 7 % 13 + 6 * (slot == "pm")) / 10
            outside = (back, slot) == (5, "am")
            TemperatureRecord.objects.create(
                unit=unit,
                day=day,
                slot=slot,
                celsius=Decimal("9.4") if outside else celsius,
                low=unit.low,
                high=unit.high,
                note="门未关严，已关好，30分钟后复测5.1℃" if outside else "",
                first_of=f"{unit.pk}/{day}/{slot}",
                made_by=by,
            )
    wrong = unit.readings.order_by("-pk")[2]
    cold.correct_temperature(reading=wrong, celsius=Decimal("4.6"), note="抄错，应为4.6", by=by)
    return unit, unit.readings.order_by("-pk").first()


def recall():
    """The lot of the last thing handed out: one patient told, one not reached."""
    line = DispenseLine.objects.select_related("movement__batch__drug").order_by("-pk").first()
    batch = line.movement.batch
    opened = recall_lot(
        drug=batch.drug,
        lot=batch.lot,
        reason="溶出度不符合规定，江苏省药监局通告2026年第18号",
        source="authority",
        level="2",
        by=user("storekeeper"),
    )
    patient = line.item.prescription.patient_id
    recalls.note_contact(
        recall=opened,
        patient=patient,
        outcome="unreachable",
        note="10:20 电话无人接听",
        by=user("pharmacist"),
    )
    return opened, batch


def build() -> dict:
    drug = narcotic()
    unit, reading = fridge()
    opened, batch = recall()
    return {
        "controlled": drug,
        "handover": handover(drug),
        "fridge": unit,
        "reading": reading,
        "recall": opened,
        "recalled_batch": batch,
    }
