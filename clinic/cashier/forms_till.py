"""What is typed at the handover, and what is asked of the daily report."""

from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.cashier.models import Shift
from clinic.cashier.reports import TAKINGS, Asked
from clinic.cashier.shifts import COINS, in_coins
from clinic.core.forms import CleanTextMixin
from clinic.core.period import PeriodForm
from pharmacy.people import people_with
from security.models import User
from security.permissions import P

MOST = Decimal("9999999.99")
AMOUNT = {"inputmode": "decimal", "class": "num"}
AMOUNT_WORDS = {"invalid": gettext_lazy("This is not an amount. Please write it like 200.00.")}


def amount_field(label, **options) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=MOST,
        decimal_places=2,
        widget=forms.TextInput(attrs=AMOUNT),
        error_messages=AMOUNT_WORDS,
        **options,
    )


class FloatForm(CleanTextMixin, forms.Form):
    """The change money at the start."""

    half_width_fields = ("floating",)

    floating = amount_field(gettext_lazy("change money"))


def takers(shift: Shift):
    """Who may get the money: somebody else who takes money or reads the takings."""
    found = people_with(P.TAKE_MONEY) | people_with(P.READ_TAKINGS)
    return found.exclude(pk=shift.cashier_id)


class HandOverForm(CleanTextMixin, forms.Form):
    """What lies in the till, as one sum or by notes and coins, and who gets it."""

    counted = amount_field(
        gettext_lazy("cash counted"),
        required=False,
        help_text=gettext_lazy("With the change money."),
    )
    handed_to = forms.ModelChoiceField(
        label=gettext_lazy("handed to"), queryset=User.objects.none(), empty_label="–"
    )
    reason = forms.CharField(
        label=gettext_lazy("reason of a difference"), max_length=200, required=False
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, shift: Shift, **kwargs):
        super().__init__(*args, **kwargs)
        for coin in COINS:
            field = forms.IntegerField(
                label=_("%(value)s yuan") % {"value": f"{coin.normalize():f}"},
                min_value=0,
                max_value=9999,
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "num"}),
            )
            self.fields[self.name_of(coin)] = field
            self._narrow(field)
        self._narrow(self.fields["counted"])
        self.fields["handed_to"].queryset = takers(shift)
        self.fields["handed_to"].label_from_instance = lambda person: person.full_name

    @staticmethod
    def name_of(coin: Decimal) -> str:
        return f"coin_{str(coin).replace('.', '_')}"

    @property
    def coins(self) -> list:
        """The fields of the notes and coins, for the page."""
        return [self[self.name_of(coin)] for coin in COINS]

    @property
    def has_coins(self) -> bool:
        return any(coin.value() or coin.errors for coin in self.coins)

    def clean(self):
        cleaned = super().clean()
        coins = {str(coin): cleaned.get(self.name_of(coin)) or 0 for coin in COINS}
        coins = {coin: count for coin, count in coins.items() if count}
        counted = cleaned.get("counted")
        if coins and counted is not None and counted != in_coins(coins):
            words = _("The notes and coins come to %(sum)s. Please correct one of them.")
            self.add_error("counted", words % {"sum": f"{in_coins(coins):.2f}"})
        elif counted is None and not coins and "counted" not in self.errors:
            self.add_error("counted", _("Please count the cash."))
        cleaned["coins"] = coins
        cleaned["counted"] = in_coins(coins) if coins else counted
        return cleaned

    def given(self) -> dict:
        """For the verb."""
        names = ("seen", "counted", "coins", "reason", "handed_to")
        return {name: self.cleaned_data[name] for name in names}


class TakingsForm(PeriodForm):
    """Without an answer: today. Whoever reads everybody's takings may choose a cashier."""

    longest, too_long = TAKINGS.longest - 1, TAKINGS.too_long
    cashier = forms.TypedChoiceField(
        label=gettext_lazy("cashier"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        if user.has_perm(P.READ_TAKINGS):
            took = Shift.objects.order_by().values("cashier").distinct()
            names = User.objects.filter(pk__in=took).values_list("pk", "full_name")
            self.fields["cashier"].choices = [("", _("All")), *names.order_by("full_name")]
        else:
            del self.fields["cashier"]

    @staticmethod
    def first_day(until):
        return until

    def asked(self, **more) -> Asked:
        """The answers, or today where they make no sense."""
        today = timezone.localdate()
        given = self.cleaned_data if self.is_valid() else {}
        whose = given.get("cashier") if "cashier" in self.fields else self.user.pk
        return Asked(
            user=self.user,
            since=given.get("since") or today,
            until=given.get("until") or today,
            cashier=whose,
            **more,
        )
