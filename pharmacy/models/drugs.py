"""The drug library: what each drug is, its legal class over time, and known pairs."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.models_clinical import Sourced
from clinic.core.text import ExactCharField


class DrugCategory(models.Model):
    """A group of the clinic's own tree of drugs (R-54), e.g. 西药 / 抗微生物药 / 青霉素类."""

    name = ExactCharField(_("name"), max_length=50)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("above it"),
    )
    # Place among its siblings, the smallest first.
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("drug group")
        verbose_name_plural = _("drug groups")
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="pharmacy_group_once")
        ]

    def __str__(self) -> str:
        return self.name


class Drug(models.Model):
    """A drug as this clinic stocks it. Its identity never changes after first use (R-122)."""

    NO_ANTIBIOTIC = "非抗菌药物"

    code = ExactCharField(_("code"), max_length=20, unique=True)
    generic_name = ExactCharField(_("generic name"), max_length=100)
    trade_name = ExactCharField(_("trade name"), max_length=100, blank=True, db_index=True)
    initials = ExactCharField(_("pinyin initials"), max_length=40, db_index=True)
    initials_short = ExactCharField(
        _("Initials without salt and form"), max_length=40, blank=True, db_index=True
    )
    pinyin = ExactCharField(_("pinyin"), max_length=200, blank=True)
    # The kind of goods; `group` is the clinic's own tree below it.
    category = models.CharField(_("category"), max_length=20)
    group = models.ForeignKey(
        "DrugCategory", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("group")
    )
    subcategory = models.CharField(_("subcategory"), max_length=50, blank=True)
    dosage_form = models.CharField(_("dosage form"), max_length=30)
    strength = models.CharField(_("strength"), max_length=60)
    # Content of one base unit, e.g. 0.25 g per capsule; empty: do not compute, ask.
    content = models.DecimalField(
        _("content per unit"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    content_unit = models.CharField(_("content unit"), max_length=10, blank=True)
    pack_spec = models.CharField(_("pack"), max_length=60)
    pack_unit = models.CharField(_("pack unit"), max_length=10)
    base_unit = models.CharField(_("dispensing unit"), max_length=10)
    units_per_pack = models.PositiveIntegerField(_("units per pack"))
    divisible = models.BooleanField(_("may be split"), default=True)
    routes = models.CharField(_("routes"), max_length=60)
    usual_dose = models.CharField(_("usual dose"), max_length=60, blank=True)
    usual_frequency = models.CharField(_("usual frequency"), max_length=40, blank=True)
    max_single = models.DecimalField(
        _("maximum at once"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    max_single_per_kg = models.DecimalField(
        _("maximum at once per kg"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    max_single_unit = models.CharField(_("Unit of the maximum at once"), max_length=10, blank=True)
    max_daily = models.DecimalField(
        _("maximum per day"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    max_daily_per_kg = models.DecimalField(
        _("maximum per day per kg"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    max_daily_unit = models.CharField(_("Unit of the maximum per day"), max_length=10, blank=True)
    max_daily_words = models.CharField(_("maximum per day in words"), max_length=60, blank=True)
    rx = models.CharField(_("Rx or OTC"), max_length=10)
    both_rx_and_otc = models.BooleanField(_("both Rx and OTC"), default=False)
    antibiotic_grade = models.CharField(_("antibiotic grade"), max_length=20, blank=True)
    antibiotic_note = models.CharField(_("antibiotic note"), max_length=60, blank=True)
    skin_test = models.CharField(_("skin test"), max_length=30, blank=True)
    allergy_groups = models.CharField(_("allergy groups"), max_length=60, blank=True)
    ingredients = models.CharField(_("ingredients"), max_length=300, blank=True)
    class_tags = models.CharField(_("class tags"), max_length=200, blank=True)
    essential = models.CharField(_("essential medicine"), max_length=10, blank=True)
    high_alert = models.BooleanField(_("high alert"), default=False)
    valuable = models.BooleanField(_("valuable"), default=False)
    approval_number = ExactCharField(_("approval number"), max_length=40, blank=True, db_index=True)
    maker = models.CharField(_("maker"), max_length=100, blank=True)
    insurance_code = ExactCharField(_("insurance code"), max_length=40, blank=True)
    trace_code = models.BooleanField(_("has a trace code"), default=False)
    barcode = ExactCharField(_("barcode"), max_length=30, blank=True, db_index=True)
    storage = models.CharField(_("storage"), max_length=60, blank=True)
    pregnancy = models.CharField(_("pregnancy"), max_length=200, blank=True)
    children = models.CharField(_("children"), max_length=200, blank=True)
    elderly = models.CharField(_("elderly, kidney, liver"), max_length=200, blank=True)
    caution = models.CharField(_("other caution"), max_length=300, blank=True)
    price = models.DecimalField(_("price per pack"), max_digits=10, decimal_places=2, default=0)
    lower_limit = models.PositiveIntegerField(_("lower stock limit"), default=0)
    upper_limit = models.PositiveIntegerField(_("upper stock limit"), default=0)
    # False: the limits follow the use of the last 90 days.
    limits_fixed = models.BooleanField(_("limits set by hand"), default=True)
    lead_days = models.PositiveSmallIntegerField(_("days until a delivery comes"), default=7)
    # Empty: the ladder of R-111.
    near_months = models.PositiveSmallIntegerField(_("near expiry, months"), null=True, blank=True)
    shelf = models.CharField(_("shelf"), max_length=20, blank=True)
    # How often it was prescribed or handed out, so that lists show the most used first.
    used_times = models.PositiveIntegerField(default=0, editable=False)
    # False until a pharmacist has compared the row with the package.
    verified = models.BooleanField(_("checked by a pharmacist"), default=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("who checked it"),
    )
    verified_at = models.DateTimeField(_("checked at"), null=True, editable=False)
    active = models.BooleanField(_("in use"), default=True)
    stop_reason = models.CharField(_("why it was stopped"), max_length=200, blank=True)
    # The drug that this one took the place of when its identity changed.
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="replaced_by",
        verbose_name=_("took the place of"),
    )
    # By which a form knows that somebody else was faster; counting its use does not touch it.
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("drug")
        verbose_name_plural = _("drugs")
        ordering = ["generic_name", "code"]
        indexes = [
            models.Index(fields=["generic_name"], name="pharmacy_drug_name"),
            # Counting the drugs and naming their categories reads this instead of whole rows.
            models.Index(fields=["category", "active", "verified"], name="pharmacy_drug_kinds"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(units_per_pack__gte=1), name="pharmacy_drug_pack"
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="pharmacy_drug_price"),
        ]

    def __str__(self) -> str:
        return f"{self.generic_name} {self.strength}"

    @property
    def label(self) -> str:
        """Name and pack, as people tell two packs of one drug apart."""
        return f"{self.generic_name} {self.pack_spec}"

    @property
    def is_antibiotic(self) -> bool:
        return self.antibiotic_grade not in ("", self.NO_ANTIBIOTIC)

    def control_class_on(self, day) -> str:
        """The control class in force that day, or "". Prefetch `control_classes` for lists."""
        rows = [row for row in self.control_classes.all() if row.since <= day]
        name = max(rows, key=lambda row: row.since).name if rows else ControlClass.NONE
        return "" if name == ControlClass.NONE else name


class ControlClass(AppendOnly):
    """The legal control class of a drug from a date on (R-53): narcotic, psychotropic, ...

    Never overwritten: another class is another row with its own date.
    """

    NONE = "无"  # from this date on under no control

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="control_classes")
    name = models.CharField(_("control class"), max_length=20)
    since = models.DateField(_("since"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("control class")
        verbose_name_plural = _("control classes")
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(fields=["drug", "since"], name="pharmacy_control_once")
        ]

    def __str__(self) -> str:
        return f"{self.drug_id} {self.name}"


class Interaction(Sourced):
    """A known pair that must not, or should not, be combined. Absence proves nothing (R-157)."""

    class Side(models.TextChoices):
        INGREDIENT = "ingredient", _("an ingredient")
        CLASS_TAG = "class_tag", _("a class of drugs")

    class Severity(models.TextChoices):
        FORBIDDEN = "禁忌", _("forbidden")
        SERIOUS = "严重", _("serious")
        CAUTION = "注意", _("caution")

    number = ExactCharField(_("number of the pair"), max_length=10, unique=True)
    a_type = models.CharField(_("one side is"), max_length=20, choices=Side.choices)
    a_value = ExactCharField(_("one side"), max_length=50)
    b_type = models.CharField(_("other side is"), max_length=20, choices=Side.choices)
    b_value = ExactCharField(_("other side"), max_length=50)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    effect = models.CharField(_("effect"), max_length=200)
    advice = models.CharField(_("advice"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")

    def __str__(self) -> str:
        return self.number
