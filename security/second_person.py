"""A second person confirms at the first one's screen, by name and password or PIN (R-118, R-120).

The first person stays signed in. Wrong tries count towards the lock-out as at the sign-in page.
"""

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from security import audit
from security.models import User
from security.passwords import is_too_old
from security.permissions import P
from security.pins import LONGEST, SHORTEST, tidy_pin
from security.switching import device_of, people_here, pin_holds

LONGEST_PASSWORD = 256


class SecondPersonForm(CleanTextMixin, forms.Form):
    """After is_valid(), `cleaned_data["witness"]` is somebody else who holds `permission`."""

    half_width_fields = ("witness_name",)

    # The second field's name says password: no page gives such a value back (ui.is_secret).
    witness_name = forms.CharField(label=gettext_lazy("Colleague's user name"), max_length=40)
    witness_password = forms.CharField(
        label=gettext_lazy("Colleague's password or PIN"),
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, request, permission: P, belongs_to: str = "", **kwargs):
        """`belongs_to` is the id of a form elsewhere on the page that these fields go with."""
        super().__init__(*args, **kwargs)
        self.request, self.permission = request, permission
        if belongs_to:
            for field in self.fields.values():
                field.widget.attrs["form"] = belongs_to

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        name = cleaned["witness_name"]
        if name == self.request.user.get_username():
            self.add_error("witness_name", _("This is you. Please ask somebody else."))
            return cleaned
        # As it was typed: a password may begin with a space.
        secret = self.data.get("witness_password", "")[:LONGEST_PASSWORD]
        person = confirmed(self.request, name, secret)
        if person is None:
            self.add_error(
                "witness_password",
                _("Not confirmed: the name or the password is wrong. Please type both again."),
            )
        elif not person.has_perm(self.permission) or not _is_own_password(person):
            self.add_error(
                "witness_name",
                _("This colleague may not confirm here. Please ask somebody who does this work."),
            )
        else:
            cleaned["witness"] = person
        return cleaned


def confirmed(request, name: str, secret: str) -> User | None:
    """The person whose password, or PIN at this PC, this is; recorded either way."""
    user = User.objects.filter(username=name, is_active=True).first()
    if "\0" in secret:
        right = False
    elif user and _looks_like_pin(secret) and user in people_here(device_of(request)):
        right = pin_holds(request, user=user, pin=secret)
    else:
        found = authenticate(request, username=name, password=secret)
        right = found is not None and user is not None and found.pk == user.pk
    audit.record("second_person", outcome="ok" if right else "failed", target=user)
    return user if right else None


def _looks_like_pin(secret: str) -> bool:
    digits = tidy_pin(secret)
    return digits.isascii() and digits.isdigit() and SHORTEST <= len(digits) <= LONGEST


def _is_own_password(person: User) -> bool:
    """A one-time password is known to whoever gave it out."""
    return not (person.must_change_password or is_too_old(person))
