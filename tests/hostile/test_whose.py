"""Who the judge of hostile answers lets read a word on a page that nobody was seen to open."""

import pytest
from django.urls import reverse

from security.models import User
from tests.factories.patients import PatientFactory
from tests.hostile import clinic
from tests.hostile.lab import Request
from tests.hostile.whose import Rules
from tests.records import RECORDS
from tests.scene import scene_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(doctor, frontdesk, pharmacist, other_doctor):
    """`asked(who, page, word)`: may they read there what belongs to the scene's patient?"""
    scene = scene_of(doctor, frontdesk, pharmacist)
    stranger = PatientFactory(phone="13900001234")
    clinic.paint()
    secrets = clinic.Secrets()
    rules = Rules(
        {user.username: user for user in User.objects.all()},
        {**secrets.full, **secrets.clinical},
    )
    complaint = type(scene["record"]).objects.get(pk=scene["record"].pk).complaint.strip("。")
    words = {
        "complaint": complaint,
        "phone": scene["patient"].phone,
        "another's phone": stranger.phone,
    }

    def ask(who: str, page: str, word: str) -> bool:
        address = reverse(page, args=[scene[RECORDS[page][0]].pk] if page in RECORDS else [])
        return rules.let(who, Request("of a record", "GET", address), words[word])

    return ask


@pytest.mark.parametrize(
    ("who", "page", "word"),
    [
        ("doctor", "patient_chart", "complaint"),
        ("pharmacist", "review", "complaint"),
        ("frontdesk", "patient_edit", "phone"),
        ("doctor", "record_print", "phone"),
        ("doctor", "followup_phones", "phone"),
        ("pharmacist", "special_register_print", "phone"),
    ],
)
def test_whose_work_it_is_reads_it_R143(who, page, word, asked):
    assert asked(who, page, word)


@pytest.mark.parametrize(
    ("who", "page", "word"),
    [
        ("doctor2", "patient_chart", "complaint"),
        ("frontdesk", "patient_edit", "complaint"),
        ("pharmacist", "patient_chart", "complaint"),
        ("pharmacist", "review", "phone"),
        ("frontdesk", "patient_edit", "another's phone"),
        ("doctor2", "followup_phones", "phone"),
        ("frontdesk", "patient_list", "phone"),
        ("", "patient_edit", "phone"),
    ],
)
def test_whose_work_it_is_not_does_not_R141(who, page, word, asked):
    assert not asked(who, page, word)
