"""The form of one drug: identity first, the rest in sections. It cleans; pharmacy.drugs decides."""

import re
from decimal import Decimal

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from pharmacy import groups
from pharmacy.catalogue import IDENTITY, MARKS
from pharmacy.models import ControlClass, Drug
from pharmacy.units import LARGEST_PACK

CATEGORIES = ["西药", "中成药", "中药饮片", "医用耗材", "疫苗及生物制品"]
RX = ["Rx", "OTC甲", "OTC乙"]
GRADES = [Drug.NO_ANTIBIOTIC, "非限制使用级", "限制使用级", "特殊使用级"]
CONTROL = [ControlClass.NONE, *MARKS]
# What people mostly write; anything else may be written too.
SUGGESTED = {
    "dosage_form": [
        "片剂", "胶囊", "颗粒剂", "注射剂", "口服溶液剂", "糖浆剂", "散剂", "丸剂", "滴丸剂",
        "乳膏剂", "软膏剂", "凝胶剂", "滴眼剂", "滴耳剂", "滴鼻剂", "栓剂", "气雾剂",
        "吸入粉雾剂", "贴剂", "饮片",
    ],
    "content_unit": ["g", "mg", "μg", "ml", "万单位", "单位"],
    "pack_unit": ["盒", "瓶", "袋", "支", "管", "包"],
    "base_unit": ["片", "粒", "支", "袋", "瓶", "ml", "g", "丸"],
    "routes": ["口服", "静脉滴注", "静脉注射", "肌内注射", "皮下注射", "外用", "吸入", "滴眼"],
    "usual_frequency": ["qd", "bid", "tid", "qid", "qn", "q8h", "q12h", "prn"],
    "skin_test": ["否", "需青霉素皮试", "按说明书"],
    "essential": ["Y", "N"],
    "storage": ["密封", "遮光,密封", "阴凉", "冷藏2~8℃", "专库(柜)双锁"],
}  # fmt: skip
LISTS = {"allergy_groups", "ingredients", "class_tags"}

SECTIONS = [
    (
        _("Name and pack"),
        "code:c2 generic_name:c4 trade_name:c3 category:c3 dosage_form:c2 strength:c3 "
        "content:c2 content_unit:c2 pack_spec:c3 units_per_pack:c2 base_unit:c2 pack_unit:c2 "
        "maker:c6 ingredients:c6",
    ),
    (
        _("Usual use and greatest doses"),
        "routes:c3 usual_dose:c3 usual_frequency:c3 divisible:c3 max_single:c2 "
        "max_single_per_kg:c3 max_single_unit:c2 max_daily:c2 max_daily_per_kg:c3 "
        "max_daily_unit:c2 max_daily_words:c4",
    ),
    (
        _("Rules"),
        "rx:c2 both_rx_and_otc:c3 antibiotic_grade:c3 antibiotic_note:c4 control:c3 "
        "control_since:c3 skin_test:c3 essential:c3 allergy_groups:c3 class_tags:c6 high_alert:c3 "
        "valuable:c3",
    ),
    (
        _("Numbers and papers"),
        "approval_number:c4 insurance_code:c4 barcode:c4 trace_code:c4 initials:c4 "
        "initials_short:c4",
    ),
    (
        _("Stock and price"),
        "group:c4 storage:c4 shelf:c2 price:c2 lower_limit:c2 upper_limit:c2 limits_fixed:c3 "
        "lead_days:c2 near_months:c3",
    ),
    (_("Cautions"), "pregnancy:c6 children:c6 elderly:c6 caution:c6"),
]
HELP = {
    "code": _("Left empty, the next free one is taken."),
    "initials": _("Left empty, they are computed from the name."),
    "lower_limit": _("In dispensing units."),
    "upper_limit": _("In dispensing units."),
    "near_months": _("Empty: 6, 3 and 1 months."),
    "content": _("Of one dispensing unit. Empty: quantities are asked for."),
    "ingredients": _("Several with ; between them."),
    "class_tags": _("Several with ; between them."),
    "allergy_groups": _("Several with ; between them."),
}
LABELS = {
    "group": _("Group"),
    "max_single_unit": _("Unit of the maximum at once"),
    "max_daily_unit": _("Unit of the maximum per day"),
    "initials_short": _("Initials without salt and form"),
}
OPTIONAL = {"code", "initials"}
FIELDS = [
    name
    for _title, words in SECTIONS
    for name in (word.partition(":")[0] for word in words.split())
    if name not in ("control", "control_since")
]


class DrugForm(CleanTextMixin, forms.ModelForm):
    """Of a used drug neither identity nor price is in the form: it can't be posted either."""

    half_width_fields = (
        "code", "initials", "initials_short", "approval_number", "insurance_code", "barcode",
        "content", "units_per_pack", "price", "max_single", "max_daily", "max_single_per_kg",
        "max_daily_per_kg", "lower_limit", "upper_limit", "lead_days", "near_months",
        "control_since",
    )  # fmt: skip

    control = forms.ChoiceField(
        label=_("control class"), choices=[(name, name) for name in CONTROL], required=False
    )
    control_since = forms.DateField(
        label=_("Control class since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    anyway = forms.BooleanField(
        label=_("It is a different drug; create it all the same"), required=False
    )
    stop_old = forms.BooleanField(label=_("Stop the old drug now"), required=False, initial=True)
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Drug
        fields = FIELDS

    def __init__(self, *args, is_new: bool, is_fixed: bool = False, old=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_fixed, self.old = is_fixed, old
        for name in [] if is_new else ["control", "control_since", "anyway"]:
            del self.fields[name]
        if old is None:
            del self.fields["stop_old"]
        for name in [*IDENTITY, "price"] if is_fixed else []:
            del self.fields[name]
        self._make_choices()
        for name, field in self.fields.items():
            self._dress(name, field)

    def _make_choices(self) -> None:
        for name, known in (("category", CATEGORIES), ("rx", RX), ("antibiotic_grade", GRADES)):
            if name in self.fields:
                now = getattr(self.instance, name) or self.initial.get(name, "")
                words = known if now in known or not now else [*known, now]
                self.fields[name] = forms.ChoiceField(
                    label=self.fields[name].label,
                    choices=[(word, word) for word in words],
                    required=name != "antibiotic_grade",
                )
        self.fields["group"].choices = [("", "—"), *groups.choices()]

    def _dress(self, name: str, field) -> None:
        field.required = field.required and name not in OPTIONAL
        field.help_text = HELP.get(name, "")
        field.label = LABELS.get(name, field.label)
        if name in SUGGESTED:
            field.widget.attrs["list"] = f"list_{name}"
        if name == "units_per_pack":  # what the column holds is not asked: see below
            field.validators.append(MaxValueValidator(LARGEST_PACK))
        if isinstance(field, forms.DecimalField | forms.IntegerField):
            field.widget = forms.TextInput(attrs={"inputmode": "decimal"})
        value = self.initial.get(name)
        if isinstance(value, Decimal) and name != "price":
            self.initial[name] = f"{value.normalize():f}"

    @property
    def sections(self) -> list[dict]:
        """The panels of the page with the fields that are left in the form."""
        found = []
        for title, words in SECTIONS:
            places = [word.partition(":") for word in words.split()]
            rows = [
                (self[name], wrap + self._lower(name))
                for name, _colon, wrap in places
                if name in self.fields
            ]
            if rows:
                found.append({"title": title, "rows": rows})
        return found

    def _lower(self, name: str) -> str:
        """A tick box has no label above it: it stands beside the other fields' boxes."""
        return " mt-4" if isinstance(self.fields[name], forms.BooleanField) else ""

    @property
    def suggested(self) -> list[tuple[str, list[str]]]:
        return [(f"list_{name}", words) for name, words in SUGGESTED.items()]

    def clean(self):
        cleaned = super().clean()
        for name in LISTS & set(cleaned):
            cleaned[name] = ";".join(filter(None, re.split(r"\s*[;；、]\s*", cleaned[name])))
        return cleaned

    def _get_validation_exclusions(self):
        # The verb says it in our words, and has the last word when two people are at it.
        return super()._get_validation_exclusions() | {"code", "price", "units_per_pack"}

    def facts(self) -> dict:
        """What the verbs write."""
        return {name: self.cleaned_data[name] for name in FIELDS if name in self.fields}


class ReasonForm(CleanTextMixin, forms.Form):
    """Why something is done."""

    reason = forms.CharField(label=_("reason"), max_length=200)


class ControlForm(CleanTextMixin, forms.Form):
    """A control class from a day on."""

    half_width_fields = ("since",)

    name = forms.ChoiceField(label=_("control class"), choices=[(name, name) for name in CONTROL])
    since = forms.DateField(
        label=_("since"),
        widget=forms.DateInput(attrs={"type": "date"}),
        initial=timezone.localdate,
    )
    note = forms.CharField(label=_("note"), max_length=200, required=False)
