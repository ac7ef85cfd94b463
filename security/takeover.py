"""Accounts that set the rules or read the log, and whose whole sign-in somebody else may hold."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from security.models import AccountReset, User
from security.permissions import Role

APART = timedelta(hours=24)
GUARDED = {Role.ADMINISTRATOR.value, Role.AUDITOR.value}


def require_not_taken_over(user: User, roles: set[str], by: User | None) -> None:
    """Nobody gives such a role to an account whose whole sign-in they hold themselves."""
    if by is None or not GUARDED & (roles - user.roles):
        return
    since = timezone.now() - APART
    mine = AccountReset.objects.filter(user=user, by=by, at__gt=since)
    if mine.values("kind").distinct().order_by().count() == len(AccountReset.Kind):
        raise RuleBroken(
            _(
                "Not saved: you reset both password and one-time codes of %(name)s less than a day "
                "ago, and could sign in as this person. Please ask another administrator to give "
                "the role, or wait a day."
            )
            % {"name": user.full_name},
            field="roles",
        )
