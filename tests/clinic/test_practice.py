"""A practice clinic can't be taken for a real one, nor a real one for practice."""

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings as installed
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from clinic.core.practice import PracticeMiddleware, labelled
from clinic.core.tables.writing import write_xlsx
from patients.exchange.fhir_load import Unreadable
from patients.exchange.fhir_parcel import sort
from security.backup.check import require_same_world
from security.backup.errors import BackupError
from tests.factories.patients import PatientFactory

WORDS = "练习诊所"
TEMPLATES = Path(installed.BASE_DIR) / "templates"


@pytest.fixture
def practice(settings):
    settings.CLINIC_PRACTICE = True


def test_every_page_and_paper_has_a_frame_that_says_practice():
    frames = [path for path in TEMPLATES.rglob("*.html") if "<!DOCTYPE" in path.read_text("utf-8")]
    frames.append(TEMPLATES / "admin" / "base_site.html")

    silent = [str(path) for path in frames if "{% is_practice as" not in path.read_text("utf-8")]

    assert len(frames) >= 4
    assert silent == []


@pytest.mark.django_db
@pytest.mark.parametrize("is_practice", [True, False])
def test_a_practice_clinic_says_so_where_people_look_and_a_real_one_never(
    is_practice, settings, administrator, client, as_
):
    settings.CLINIC_PRACTICE = is_practice
    names = ("login", "booking", "display")
    pages = [client.get(reverse(name), secure=True).content.decode() for name in names]
    pages += [as_(administrator).get(reverse("security_home")).content.decode()]
    pages += [as_(administrator).get("/admin/").content.decode()]
    pages += [render_to_string("500.html", {}), render_to_string("print.html", {})]

    said = [WORDS in page for page in pages]

    assert said == [is_practice] * len(pages)


def test_what_leaves_a_practice_clinic_says_so(practice):
    response = HttpResponse("x")
    response["Content-Disposition"] = "attachment; filename*=UTF-8''a.xlsx"
    book = io.BytesIO()

    saved = PracticeMiddleware(lambda request: response)(RequestFactory().get("/"))
    write_xlsx(book, [["a"]])
    resource = labelled({"resourceType": "Patient", "meta": {"versionId": "1"}})

    assert "''%E7%BB%83%E4%B9%A0-a.xlsx" in saved["Content-Disposition"]
    assert WORDS in zipfile.ZipFile(book).read("xl/worksheets/sheet1.xml").decode()
    assert resource["meta"]["security"][0]["code"] == "HTEST"
    assert resource["meta"]["versionId"] == "1"


def test_a_real_clinic_takes_no_invented_patient_in():
    bundle = labelled({"resourceType": "Bundle", "entry": []})
    bundle["meta"] = {"security": [{"code": "HTEST"}]}

    with pytest.raises(Unreadable, match="练习诊所"):
        sort(bundle)


@pytest.mark.parametrize(
    ("here", "backup", "code"), [(False, True, "practice"), (True, False, "real")]
)
def test_a_backup_of_the_other_world_is_not_restored(here, backup, code, settings):
    settings.CLINIC_PRACTICE = here

    with pytest.raises(BackupError) as refused:
        require_same_world({"practice": backup})
    require_same_world({"practice": here})

    assert refused.value.code == code


@pytest.mark.django_db
@pytest.mark.parametrize("said", [True, False])
def test_demo_data_never_go_among_real_patients_whatever_the_settings_say(
    said, frontdesk, settings
):
    settings.CLINIC_PRACTICE = said
    PatientFactory()

    with pytest.raises(CommandError, match="real patients"):
        call_command("demo_data", patients=1, days=0)
