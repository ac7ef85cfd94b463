"""Writing the policy page into Django's Groups, and giving people their roles."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from security.models import User
from security.own_sessions import end_sessions
from security.permissions import ADMIN_EDITS, ADMIN_VIEWS, EXCLUSIVE, GRANTS, STAFF_ROLES, P, Role


@atomic_retry
def sync_roles() -> None:
    """Make the groups hold exactly what security.permissions says; safe to run at any time."""
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)
    ours = _our_permissions()
    for role, grants in GRANTS.items():
        group, _created = Group.objects.get_or_create(name=role.value)
        wanted = {ours[permission].pk for permission in grants}
        if role is Role.ADMINISTRATOR:
            wanted |= _admin_permissions()
        if set(group.permissions.values_list("pk", flat=True)) != wanted:
            group.permissions.set(wanted)


def _our_permissions() -> dict[P, Permission]:
    content_type = ContentType.objects.get_for_model(User)
    found = {}
    for permission in P:
        found[permission], _created = Permission.objects.get_or_create(
            content_type=content_type,
            codename=permission.codename,
            defaults={"name": permission.codename.replace("_", " ")},
        )
    return found


def _admin_permissions() -> set[int]:
    found = set()
    for label in ADMIN_EDITS | ADMIN_VIEWS:
        app, model = label.split(".")
        verbs = ("add", "change", "view") if label in ADMIN_EDITS else ("view",)
        names = [f"{verb}_{model}" for verb in verbs]
        found |= set(
            Permission.objects.filter(
                content_type__app_label=app, content_type__model=model, codename__in=names
            ).values_list("pk", flat=True)
        )
    return found


def check_roles(roles: set[str]) -> None:
    """RuleBroken when nobody may hold these roles together."""
    for pair in EXCLUSIVE:
        if pair <= set(roles):
            raise RuleBroken(
                _(
                    "One person can't be administrator and auditor: the auditor checks the "
                    "administrator. Please give one of the two roles to somebody else."
                ),
                field="groups",
            )


def is_last_administrator(user: User) -> bool:
    """True when nobody else who can sign in is an administrator."""
    others = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    return Role.ADMINISTRATOR in user.roles and not others.exclude(pk=user.pk).exists()


@atomic_retry
def set_roles(*, user: User, roles: set[str], by) -> User:
    """Give `user` exactly these roles (plus groups the clinic made itself) and what follows."""
    check_roles(roles)
    before = set(user.groups.values_list("name", flat=True))
    own = user.groups.exclude(name__in=[role.value for role in Role])
    user.groups.set([*Group.objects.filter(name__in=roles), *own])
    user.is_staff = bool(STAFF_ROLES & set(roles))
    user.save(update_fields=["is_staff"])
    if before & set(Role.values) != set(roles):
        end_sessions(user=user)  # what was allowed a moment ago may be forbidden now
    return user
