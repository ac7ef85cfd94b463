"""Every word that the administration itself says is Chinese, on each page of each model."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.urls import reverse

from clinic.core.models import Institution, Setting
from patients.reference import load_consent_texts
from pharmacy.models import ControlClass, DrugCategory, Interaction
from prescriptions import no_pharmacist
from prescriptions.treatment_services import load_treatment_services
from registration.models import Area
from security.models import Device
from tests.factories.patients import AllergyGroupFactory
from tests.factories.pharmacy import DrugFactory, put_on_shelf
from tests.factories.registration import ClinicianFactory, Icd10CodeFactory, RoomFactory

pytestmark = pytest.mark.django_db
HAN, LETTER = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]")
CODES = {"Rx/OTC", "OTC", "Rx"}  # said like this in Chinese, too


@pytest.fixture
def client(administrator, doctor, as_):
    """The administrator's, with a row of each kind: an empty list shows no headings."""
    DrugFactory(group=DrugCategory.objects.create(name="青霉素类"))
    drug = DrugFactory()
    ControlClass.objects.create(drug=drug, name="麻醉药品", since="2026-01-01")
    put_on_shelf(drug, 24)
    side = {"a_type": "ingredient", "b_type": "class_tag", "a_value": "甲", "b_value": "乙"}
    Interaction.objects.create(number="1", severity="注意", effect="嗜睡", **side)
    ClinicianFactory(user=doctor, room=RoomFactory(area=Area.objects.create(name="一楼")))
    Icd10CodeFactory()
    AllergyGroupFactory()
    load_consent_texts()
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")
    Setting.objects.create(key="print.lines", value="5")
    Device.objects.create(token_hash="1", last_user=administrator)
    load_treatment_services()
    no_pharmacist.declare(reason="药师离职待招", licence="许可文字", by=administrator)
    return as_(administrator)


class Said(HTMLParser):
    """`words`: a page's headings, labels, help and actions; not what people wrote in the rows."""

    SAID = {"title", "h1", "h2", "h3", "label", "legend", "summary", "button"}

    def __init__(self, page: str):
        super().__init__()
        self.words, self._open = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        is_help = "help" in (attrs.get("class") or "").split()
        is_heading = tag == "th" and attrs.get("scope") != "row" and "field-" not in str(attrs)
        if tag in self.SAID or is_help or is_heading:
            self._open.append([tag, ""])

    def handle_data(self, data):
        if self._open:
            self._open[-1][1] += data

    def handle_endtag(self, tag):
        if self._open and self._open[-1][0] == tag:
            self.words.add(" ".join(self._open.pop()[1].split()).rstrip("：:"))

    @property
    def english(self) -> set[str]:
        return {w for w in self.words - CODES if LETTER.search(w) and not HAN.search(w)}


def english_on(client, model) -> dict[str, set[str]]:
    """English words on the list, the empty form and the form of a row, by address."""
    place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.order_by("pk").last()
    urls = [reverse(f"{place}_changelist"), reverse(f"{place}_change", args=[row.pk])]
    answers = {url: client.get(url) for url in urls}
    assert {answer.status_code for answer in answers.values()} == {200}, urls
    if admin.site._registry[model].has_add_permission(answers[urls[0]].wsgi_request):
        url = reverse(f"{place}_add")
        answers[url] = client.get(url)
    said = {url: Said(answer.content.decode()).english for url, answer in answers.items()}
    return {url: words - {str(row)} for url, words in said.items() if words - {str(row)}}


def test_every_label_of_the_administration_is_chinese(client):
    found = [english_on(client, model) for model in admin.site._registry]

    assert [each for each in found if each] == []


def test_every_choice_and_action_of_the_administration_is_chinese(rf, administrator):
    request = rf.get("/")
    request.user = administrator
    said = [
        str(word)
        for model, shown in admin.site._registry.items()
        for word in [
            *(label for field in model._meta.fields for _value, label in field.flatchoices),
            *(title for _do, _name, title in shown.get_actions(request).values()),
        ]
    ]

    assert [word for word in said if not HAN.search(word) and word not in CODES] == []


def test_an_english_label_is_found_and_what_people_wrote_is_not():
    page = """<h1>批次</h1><th scope="col"><a>Made at</a></th><td>Amoxicillin</td>
        <th class="field-lot"><a>L1</a></th><label>Lot:</label><label>Rx/OTC:</label>
        <div class="help"><div>Up to 40</div></div>"""

    assert Said(page).english == {"Made at", "Lot", "Up to 40"}
