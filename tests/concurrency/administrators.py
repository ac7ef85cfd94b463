"""What an administrator does in a process of their own; see together.py."""

from security.models import User
from security.permissions import Role
from security.roles import set_roles


def demote(user: int, by: int) -> list[str]:
    """Take the administrator's role from `user`; what they are afterwards."""
    person, acting = User.objects.get(pk=user), User.objects.get(pk=by)
    return sorted(set_roles(user=person, roles={Role.NURSE.value}, by=acting).roles)
