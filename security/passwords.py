"""What a password must not be made of in a clinic, and how long it is good for."""

import re
from datetime import timedelta

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.site import institution, setting
from clinic.core.transactions import atomic_retry
from security.models import FormerPassword, User
from security.roles import is_last_administrator

WORDS = (
    "yiyuan zhensuo weisheng yisheng hushi yaofang clinic hospital doctor nurse pharmacy "
    "password mima admin guanli"
).split()
_REST = 6
MAX_AGE = timedelta(days=90)
FORMER = 5
_KINDS = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())


class ClinicWordsValidator:
    """Words that everybody in a clinic tries first don't count as part of a password."""

    def validate(self, password, user=None):
        own = institution()
        words = [*WORDS, own.name, own.short_name, getattr(user, "username", "")]
        rest = password.lower()
        for word in sorted((word.lower() for word in words if word), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != password.lower() and len(re.sub(r"\W", "", rest)) < _REST:
            raise ValidationError(self.get_help_text(), code="clinic_word")

    def get_help_text(self):
        return _(
            "Words such as yiyuan, clinic or your user name don't count: "
            "please add at least six other letters or digits."
        )


def is_strict() -> bool:
    """True when the clinic chose the rules of the classified protection scheme (MLPS)."""
    return setting("security.password_profile") == "mlps"


class ProfileValidator:
    """The stricter profile: three of four kinds of signs, and none of the last passwords."""

    def validate(self, password, user=None):
        if not is_strict():
            return
        if sum(any(map(kind, password)) for kind in _KINDS) < 3:
            raise ValidationError(
                _(
                    "Please use three of these four: small letters, capital letters, digits, "
                    "other signs."
                ),
                code="kinds",
            )
        if user is not None and user.pk and _was_used(password, user):
            raise ValidationError(
                _("You used this password before. Please choose another one."), code="used"
            )

    def get_help_text(self):
        return ""


def _was_used(password: str, user: User) -> bool:
    hashes = [user.password, *_former(user).values_list("hash", flat=True)[:FORMER]]
    return any(check_password(password, known) for known in hashes)


def _former(user: User):
    return FormerPassword.objects.filter(user=user).order_by("-pk")


@atomic_retry
def remember(user: User) -> None:
    """Called just before a password is replaced; keeps nothing unless the clinic's rules ask it."""
    if not is_strict():
        FormerPassword.objects.filter(user=user).delete()
        return
    now = User.objects.values_list("password", flat=True).get(pk=user.pk)
    FormerPassword.objects.create(user=user, hash=now)
    keep = list(_former(user).values_list("pk", flat=True)[:FORMER])
    FormerPassword.objects.filter(user=user).exclude(pk__in=keep).delete()


def is_too_old(user: User) -> bool:
    """True when the person must choose a new password because of its age alone."""
    # The age first: it costs no query, and every page asks.
    return not user.is_demo and _age(user) > MAX_AGE and is_strict()


def _age(user: User) -> timedelta:
    return timezone.now() - (user.password_changed_at or user.created_at)


def one_time_is_over(user: User) -> bool:
    """True when a one-time password was not used in time.

    The last administrator's never is: nobody could give a new one.
    """
    if not user.must_change_password:
        return False
    over = _age(user) > timedelta(days=setting("security.one_time_days"))
    return over and not is_last_administrator(user)
