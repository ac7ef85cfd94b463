"""The filters above the drug library."""

from django import forms
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pharmacy import groups
from pharmacy.drug_form import CATEGORIES, RX
from pharmacy.models import ControlClass, Drug

ANY = ("", "—")
TICKS = {
    "essential": (_("essential medicine"), Q(essential__startswith="Y")),
    "antibiotic": (_("antibiotic"), ~Q(antibiotic_grade__in=["", Drug.NO_ANTIBIOTIC])),
    "controlled": (_("under control"), ~Q(class_now__in=["", ControlClass.NONE])),
    "skin": (_("needs a skin test"), ~Q(skin_test__in=["", "否"])),
    "cold": (
        _("cold storage"),
        Q(storage__contains="冷藏") | Q(storage__contains="2~8") | Q(storage__contains="2-8"),
    ),
    "alert": (_("high alert"), Q(high_alert=True)),
}


class FilterForm(forms.Form):
    """All of it may stay empty; what makes no sense filters nothing."""

    category = forms.ChoiceField(
        label=_("category"), required=False, choices=[ANY, *((c, c) for c in CATEGORIES)]
    )
    group = forms.ChoiceField(label=_("Group"), required=False)
    rx = forms.ChoiceField(
        label=_("Rx or OTC"), required=False, choices=[ANY, *((word, word) for word in RX)]
    )
    only = forms.MultipleChoiceField(
        label=_("only"),
        required=False,
        choices=[(name, label) for name, (label, _q) in TICKS.items()],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tree = groups.tree()
        places = [(str(node.group.pk), node.label) for node in self.tree]
        self.fields["group"].choices = [ANY, *places]

    def apply(self, drugs: QuerySet) -> QuerySet:
        """`drugs` narrowed; a group means everything below it too."""
        self.full_clean()
        asked = self.cleaned_data
        if asked.get("category"):
            drugs = drugs.filter(category=asked["category"])
        if asked.get("rx"):
            drugs = drugs.filter(rx=asked["rx"])
        if asked.get("group"):
            node = next(n for n in self.tree if str(n.group.pk) == asked["group"])
            drugs = drugs.filter(group__in=node.below)
        ticks = asked.get("only", [])
        if "controlled" in ticks:
            drugs = drugs.annotate(class_now=_class_now())
        for name in ticks:
            drugs = drugs.filter(TICKS[name][1])
        return drugs

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.values())


def _class_now() -> Subquery:
    rows = ControlClass.objects.filter(drug=OuterRef("pk"), since__lte=timezone.localdate())
    return Subquery(rows.order_by("-since").values("name")[:1])
