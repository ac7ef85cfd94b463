"""Nothing that must be on record passes without an entry: roles, refusals, the administrator."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import path

from clinic.core.transactions import atomic_retry
from clinic.urls import urlpatterns as clinic_urls
from security import audit
from security.access import signed_in
from security.audit_search import in_words
from security.models import AuditEntry, User
from security.roles import set_roles
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db


@atomic_retry
def _write_and_refuse(user):
    user.full_name = "别人"
    user.save()
    raise PermissionDenied


@signed_in
def refusing_view(request):
    _write_and_refuse(User.objects.get(pk=request.user.pk))


urlpatterns = [*clinic_urls, path("refusing/", refusing_view, name="refusing")]


def test_a_change_of_roles_names_the_roles_and_who_gave_them(doctor, administrator):
    with audit.acting_as(administrator):
        set_roles(user=doctor, roles={"nurse"}, by=administrator)

    entries = [
        entry
        for entry in AuditEntry.objects.filter(event="update", actor=administrator)
        if "groups" in (entry.changes or {})
    ]
    changes = {
        (entry.changes["groups"]["operation"], *entry.changes["groups"]["objects"])
        for entry in entries
    }
    assert changes == {("add", "nurse"), ("delete", "doctor")}
    assert all(entry.object_pk == str(doctor.pk) for entry in entries)


@pytest.mark.urls("tests.security.test_audit_complete")
def test_a_refusal_outlives_the_transaction_that_it_took_back(doctor, as_):
    response = as_(doctor).get("/refusing/")

    assert response.status_code == 403
    assert User.objects.get(pk=doctor.pk).full_name == "林海生"
    entry = AuditEntry.objects.get(event="refused")
    assert (entry.actor, entry.screen, entry.outcome) == (doctor, "refusing", "refused")


@pytest.mark.parametrize("url", ["", "security/user/", "security/user/add/", "core/setting/"])
def test_what_the_administrator_looks_at_is_on_record(administrator, as_, url):
    client = as_(administrator)

    assert client.get(f"/admin/{url}").status_code == 200

    entry = AuditEntry.objects.get(event="read", actor=administrator)
    assert entry.screen.startswith("admin:")


def test_a_persons_page_in_the_administration_names_the_person(administrator, doctor, as_):
    as_(administrator).get(f"/admin/security/user/{doctor.pk}/change/")

    entry = AuditEntry.objects.get(event="read", actor=administrator)
    assert entry.additional_data == {"of": str(doctor.pk)}
    assert in_words(entry).thing not in ("", entry.screen)


def test_a_wrong_password_is_on_record_with_the_address_and_no_password(doctor):
    SecureClient().post("/login/", {"username": "doctor", "password": "secret-typed-9"})

    entry = AuditEntry.objects.get(event="sign_in", outcome="failed")
    assert entry.remote_addr == "127.0.0.1"
    assert entry.additional_data == {"account": "doctor"}
    assert "secret-typed-9" not in entry.payload
