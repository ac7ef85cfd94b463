"""A new account, made from a page: roles, and a one-time password that is told once."""

import secrets

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from security.models import User
from security.permissions import P
from security.roles import set_roles


@atomic_retry
def add_person(*, username: str, full_name: str, roles: set[str], by: User) -> tuple[User, str]:
    """The account and its one-time password, which must be changed at the first sign-in."""
    if not by.has_perm(P.ADMINISTER):
        raise RuleBroken(_("Only an administrator gives roles."), field="roles", rule="R-142")
    if User.objects.filter(username=username).exists():
        raise RuleBroken(
            _("Not added: somebody signs in as “%(name)s” already. Please choose another name.")
            % {"name": username},
            field="username",
        )
    password = secrets.token_urlsafe(9)
    user = User(username=username, full_name=full_name)
    user.set_password(password)
    try:
        user.clean_fields()
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages)) from error
    user.save()
    return set_roles(user=user, roles=set(roles), by=by), password
