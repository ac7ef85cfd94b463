"""Error pages say what happened, why and what to do (R-155): who may, whom to ask, which limit."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinic.core.models import Draft
from security import long_forms
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db


def test_whoever_may_not_is_told_whose_work_it_is_and_whom_to_ask(frontdesk, administrator, as_):
    answer = as_(frontdesk).get(reverse("audit_list"), HTTP_REFERER="https://testserver/patients/")

    page = answer.content.decode()
    assert answer.status_code == 403
    assert answer.context["roles"] == ["审计员"]
    assert administrator.full_name in page
    assert 'href="/patients/"' in page


@pytest.mark.parametrize("told", ["evil.example/patients/", "testserver//evil.example/", "["])
def test_a_way_back_leads_to_our_own_pages_only(told, frontdesk, as_):
    answer = as_(frontdesk).get("/no-such/", HTTP_REFERER=f"https://{told}")

    assert answer.status_code == 404
    assert "evil" not in answer.content.decode()


def test_a_name_that_is_not_ours_is_refused_and_no_fault_of_ours():
    answer = SecureClient(raise_request_exception=False).get("/login/", headers={"host": "x.cn"})

    assert answer.status_code == 400


def test_too_large_a_file_is_answered_with_the_limit(frontdesk, as_, monkeypatch):
    monkeypatch.setattr(settings, "FILE_UPLOAD_MAX_MEMORY_SIZE", 2 * 1024 * 1024)
    large = SimpleUploadedFile("list.csv", b"x" * (3 * 1024 * 1024))

    answer = as_(frontdesk).post(reverse("patient_import"), {"file": large})

    assert answer.status_code == 413
    assert "2 MB" in answer.content.decode()


def test_too_many_words_are_answered_with_the_limit_and_not_as_nonsense(
    frontdesk, as_, monkeypatch
):
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 1024 * 1024)

    answer = as_(frontdesk).post(reverse("patient_new"), {"address": "x" * (1024 * 1024 + 1)})

    assert answer.status_code == 413
    assert "1 MB" in answer.content.decode()


def test_a_fault_of_ours_keeps_what_was_typed_and_leads_back_to_it(frontdesk, as_, monkeypatch):
    client = as_(frontdesk)
    client.raise_request_exception = False
    monkeypatch.setattr("patients.views.NewPatientForm", lambda *_, **__: 1 / 0)

    answer = client.post(reverse("patient_new"), {"name": "王秀英", "typed_since": "1"})

    assert answer.status_code == 500
    assert f'href="{reverse("patient_new")}"' in answer.content.decode()
    assert "王秀英" not in answer.content.decode()
    assert Draft.objects.get().form == long_forms.FORM


def test_a_closed_sign_in_says_when_to_try_again():
    client = SecureClient()
    for _try in range(6):
        answer = client.post(reverse("login"), {"username": "nobody", "password": "wrong"})

    assert answer.status_code == 429
    assert answer["Retry-After"] == "1800"
    assert answer.context["until"]


def test_the_front_has_words_of_ours_chinese_first_for_each_of_its_own_answers():
    setup = Path(settings.BASE_DIR) / "installer" / "setup"
    for name in ("nginx.conf.in", "listener.conf.in"):
        conf = (setup / name).read_text("utf-8")
        answered = re.findall(r"error_page ([\d ]+) /_front/(\w+\.html)", conf)
        codes = {code for listed, _page in answered for code in listed.split()}

        assert {"413", "429", "502", "503", "504"} <= codes, name
        for _listed, page in answered:
            words = (setup / "pages" / page).read_text("utf-8")
            assert re.search(r"<h1>[^a-zA-Z]+</h1>", words), page
            assert words.index("<h1>") < words.index('lang="en"'), page
