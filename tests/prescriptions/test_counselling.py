"""What is said at the window (R-39, R-161)."""

import pytest
from django.utils import translation

from prescriptions.counselling import sentences
from prescriptions.moves import live_items
from tests.factories.prescriptions import row, tablets

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def said(sheet, **facts):
    quantity = facts.pop("quantity", None)
    row(sheet, tablets(**facts), **({"quantity": quantity} if quantity else {}))
    return " ".join(sentences(live_items(sheet)))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"antibiotic_grade": "非限制使用级"}, "take it for all 5 days"),
        ({"class_tags": "中成药;含乙醇制剂"}, "contains alcohol"),
        ({"class_tags": "双硫仑样反应药"}, "no alcohol while taking it"),
        ({"class_tags": "抗组胺;中枢抑制"}, "no driving"),
        ({"storage": "冷藏(2~8℃)"}, "refrigerator"),
        ({"caution": "多饮水"}, "多饮水"),
        ({"quantity": 15}, "is split"),
    ],
)
def test_what_matters_is_said_R161(sheet, facts, words):
    assert words in said(sheet, **facts)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"storage": "遮光,密封,凉暗处"}, "refrigerator"),
        ({"caution": "可长期处方"}, "可长期处方"),
        ({"quantity": 20}, "is split"),
        ({"antibiotic_grade": "非限制使用级", "class_tags": "外用"}, "take it for all"),
    ],
)
def test_what_is_not_for_patients_is_not_said(sheet, facts, words):
    assert words not in said(sheet, **facts)
