"""People: who works here. Never deleted, only deactivated."""

import uuid

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    Group,
    PermissionsMixin,
)
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clinic.core import together
from clinic.core.prepared import prepared
from clinic.core.site import unknown_settings
from clinic.core.text import ExactCharField
from security.permissions import Role, without_excluded


@prepared
def _person(number: int):
    return User.objects.filter(pk=number)


@prepared
def _groups_of(number: int):
    permission = ("permissions__content_type__app_label", "permissions__codename")
    return Group.objects.filter(user=number).values_list("name", *permission)


class UserManager(BaseUserManager):
    """Creates people; there is no shared or default account."""

    def create_user(self, username: str, password: str | None = None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user

    def get(self, *args, **kwargs):
        """Whom a session names is asked at every request; of all people, not of a group's."""
        number, is_all = kwargs.get("pk"), type(self) is UserManager and self._db is None
        is_number = type(number) is int and 0 < number < 2**63
        if args or len(kwargs) != 1 or not is_number or not is_all:
            return super().get(*args, **kwargs)
        # Who asks is let in or not, and by the settings: that is asked in one go.
        came = not connection.in_atomic_block and together.ask_ahead(
            (_person, (number,)), (_groups_of, (number,)), *unknown_settings()
        )
        found = _person.first(number)
        if came and found:
            found._groups = _groups_of(number)  # at once: of a person nothing stays behind
        if found is None:
            raise self.model.DoesNotExist
        return found

    def create_superuser(self, *args, **kwargs):
        raise PermissionDenied(
            "Nobody stands above the roles. The first administrator: manage.py create_first_admin"
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works here. Never deleted, only deactivated: history names them for ever."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    username = ExactCharField(_("user name"), max_length=40, unique=True)
    full_name = ExactCharField(_("full name"), max_length=50)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration"), default=False, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    must_change_password = models.BooleanField(_("must change password"), default=True)
    password_changed_at = models.DateTimeField(null=True, editable=False)
    type_large = models.BooleanField(_("large type"), default=False)
    language = models.CharField(_("language"), max_length=10, blank=True)  # blank: the site's
    keys_off = models.CharField(
        max_length=200, blank=True
    )  # shortcut keys this person switched off
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)  # last time, if again
    # Part of every session's hash: one more, and all of this person's sessions are over.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    # No column: nobody can be lifted above the roles, neither by a page nor in the database.
    is_superuser = False

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.username

    def delete(self, *args, **kwargs):
        raise PermissionDenied("People are deactivated, never deleted.")

    def set_password(self, raw_password):
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def get_full_name(self) -> str:
        return self.full_name or self.username

    get_short_name = get_full_name

    def _get_session_auth_hash(self, secret=None):
        """Django's, over the password and the epoch: either change ends the sessions."""
        return salted_hmac(
            "security.models.people.User.session",
            f"{self.session_epoch}|{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_all_permissions(self, obj=None) -> set[str]:
        return set() if obj is not None else set(self._granted)

    get_group_permissions = get_all_permissions

    def get_user_permissions(self, obj=None) -> set[str]:
        """Always empty: a permission comes with a role, never to one person alone."""
        return set()

    def has_perm(self, perm, obj=None) -> bool:
        return obj is None and perm in self._granted

    def has_module_perms(self, app_label) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self._granted)

    @cached_property
    def _granted(self) -> set[str]:
        """What the person's groups give; of two duties that exclude each other, neither."""
        if not self.is_active:
            return set()
        given = {f"{app}.{codename}" for _group, app, codename in self._groups if codename}
        return without_excluded(given)

    @cached_property
    def roles(self) -> set[str]:
        """Names of the groups this person is in."""
        return {group for group, _app, _codename in self._groups}

    @cached_property
    def _groups(self) -> list[tuple[str, str | None, str | None]]:
        """Each group with each of its permissions: one question for rights and audit entries."""
        return _groups_of(self.pk)

    @cached_property
    def role_labels(self) -> list[str]:
        """The person's roles in words, in the order of the policy page."""
        return [str(role.label) for role in Role if role in self.roles]


def with_names(rows, *people: str):
    """`rows` with these people beside them, of whom no more is loaded than their full names."""
    rest = [f.name for f in User._meta.concrete_fields if f.name not in ("id", "full_name")]
    rows = rows.select_related(*people)
    return rows.defer(*(f"{person}__{name}" for person in people for name in rest))
