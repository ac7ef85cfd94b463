"""The forms of a stock-take: what to count, one counted line, a batch that was found, a reason."""

from datetime import timedelta

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from pharmacy import catalogue
from pharmacy.forms import CountField, DayField, as_id
from pharmacy.models import Drug, DrugCategory, Place, StockTake, StockTakeLine
from pharmacy.places import several
from pharmacy.units import base_units

Scope = StockTake.Scope
MOST_DRUGS = 50
MINUTE = "%Y-%m-%dT%H:%M"


class StartForm(CleanTextMixin, forms.Form):
    """What is to be counted. Only the field of the chosen kind counts; the others are ignored."""

    half_width_fields = ("shelf",)

    scope = forms.ChoiceField(
        label=gettext_lazy("What is counted"),
        choices=Scope.choices,
        widget=forms.RadioSelect,
        initial=Scope.ALL,
    )
    shelf = forms.CharField(
        label=gettext_lazy("Shelves that begin with"), max_length=20, required=False
    )
    category = forms.ChoiceField(label=gettext_lazy("Kind of goods"), required=False)
    group = forms.ModelChoiceField(
        label=gettext_lazy("Drug group"),
        queryset=DrugCategory.objects.none(),
        required=False,
        empty_label="–",
    )
    drugs = forms.CharField(
        label=gettext_lazy("Drugs, one to a line"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Initials, name or code, as on the delivery page"),
    )
    place = forms.ModelChoiceField(
        label=gettext_lazy("Place"), queryset=Place.objects.none(), required=False, empty_label=None
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = Drug.objects.order_by("category").values_list("category", flat=True).distinct()
        self.fields["category"].choices = [("", "–"), *((kind, kind) for kind in kinds)]
        self.fields["group"].queryset = DrugCategory.objects.all()
        if several():
            self.fields["place"].queryset = Place.objects.filter(active=True)
            self.fields["place"].required = True
        else:
            del self.fields["place"]

    def clean(self):
        cleaned = super().clean()
        scope = cleaned.get("scope")
        needed = {
            Scope.SHELF: ("shelf", _("Please write how the shelves' names begin, such as A1.")),
            Scope.CATEGORY: ("category", _("Please choose the kind of goods.")),
            Scope.GROUP: ("group", _("Please choose the group.")),
            Scope.DRUGS: ("drugs", _("Please write at least one drug.")),
        }
        if scope in needed:
            name, words = needed[scope]
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, words)
        if scope == Scope.DRUGS and "drugs" not in self.errors:
            cleaned["found"] = self._find(cleaned["drugs"])
        return cleaned

    def _find(self, text: str) -> list[Drug]:
        """The drug of each line; a line that fits none or several is refused."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_DRUGS:
            self.add_error(
                "drugs",
                _("At most %(most)s drugs; for more, please count by shelf or group.")
                % {"most": MOST_DRUGS},
            )
            return []
        found = []
        for line in lines:
            try:
                found.append(catalogue.one_drug(line))
            except catalogue.NotOneDrug as error:
                self.add_error("drugs", error.message)
        return list(dict.fromkeys(found))

    def arguments(self) -> dict:
        """What `takes.start` takes."""
        cleaned = self.cleaned_data
        scope = cleaned["scope"]
        texts = {Scope.SHELF: cleaned["shelf"], Scope.CATEGORY: cleaned["category"]}
        return {
            "scope": scope,
            "scope_text": texts.get(scope, ""),
            "group": cleaned["group"] if scope == Scope.GROUP else None,
            "drugs": cleaned.get("found", []),
            "place": cleaned.get("place"),
            "note": cleaned["note"],
        }


class CountForm(CleanTextMixin, forms.Form):
    """One line as it is counted: packs and pieces; nothing typed means not counted yet."""

    packs = CountField(label=gettext_lazy("packs"))
    pieces = CountField(label=gettext_lazy("pieces"))

    def __init__(self, *args, drug: Drug, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.drug = drug
        if not drug.divisible or drug.units_per_pack == 1:
            del self.fields["pieces"]

    @property
    def quantity(self) -> int | None:
        """In base units; None when nothing was typed."""
        packs, pieces = (self.cleaned_data.get(name) for name in ("packs", "pieces"))
        if packs is None and pieces is None:
            return None
        return base_units(self.drug, packs or 0, pieces or 0)

    @property
    def boxes(self) -> list[tuple]:
        """(input, unit) of each field, for the page's cell."""
        return [
            (self._input(self[name]), unit)
            for name, unit in (("packs", self.drug.pack_unit), ("pieces", self.drug.base_unit))
            if name in self.fields
        ]

    def _input(self, bound):
        attrs = {"class": "form-control w-n num", "autocomplete": "off", "maxlength": 6}
        attrs["aria-label"] = f"{self.drug.generic_name} {bound.label}"
        if bound.errors:
            attrs["class"] += " is-invalid"
            attrs["aria-describedby"] = f"{bound.auto_id}_error"
        if bound.name == getattr(self, "focus", ""):
            attrs["autofocus"] = True
        return bound.as_widget(attrs=attrs)


class WhenForm(CleanTextMixin, forms.Form):
    """When a paper sheet was counted; empty for a count on the screen, which is now."""

    half_width_fields = ("at",)

    at = forms.DateTimeField(
        label=gettext_lazy("Counted at"),
        required=False,
        input_formats=[MINUTE, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format=MINUTE, attrs={"type": "datetime-local"}),
        error_messages={
            "invalid": gettext_lazy("This is not a time. Please write it like 2026-05-20 14:30.")
        },
    )

    def moment(self, take: StockTake):
        """The typed minute; that of the start means right after it."""
        at = self.cleaned_data.get("at")
        if at is None:
            return None
        minute = take.started_at.replace(second=0, microsecond=0)
        return max(at, take.started_at) if at >= minute else at


class FoundForm(WhenForm):
    """A batch that lies there and isn't on the list."""

    half_width_fields = ("lot", "expires_on", "shelf", "at")

    drug_text = forms.CharField(label=gettext_lazy("drug"), max_length=200)
    drug = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    lot = forms.CharField(label=gettext_lazy("lot"), max_length=40)
    expires_on = DayField(label=gettext_lazy("expiry date"))
    packs = CountField(label=gettext_lazy("packs"))
    pieces = CountField(label=gettext_lazy("pieces"))
    shelf = forms.CharField(label=gettext_lazy("shelf"), max_length=20, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = self.fields["drug_text"].widget.attrs
        words |= {"data-suggest-url": reverse("drug_choices"), "autofocus": not self.is_bound}
        words["data-suggest-target"] = self["drug"].auto_id

    def clean(self):
        cleaned = super().clean()
        if "drug_text" in self.errors:
            return cleaned
        chosen = Drug.objects.filter(pk=as_id(cleaned.get("drug"))).first()
        try:
            drug = cleaned["drug"] = catalogue.one_drug(cleaned["drug_text"], chosen=chosen)
        except catalogue.NotOneDrug as error:
            self.add_error("drug_text", error.message)
            return cleaned
        quantity = base_units(drug, cleaned.get("packs") or 0, cleaned.get("pieces") or 0)
        if not quantity and not {"packs", "pieces"} & set(self.errors):
            self.add_error("packs", _("Please write how much of it lies there."))
        cleaned["quantity"] = quantity
        return cleaned


class ReasonForm(CleanTextMixin, forms.Form):
    """Why one line differs; nothing chosen means not yet."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        required=False,
        choices=[("", "–"), *StockTakeLine.Reason.choices],
    )
    words = forms.CharField(label=gettext_lazy("In words"), max_length=200, required=False)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") == StockTakeLine.Reason.OTHER and not cleaned.get("words"):
            self.add_error("words", _("Please say in words what the other reason is."))
        return cleaned


def now_typed() -> str:
    """The present minute as the field of a paper sheet shows it."""
    return timezone.localtime(timezone.now() - timedelta(seconds=1)).strftime(MINUTE)
