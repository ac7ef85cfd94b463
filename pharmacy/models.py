"""The drug library and the shelf: batches, the append-only ledger, reservations."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField


class Drug(models.Model):
    """A drug as this clinic stocks it. Its identity never changes after first use (R-122)."""

    NO_ANTIBIOTIC = "非抗菌药物"

    code = ExactCharField(_("code"), max_length=20, unique=True)
    generic_name = ExactCharField(_("generic name"), max_length=100)
    trade_name = ExactCharField(_("trade name"), max_length=100, blank=True, db_index=True)
    initials = ExactCharField(_("pinyin initials"), max_length=40, db_index=True)
    initials_short = ExactCharField(max_length=40, blank=True, db_index=True)
    category = models.CharField(_("category"), max_length=20)
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
    max_daily = models.DecimalField(
        _("maximum per day"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    max_daily_unit = models.CharField(max_length=10, blank=True)
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
    storage = models.CharField(_("storage"), max_length=60, blank=True)
    pregnancy = models.CharField(_("pregnancy"), max_length=200, blank=True)
    children = models.CharField(_("children"), max_length=200, blank=True)
    elderly = models.CharField(_("elderly, kidney, liver"), max_length=200, blank=True)
    caution = models.CharField(_("other caution"), max_length=300, blank=True)
    price = models.DecimalField(_("price per pack"), max_digits=10, decimal_places=2, default=0)
    lower_limit = models.PositiveIntegerField(_("lower stock limit"), default=0)
    upper_limit = models.PositiveIntegerField(_("upper stock limit"), default=0)
    shelf = models.CharField(_("shelf"), max_length=20, blank=True)
    # False until a pharmacist has compared the row with the package.
    verified = models.BooleanField(_("checked by a pharmacist"), default=False)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("drug")
        verbose_name_plural = _("drugs")
        ordering = ["generic_name", "code"]
        indexes = [models.Index(fields=["generic_name"], name="pharmacy_drug_name")]
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


class ControlClass(models.Model):
    """The legal control class of a drug from a date on (R-53): narcotic, psychotropic, ..."""

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


class Interaction(models.Model):
    """A known pair that must not, or should not, be combined. Absence proves nothing (R-157)."""

    number = ExactCharField(max_length=10, unique=True)
    a_type = models.CharField(max_length=20)
    a_value = ExactCharField(max_length=50)
    b_type = models.CharField(max_length=20)
    b_value = ExactCharField(max_length=50)
    severity = models.CharField(max_length=10)
    effect = models.CharField(max_length=200)
    advice = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")

    def __str__(self) -> str:
        return self.number


class Supplier(models.Model):
    """A licensed source of drugs (R-110)."""

    name = ExactCharField(_("name"), max_length=100, unique=True)
    licence = models.CharField(_("licence number"), max_length=60, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")

    def __str__(self) -> str:
        return self.name


class StockDocument(models.Model):
    """The paper behind a group of movements: a delivery, a dispensing, a write-off (R-107)."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Stock-in")
        DISPENSING = "dispensing", _("Dispensing")
        RETURN = "return", _("Return of drugs")
        WRITE_OFF = "write_off", _("Write-off")
        ADJUSTMENT = "adjustment", _("Stock count")

    number = ExactCharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, null=True, blank=True)
    # The supplier's own number; null when the goods came without one.
    delivery_note = ExactCharField(_("delivery note"), max_length=40, null=True)
    # A plain pointer to a higher floor, e.g. RX20261122-0007.
    reference = ExactCharField(max_length=40, blank=True, db_index=True)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The second person of a write-off or a count.
    witness = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("stock document")
        verbose_name_plural = _("stock documents")
        constraints = [
            # Rows without a delivery note are null there and never equal each other.
            models.UniqueConstraint(
                fields=["supplier", "delivery_note"], name="pharmacy_delivery_once"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Batch(models.Model):
    """What lies on the shelf of one drug, lot, expiry and cost (R-108).

    `on_hand` is the ledger's sum; only pharmacy.stock writes it.
    """

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="batches")
    lot = ExactCharField(_("lot"), max_length=40)
    expires_on = models.DateField(_("expiry date"))
    made_on = models.DateField(_("production date"), null=True, blank=True)
    cost = models.DecimalField(_("cost per pack"), max_digits=10, decimal_places=4, default=0)
    shelf = models.CharField(_("shelf"), max_length=20, blank=True)
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    frozen = models.BooleanField(_("frozen"), default=False)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["expires_on", "received_at", "pk"]  # first to expire goes first
        constraints = [
            models.UniqueConstraint(
                fields=["drug", "lot", "expires_on", "cost"], name="pharmacy_batch_once"
            ),
            models.CheckConstraint(condition=models.Q(on_hand__gte=0), name="pharmacy_batch_sum"),
        ]

    def __str__(self) -> str:
        return f"{self.drug_id}/{self.lot}"


class StockMovement(AppendOnly):
    """One line of the ledger. Balance of a batch = sum of its lines (R-107)."""

    class Kind(models.TextChoices):
        RECEIVE = "receive", _("Stock-in")
        ISSUE = "issue", _("Dispensing")
        GIVE_BACK = "give_back", _("Return of drugs")
        WRITE_OFF = "write_off", _("Write-off")
        ADJUST = "adjust", _("Stock count")

    document = models.ForeignKey(StockDocument, on_delete=models.PROTECT, related_name="movements")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    quantity = models.IntegerField()  # base units; negative leaves the shelf
    balance = models.PositiveIntegerField()  # of the batch, after this line
    reference = ExactCharField(max_length=40, blank=True, db_index=True)
    reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(quantity=0), name="pharmacy_movement_not_nothing"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["receive", "give_back"], quantity__gt=0)
                | models.Q(kind__in=["issue", "write_off"], quantity__lt=0)
                | models.Q(kind="adjust"),
                name="pharmacy_movement_direction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.quantity:+d}"


class Reservation(models.Model):
    """Units of a drug promised to a prescription line, not yet of any batch (R-113, R-174)."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Reserved")
        ISSUED = "issued", _("Issued")
        RELEASED = "released", _("Released")

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="reservations")
    quantity = models.PositiveIntegerField()
    reference = ExactCharField(max_length=40, db_index=True)
    # The reference again while reserved or issued, null once released: a released line may be
    # reserved anew, and two reservations of one line can never be in force together.
    in_force = ExactCharField(max_length=40, unique=True, null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes = [models.Index(fields=["drug", "state"], name="pharmacy_reserved")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="pharmacy_reservation_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "issued", "released"]),
                name="pharmacy_reservation_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state="released", in_force__isnull=True)
                | (~models.Q(state="released") & models.Q(in_force=models.F("reference"))),
                name="pharmacy_reservation_in_force",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
