"""A made-up sheet for the preview of the layout: nobody's data, and long enough to be judged by."""

from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.core.site import institution
from prescriptions import printing
from prescriptions.layout import Layout
from prescriptions.models import Prescription
from prescriptions.states import RxState

# Drug names and usages of the legal layout are Chinese everywhere, as on the real sheet.
ROWS = [
    ("盐酸氨溴索片 片剂 30mg×20片/盒", "15 片", "口服 每次30mg（1片） 每日3次 饭后 共5天"),
    ("阿莫西林克拉维酸钾分散片 片剂 228.5mg×18片/盒", "1 盒", "口服 每次2片 每日3次 共3天"),
    ("布地奈德福莫特罗粉吸入剂 吸入制剂 160μg/4.5μg×60吸/支", "1 支", "吸入 每次1吸 每日2次"),
]
DIAGNOSIS = "急性支气管炎；高血压"


def sample(layout: Layout, *, kind: str = Prescription.Kind.ORDINARY) -> dict:
    """The paper of the made-up sheet in this layout."""
    with translation.override(settings.LANGUAGE_CODE):
        today = timezone.localdate().isoformat()
        head = {
            "institution": institution().name,
            "name": "王秀英",
            "sex": "女",
            "age": "68岁",
            "record_no": "P00000000",
            "payment": "居民医保",
            "department": "全科",
            "date": today,
            "time": "08:47",
            "weight": "61.5",
            "first_visit": False,
            "phone": "13900000000",
            "address": "青溪镇北桥村12组36号",
            "allergies": {"status": "has", "entries": [["青霉素类", "皮疹", ""]]},
            "doctor": _("Physician"),
        }
        prescription = Prescription(
            number="RX00000000-0000", kind=kind, state=RxState.SUBMITTED, head=head
        )
        rows = [
            {
                "place": place,
                "title": title,
                "quantity": quantity,
                "usage": usage,
                "group": "",
                "remarks": [],
                "is_signed": False,
            }
            for place, (title, quantity, usage) in enumerate(ROWS, 1)
        ]
        return printing.composed(
            prescription, layout, rows, "急性支气管炎；高血压", Decimal("30.95")
        )
