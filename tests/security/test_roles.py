"""The policy page becomes Django's groups, and nobody gets roles that exclude each other."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied

from clinic.core.errors import RuleBroken
from security.models import AuditEntry, User
from security.permissions import GRANTS, P, Role
from security.roles import set_roles, sync_roles
from tests.conftest import person

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


def fresh(user):
    return User.objects.get(pk=user.pk)


def own_group(name: str, *permissions: P) -> Group:
    group = Group.objects.create(name=name)
    codenames = [permission.codename for permission in permissions]
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return group


def test_a_group_of_ones_own_does_not_make_an_administrator_auditor_R142(administrator):
    administrator.groups.add(own_group("质控", P.READ_AUDIT))

    assert not fresh(administrator).has_perm(P.READ_AUDIT)


def test_one_group_with_both_duties_gives_neither_R142(no_role):
    no_role.groups.add(own_group("万能", P.READ_AUDIT, P.ADMINISTER, P.SEE_STOCK))

    held = {permission for permission in P if fresh(no_role).has_perm(permission)}

    assert held == {P.SEE_STOCK}


def test_a_group_of_ones_own_gives_what_it_says(no_role):
    no_role.groups.add(own_group("盘点", P.SEE_STOCK))

    assert fresh(no_role).has_perm(P.SEE_STOCK) and fresh(no_role).has_module_perms("security")


def test_a_permission_given_to_a_person_alone_counts_for_nothing(administrator):
    administrator.user_permissions.set(Permission.objects.all())

    held = {permission for permission in P if fresh(administrator).has_perm(permission)}

    own = {P.ADMINISTER, P.MANAGE_DRUGS, P.MANAGE_SCHEDULE, P.READ_TAKINGS, P.MANAGE_FEES}
    assert held == own | {P.SEE_STATISTICS, P.COMPARE_DOCTORS}
    assert "auth.delete_group" not in fresh(administrator).get_all_permissions()


def test_nobody_can_be_lifted_above_the_roles(no_role):
    columns = {field.name for field in User._meta.fields}

    assert "is_superuser" not in columns
    with pytest.raises(TypeError):
        User(username="root", is_superuser=True)
    with pytest.raises(PermissionDenied):
        User.objects.create_superuser("root", password="correct-horse-7")
    no_role.is_superuser = True
    assert not [permission for permission in P if no_role.has_perm(permission)]


def test_a_closed_account_holds_nothing(doctor):
    doctor.is_active = False
    doctor.save()

    assert not [permission for permission in P if fresh(doctor).has_perm(permission)]


def test_nobody_changes_their_own_roles_beside_another_administrator_R142(administrator, as_):
    person("admin2", "另一位", Role.ADMINISTRATOR)
    form = {"username": "admin", "full_name": "方敏", "is_active": "on"}

    page = as_(administrator).post(
        f"/admin/security/user/{administrator.pk}/change/",
        {**form, "roles": ["administrator", "doctor"]},
    )

    assert page.status_code == 200
    assert fresh(administrator).roles == {"administrator"}
    with pytest.raises(RuleBroken):
        set_roles(user=administrator, roles={"administrator", "doctor"}, by=administrator)


def test_an_administrator_alone_changes_their_own_roles_and_it_is_recorded(administrator):
    set_roles(user=administrator, roles={"administrator", "doctor"}, by=administrator)

    entry = AuditEntry.objects.filter(event="roles").latest("pk")
    assert fresh(administrator).roles == {"administrator", "doctor"}
    assert entry.additional_data == {"added": ["doctor"], "removed": []}


@pytest.mark.parametrize("who", ["doctor", "auditor", "no_role"])
def test_only_an_administrator_gives_roles_R142(administrator, nurse, request, who):
    by = request.getfixturevalue(who)

    with pytest.raises(RuleBroken):
        set_roles(user=nurse, roles={"administrator"}, by=by)

    assert fresh(nurse).roles == {"nurse"}


def test_a_change_of_roles_ends_the_persons_sessions(administrator, doctor, as_):
    elsewhere, working = as_(doctor), as_(administrator)
    assert elsewhere.get("/password/").status_code == 200

    set_roles(user=doctor, roles={"doctor", "nurse"}, by=administrator)

    assert elsewhere.get("/password/").status_code == 302
    assert working.get("/admin/").status_code == 200


def test_a_closed_account_that_opens_again_has_no_old_session(administrator, doctor, as_):
    elsewhere, client = as_(doctor), as_(administrator)
    form = {"username": "doctor", "full_name": "林海生", "roles": ["doctor"]}
    for active in ({}, {"is_active": "on"}):
        url = f"/admin/security/user/{doctor.pk}/change/"
        assert client.post(url, {**form, **active}).status_code == 302

    assert elsewhere.get("/password/").status_code == 302


def test_saving_a_person_without_a_change_of_roles_ends_nothing(administrator, doctor, as_):
    elsewhere, client = as_(doctor), as_(administrator)
    form = {"username": "doctor", "full_name": "林海声", "roles": ["doctor"], "is_active": "on"}

    client.post(f"/admin/security/user/{doctor.pk}/change/", form)

    assert fresh(doctor).full_name == "林海声"
    assert elsewhere.get("/password/").status_code == 200


def test_the_auditor_sees_who_gave_which_role(administrator, nurse, auditor, as_):
    form = {"username": "nurse", "full_name": "周护士", "is_active": "on"}
    as_(administrator).post(
        f"/admin/security/user/{nurse.pk}/change/", {**form, "roles": ["nurse", "cashier"]}
    )

    entry = AuditEntry.objects.filter(event="roles").latest("pk")
    page = as_(auditor).get("/security/audit/?event=roles").content.decode()

    assert entry.actor == administrator
    assert "收费" in page or "Cashier" in page


def test_the_verb_itself_keeps_an_administrator(administrator):
    for by in (administrator, None):
        with pytest.raises(RuleBroken):
            set_roles(user=administrator, roles={"doctor"}, by=by)

    assert fresh(administrator).roles == {"administrator"}


def test_somebody_of_a_group_is_looked_for_in_that_group_only():
    """Everybody's look-up by number is prepared; a group's own must not become it."""
    inside, outside = (User.objects.create_user(name) for name in ("inside", "outside"))
    group = Group.objects.create(name="one of the clinic's own")
    inside.groups.add(group)

    assert group.user_set.get(pk=inside.pk) == User.objects.get(pk=inside.pk) == inside
    with pytest.raises(User.DoesNotExist):
        group.user_set.get(pk=outside.pk)
    for number in (0, -1, 2**63, 2**80, inside.pk + 1000):
        with pytest.raises(User.DoesNotExist):
            User.objects.get(pk=number)
