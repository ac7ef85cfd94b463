"""Writing the policy page into Django's Groups, and giving people their roles."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from security import audit, takeover
from security.models import User
from security.own_sessions import end_sessions
from security.permissions import ADMIN_EDITS, ADMIN_VIEWS, EXCLUSIVE, GRANTS, STAFF_ROLES, P, Role


@atomic_retry
def sync_roles() -> list[str]:
    """Make the groups hold exactly what security.permissions says; safe to run at any time. The
    roles that were not as they should be."""
    changed = []
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
            changed.append(role.value)
    return changed


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


LAST_ADMINISTRATOR = gettext_noop(
    "Not saved: nobody else is administrator, and nobody could undo this. "
    "Please make another person administrator first."
)


def lock_administrators() -> list[int]:
    """Numbers of all administrators, locked: two who close each other must not both succeed."""
    known = User.objects.filter(groups__name=Role.ADMINISTRATOR).values_list("pk", flat=True)
    return [row.pk for row in lock(User.objects.filter(pk__in=list(known)).order_by("pk"))]


def is_last_administrator(user: User) -> bool:
    """True when nobody else who can sign in is an administrator."""
    others = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    return Role.ADMINISTRATOR in user.roles and not others.exclude(pk=user.pk).exists()


@atomic_retry
def set_roles(*, user: User, roles: set[str], by: User | None) -> User:
    """Give `user` exactly these roles (plus groups the clinic made itself) and what follows.

    `by` is None for the commands of whoever owns the machine. A change ends the person's sessions:
    what was opened under the old roles does not stay open under the new ones.
    """
    # With all administrators: two who take the role from each other must not both succeed.
    known = User.objects.filter(groups__name=Role.ADMINISTRATOR).values_list("pk", flat=True)
    rows = {row.pk: row for row in lock(User.objects.filter(pk__in=[user.pk, *known]))}
    user = rows[user.pk]
    held = set(user.groups.values_list("name", flat=True))
    ours = {role.value for role in Role}
    added, removed = set(roles) - held, (held & ours) - set(roles)
    check_roles(roles)
    if not (added or removed):
        return user
    check_who_changes(user, by)
    takeover.require_not_taken_over(user, set(roles), by)
    if Role.ADMINISTRATOR in removed and is_last_administrator(user):
        raise RuleBroken(_(LAST_ADMINISTRATOR), field="roles", rule="R-142")
    user.groups.remove(*Group.objects.filter(name__in=removed))
    user.groups.add(*Group.objects.filter(name__in=added))
    user.is_staff = bool(STAFF_ROLES & set(roles))
    user.save(update_fields=["is_staff"])
    end_sessions(user=user)
    audit.record("roles", target=user, data={"added": sorted(added), "removed": sorted(removed)})
    return User.objects.get(pk=user.pk)  # without the permissions it remembers


def check_who_changes(user: User, by: User | None) -> None:
    """Roles come from another person; alone in a clinic, one is one's own administrator."""
    if by is None:
        return
    others = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    if not others.exclude(pk=user.pk).exists() and by.pk == user.pk:
        return
    if by.pk == user.pk:
        raise RuleBroken(
            _(
                "Not saved: nobody changes their own roles while there is another administrator. "
                "Please ask that person to do it."
            ),
            field="roles",
            rule="R-142",
        )
    if not by.has_perm(P.ADMINISTER):
        raise RuleBroken(_("Only an administrator gives roles."), field="roles", rule="R-142")
