"""Objects of rows are the ones that Django makes; what belongs to a request stays in its thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db.models import Model
from django.db.models.signals import post_init
from django.urls import set_urlconf
from django.urls.base import get_urlconf
from django.utils import timezone, translation

from clinic.core.made import made
from clinic.core.threads import STORES
from patients.models import Patient
from security.models import User
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db
SOME = ["id", "merged_into_id", "name", "phone"]  # in the order of the fields, as Django asks


def columns(model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@pytest.mark.parametrize("names", [columns(Patient), SOME])
def test_an_object_is_as_django_makes_it(names):
    patient = PatientFactory(name="王秀英", phone="13800000012")
    queryset = Patient.objects.filter(pk=patient.pk).values_list(*names)
    (row,), (again,) = list(queryset), list(queryset)
    usual = Model.from_db.__func__(Patient, "default", names, row)

    ours = made(Patient, "default", names, again)

    assert list(ours.__dict__) == list(usual.__dict__)
    assert ours.get_deferred_fields() == usual.get_deferred_fields()
    assert (ours._state.adding, ours._state.db, ours._state.fields_cache) == (False, "default", {})
    assert (ours.pk, ours.name, ours.phone, ours.merged_into) == (
        patient.pk,
        "王秀英",
        "13800000012",
        None,
    )
    assert ours == usual == patient


def test_what_was_left_out_is_fetched_and_what_was_read_can_be_saved():
    patient = PatientFactory(sex="2")
    names = ["id", "name"]
    ours = made(Patient, "default", names, [patient.pk, patient.name])

    assert ours.birth_date == date(1960, 3, 16)
    ours.phone = "13900000000"
    ours.save(update_fields=["phone"])

    patient.refresh_from_db()
    assert patient.phone == "13900000000"


def test_whoever_waits_for_new_objects_is_told():
    seen = []

    def note(instance, **_more):
        seen.append(instance.pk)

    post_init.connect(note, sender=User)
    try:
        made(User, "default", ["id", "username"], [7, "somebody"])
    finally:
        post_init.disconnect(note, sender=User)

    assert seen == [7]


def test_language_zone_and_address_are_each_threads_own():
    together = Barrier(2)

    def answer(language: str, zone: str, urls: str) -> tuple:
        with translation.override(language), timezone.override(zone):
            set_urlconf(urls)
            together.wait(10)
            found = translation.get_language(), timezone.get_current_timezone_name(), get_urlconf()
            together.wait(10)
            set_urlconf(None)
            return found

    asked = [("en", "UTC", "one.urls"), ("zh-hans", "Asia/Shanghai", "two.urls")]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda one: answer(*one), asked))

    assert found == asked
    assert all(type(getattr(module, name)).__name__ == "_local" for module, name in STORES[1:])
