"""The shelf: places, batches, the append-only ledger, reservations."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from pharmacy.models.documents import StockDocument
from pharmacy.models.drugs import Drug
from pharmacy.models.sources import Place, Supplier

# Which way a kind of movement goes; a count (adjust) and a reversal go either way.
MOVES_IN = ["opening", "receive", "give_back", "move_in"]
MOVES_OUT = ["issue", "write_off", "to_supplier", "move_out", "use"]


class Batch(models.Model):
    """What lies in one place of one drug, lot, expiry and cost (R-108).

    `on_hand` is the ledger's sum; only pharmacy.stock writes it.
    """

    THERE = models.Q(emptied_at__isnull=True)

    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="batches", verbose_name=_("place")
    )
    drug = models.ForeignKey(
        Drug,
        on_delete=models.PROTECT,
        related_name="batches",
        db_index=False,  # the index below begins with it
        verbose_name=_("drug"),
    )
    lot = ExactCharField(_("lot"), max_length=40)
    expires_on = models.DateField(_("expiry date"))
    made_on = models.DateField(_("production date"), null=True, blank=True)
    cost = models.DecimalField(_("cost per pack"), max_digits=10, decimal_places=4, default=0)
    # Who brought it first; the lines of the documents know each delivery.
    supplier = models.ForeignKey(
        Supplier,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supplier"),
    )
    shelf = models.CharField(_("shelf"), max_length=20, blank=True)
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    # When the last of it went; null while something lies there. Of all batches there ever were,
    # the shelf is found by it in an index.
    emptied_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    frozen = models.BooleanField(_("frozen"), default=False)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["expires_on", "received_at", "pk"]  # first to expire goes first
        indexes = [
            models.Index(fields=["emptied_at", "expires_on"], name="pharmacy_batch_there"),
            models.Index(
                fields=["drug", "emptied_at", "expires_on"], name="pharmacy_batch_of_drug"
            ),
            models.Index(fields=["drug", "received_at"], name="pharmacy_batch_first"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "drug", "lot", "expires_on", "cost"], name="pharmacy_batch_once"
            ),
            models.CheckConstraint(condition=models.Q(on_hand__gte=0), name="pharmacy_batch_sum"),
            models.CheckConstraint(
                condition=models.Q(on_hand=0, emptied_at__isnull=False)
                | models.Q(on_hand__gt=0, emptied_at__isnull=True),
                name="pharmacy_batch_emptied",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drug_id}/{self.lot}"


class StockMovement(AppendOnly):
    """One line of the ledger. Balance of a batch = sum of its lines (R-107)."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening stock")
        RECEIVE = "receive", _("Stock-in")
        GIVE_BACK = "give_back", _("Return of drugs")
        MOVE_IN = "move_in", _("Transfer in")
        ISSUE = "issue", _("Dispensing")
        WRITE_OFF = "write_off", _("Write-off")
        TO_SUPPLIER = "to_supplier", _("Return to the supplier")
        MOVE_OUT = "move_out", _("Transfer out")
        USE = "use", _("Requisition")
        ADJUST = "adjust", _("Stock count")
        REVERSE = "reverse", _("Reversal")

    document = models.ForeignKey(
        StockDocument,
        on_delete=models.PROTECT,
        related_name="movements",
        verbose_name=_("stock document"),
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="movements", verbose_name=_("batch")
    )
    # The batch's drug and place once more: reports read a month of them from an index.
    drug = models.ForeignKey(
        Drug, on_delete=models.PROTECT, related_name="+", verbose_name=_("drug")
    )
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", verbose_name=_("place")
    )
    kind = models.CharField(_("kind of movement"), max_length=12, choices=Kind.choices)
    quantity = models.IntegerField(_("quantity"))  # base units; negative leaves the shelf
    balance = models.PositiveIntegerField(_("Balance of the batch"))  # after this line
    reference = ExactCharField(_("what it was for"), max_length=40, blank=True, db_index=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # The movement that this one takes back, which can be taken back once.
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reversed_by",
        verbose_name=_("takes back"),
    )
    made_at = models.DateTimeField(_("Time"), auto_now_add=True, db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("who"),
    )

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [
            models.Index(fields=["drug", "made_at"], name="pharmacy_moved"),
            models.Index(fields=["kind", "made_at"], name="pharmacy_moved_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(quantity=0), name="pharmacy_movement_not_nothing"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=MOVES_IN, quantity__gt=0)
                | models.Q(kind__in=MOVES_OUT, quantity__lt=0)
                | models.Q(kind="adjust")
                | models.Q(kind="reverse", reverses__isnull=False),
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
    # Still promised; once all of it was handed out, how much that was. Of what goes out in parts,
    # `issued` is what went.
    quantity = models.PositiveIntegerField()
    issued = models.PositiveIntegerField(default=0)
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
                condition=~models.Q(state="issued") | models.Q(issued=models.F("quantity")),
                name="pharmacy_reservation_issued",
            ),
            models.CheckConstraint(
                condition=models.Q(state="released", in_force__isnull=True)
                | (~models.Q(state="released") & models.Q(in_force=models.F("reference"))),
                name="pharmacy_reservation_in_force",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
