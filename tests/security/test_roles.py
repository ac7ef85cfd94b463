"""The policy page becomes Django's groups, and nobody gets roles that exclude each other."""

import pytest
from django.contrib.auth.models import Group

from clinic.core.errors import RuleBroken
from security.models import User
from security.permissions import GRANTS, P, Role
from security.roles import set_roles, sync_roles

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", list(Role))
def test_a_role_has_exactly_what_the_policy_page_grants(role, db):
    user = User.objects.create_user("x", "correct-horse-7", full_name="某")
    set_roles(user=user, roles={role.value}, by=user)
    user = User.objects.get(pk=user.pk)

    held = {permission for permission in P if user.has_perm(permission)}

    assert held == GRANTS[role]


def test_syncing_twice_changes_nothing_and_keeps_the_clinics_own_groups(db):
    Group.objects.create(name="疫苗接种")
    before = set(Group.objects.values_list("name", "permissions"))

    sync_roles()

    assert set(Group.objects.values_list("name", "permissions")) == before


def test_administrator_and_auditor_are_never_one_person_R142(auditor):
    with pytest.raises(RuleBroken):
        set_roles(user=auditor, roles={"administrator", "auditor"}, by=auditor)

    assert auditor.groups.count() == 1


def test_the_admin_makes_a_person_with_a_one_time_password(administrator, as_):
    client = as_(administrator)

    response = client.post(
        "/admin/security/user/add/",
        {"username": "newnurse", "full_name": "新护士", "is_active": "on", "roles": ["nurse"]}
        | {"must_change_password": "on"},
        follow=True,
    )

    person = User.objects.get(username="newnurse")
    assert person.roles == {"nurse"}
    assert person.must_change_password
    assert "newnurse" in response.content.decode()


def test_the_admin_refuses_administrator_and_auditor_together(administrator, as_):
    response = as_(administrator).post(
        "/admin/security/user/add/",
        {"username": "both", "full_name": "两样", "roles": ["administrator", "auditor"]},
    )

    assert response.status_code == 200
    assert not User.objects.filter(username="both").exists()


def test_nobody_is_deleted_in_the_admin(administrator, nurse, as_):
    response = as_(administrator).get(f"/admin/security/user/{nurse.pk}/delete/")

    assert response.status_code == 403


@pytest.mark.parametrize("change", [{"roles": []}, {"roles": ["administrator"], "is_active": ""}])
def test_the_last_administrator_stays_one(administrator, as_, change):
    form = {"username": "admin", "full_name": "方敏", "is_active": "on", **change}

    response = as_(administrator).post(f"/admin/security/user/{administrator.pk}/change/", form)

    assert response.status_code == 200
    administrator = User.objects.get(pk=administrator.pk)
    assert administrator.is_active
    assert administrator.roles == {"administrator"}
