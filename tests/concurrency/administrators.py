"""What an administrator does in a process of their own; see together.py."""

from security.models import User
from security.permissions import Role
from security.roles import set_roles
from tests.helpers import SecureClient


def demote(user: int, by: int) -> list[str]:
    """Take the administrator's role from `user`; what they are afterwards."""
    person, acting = User.objects.get(pk=user), User.objects.get(pk=by)
    return sorted(set_roles(user=person, roles={Role.NURSE.value}, by=acting).roles)


def close(user: int, by: int) -> bool:
    """Close the account of `user` in the admin; whether it was saved."""
    acting, person = User.objects.get(pk=by), User.objects.get(pk=user)
    browser = SecureClient()
    browser.force_login(acting, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session["second_step"] = by
    session.save()
    form = {"username": person.username, "full_name": person.full_name, "roles": ["administrator"]}
    return browser.post(f"/admin/security/user/{user}/change/", form).status_code == 302
