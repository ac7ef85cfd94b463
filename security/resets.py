"""Giving somebody a new way in: a one-time password, or the codes of a lost phone set up again.

Whoever resets an account could sign in as its person. For those who set the rules or read the log
this shows: the person is told who did it until they have read it, the week's summary names it, and
one administrator alone does not reset both halves of such a sign-in within a day.
"""

import secrets
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from security import audit, first_password, second_factor
from security.models import AccountReset, User
from security.own_sessions import end_sessions
from security.passwords import remember
from security.takeover import APART, GUARDED

TOLD_AGAIN = timedelta(days=30)  # so long a reset that was read is still told beside a new one
MOST = 20


@atomic_retry
def give_password(*, user: User, by: User) -> str:
    """A one-time password for somebody else, to be told to them; all their sessions end.

    Not for oneself: that would end one's session before the password could be read.
    """
    if user.pk == by.pk:
        raise RuleBroken(_("Not done for yourself: please use Change password, with the old one."))
    _require_other_half_untouched(user, AccountReset.Kind.CODES, by)
    password = secrets.token_urlsafe(9)
    if not user.must_change_password:
        remember(user)
    user.set_password(password)
    user.must_change_password = True
    user.save()
    end_sessions(user=user)
    first_password.forget(user)
    audit.record("password_reset", target=user)
    AccountReset.objects.create(user=user, kind=AccountReset.Kind.PASSWORD, by=by)
    return password


@atomic_retry
def reset_codes(*, user: User, by: User | None) -> None:
    """Take a lost phone away from an account; the person sets up a new one at the next sign-in.

    `by` is None for the command of whoever owns the machine.
    """
    if by is not None and user.pk == by.pk:
        raise RuleBroken(
            _("Not done: another administrator must do this for you. Or use a recovery code.")
        )
    _require_other_half_untouched(user, AccountReset.Kind.PASSWORD, by)
    second_factor.forget(user)
    end_sessions(user=user)
    audit.record("second_factor_reset", target=user)
    AccountReset.objects.create(user=user, kind=AccountReset.Kind.CODES, by=by)


def _require_other_half_untouched(user: User, other: str, by: User | None) -> None:
    """Password and codes together are the whole sign-in of who checks the administrators."""
    lock(User.objects.filter(pk=user.pk)).get()  # both at once must not both succeed
    if by is None or not GUARDED & user.roles:
        return
    since = timezone.now() - APART
    last = AccountReset.objects.filter(user=user, kind=other, by=by, at__gt=since).last()
    if last is None:
        return
    raise RuleBroken(
        _(
            "Not done: you reset the other half of the sign-in of %(name)s (%(what)s) less than a "
            "day ago, and with both you could sign in as this person. Please ask another "
            "administrator, or wait until %(time)s."
        )
        % {
            "name": user.username,
            "what": last.get_kind_display(),
            "time": date_format(timezone.localtime(last.at + APART), "Y-m-d H:i"),
        }
    )


def to_tell(user: User) -> list[AccountReset]:
    """What this person has to read on their home, newest first; empty once they have.

    With it come the resets of the last weeks that were read: who signed in as somebody else may
    have pressed the button, too.
    """
    if not GUARDED & user.roles:
        return []
    rows = AccountReset.objects.filter(user=user).select_related("by").order_by("-pk")
    rows = list(rows[:MOST])
    if all(row.seen_at for row in rows):
        return []
    limit = timezone.now() - TOLD_AGAIN
    return [row for row in rows if row.seen_at is None or row.at > limit]


@atomic_retry
def note_seen(*, by: User) -> None:
    """The person has read it."""
    seen = AccountReset.objects.filter(user=by, seen_at=None).update(seen_at=timezone.now())
    if seen:
        audit.record("reset_seen", target=by, data={"resets": seen})
