"""What somebody with an account tries by typing addresses and forms by hand."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from security.models import AuditEntry
from tests.factories.prescriptions import draft, row
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lookup", ["password__startswith", "password", "password__regex"])
def test_the_list_of_people_is_no_oracle_for_password_hashes(administrator, as_, lookup):
    response = as_(administrator).get("/admin/security/user/", {lookup: "a"})

    assert response.status_code == 400


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_the_audit_log_is_filtered_by_the_first_and_the_last_day_there_are(auditor, as_, day):
    client = as_(auditor)

    for field in ("since", "until"):
        assert client.get(reverse("audit_list"), {field: day}).status_code == 200


def test_until_takes_in_the_whole_day(auditor, as_):
    as_(auditor).get(reverse("audit_list"))
    entry = AuditEntry.objects.filter(event="audit_read").get()
    day = timezone.localdate().isoformat()

    page = as_(auditor).get(reverse("audit_list"), {"since": day, "until": day, "who": "auditor"})

    assert entry.pk in [row.pk for row in page.context["page"]]


@pytest.mark.parametrize("drug", ["²", "9" * 5000, "9" * 30, "-1", "", "x\0"])
def test_a_drug_that_is_no_number_is_not_found(doctor, as_, drug):
    item = row(draft(doctor))

    url = reverse("prescription_item_replace", args=[item.pk])
    response = as_(doctor).post(url, {"drug": drug, "once": uuid.uuid4()})

    assert response.status_code == 404


@pytest.mark.parametrize("told", ["http://[", "https://[::1", "null", "\xff\xfe", "//["])
@pytest.mark.parametrize("header", ["HTTP_ORIGIN", "HTTP_REFERER"])
def test_a_form_from_an_address_that_is_none_is_refused_and_no_fault_of_ours(header, told, doctor):
    client = SecureClient(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(doctor, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(reverse("patient_new"), {"name": "x"}, **{header: told})

    assert response.status_code == 403


@pytest.mark.parametrize("length", ["²", "9" * 5000, "-1", "1.5", "x"])
def test_a_length_that_is_no_number_is_no_fault_of_ours(length, doctor, as_):
    client, form = as_(doctor), "application/x-www-form-urlencoded"
    client.raise_request_exception = False
    page = reverse("patient_new")

    parts = client.post(page, {"name": "x"}, CONTENT_LENGTH=length)
    plain = client.post(page, "name=x", content_type=form, CONTENT_LENGTH=length)

    assert (parts.status_code, plain.status_code) == (400, 400)


def test_a_place_that_somebody_made_long_is_cut_before_the_front_refuses_it():
    """nginx takes 16 KB of headers from the program and answers 502 to more; Django lets 16 pass.

    A quote is five characters inside a `next` and three in an address.
    """
    stranger, long = SecureClient(raise_request_exception=False), "/" + '"' * 5300

    asked = stranger.get("/patients/", QUERY_STRING="q=" + '"' * 3200)
    longer = stranger.get("/patients/", QUERY_STRING="q=" + '"' * 7000)
    switched = stranger.post(reverse("type_large"), {"next": long})
    chosen = stranger.post(reverse("set_language"), {"next": long, "language": "en"})
    kept = stranger.get("/patients/", {"q": "x"})

    assert asked["Location"] == reverse("login")
    assert longer.status_code == 400
    assert [switched.get("Location"), chosen.get("Location")] == ["/", "/"]
    assert kept["Location"] == f"{reverse('login')}?next=/patients/%3Fq%3Dx"


@pytest.mark.parametrize("field", ["", "password", "x"])
def test_a_field_that_leads_nowhere_is_no_fault_of_the_administration(field, administrator, as_):
    client = as_(administrator)
    client.raise_request_exception = False
    page = reverse("admin:security_user_change", args=[administrator.pk])

    response = client.get(page, {"_to_field": field})

    assert response.status_code == (400 if field else 200)


@pytest.mark.parametrize("clinician", [2**63, -(2**63) - 1, "x"])
def test_a_filter_that_no_column_holds_is_a_wrong_filter(clinician, administrator, as_):
    client = as_(administrator)
    client.raise_request_exception = False

    response = client.get("/admin/registration/department/", {"clinician": clinician})

    assert response.status_code in (200, 302)


@pytest.mark.parametrize("key", ["45", "x", "０１２"])
def test_the_administration_leads_to_no_page_of_an_object(key, administrator, as_):
    client = as_(administrator)
    client.raise_request_exception = False

    assert {client.get(f"/admin/r/{kind}/{key}/").status_code for kind in range(1, 80)} == {404}


@pytest.mark.parametrize("parent", ["00:60", "x", "9" * 40, "²"])
def test_a_value_that_is_no_key_is_refused_by_the_administrations_own_form(
    parent, administrator, as_
):
    client = as_(administrator)
    client.raise_request_exception = False

    response = client.post("/admin/pharmacy/drugcategory/add/", {"name": "x", "parent": parent})

    assert response.status_code == 200
    assert "parent" in response.context["adminform"].form.errors


@pytest.mark.parametrize("front", ["unix", "direct"])
def test_behind_a_front_a_refused_body_is_read_to_its_end(front, settings):
    settings.TRUSTED_FRONT = front
    client = SecureClient(enforce_csrf_checks=True, REMOTE_ADDR="")

    response = client.post("/drafts/", b"[" * 200_000, content_type="application/json")

    left = response.wsgi_request._stream.read()
    assert response.status_code in (302, 403)
    assert len(left) == (0 if front == "unix" else 200_000)
