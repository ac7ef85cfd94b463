"""The papers of the stock: drafted, posted, taken back by another paper."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from pharmacy.models.drugs import Drug
from pharmacy.models.sources import Place, Supplier
from pharmacy.units import packs_and_pieces


class StockDocument(models.Model):
    """The paper behind a group of movements: a delivery, a dispensing, a write-off (R-107)."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening stock")
        RECEIPT = "receipt", _("Stock-in")
        DISPENSING = "dispensing", _("Dispensing")
        RETURN = "return", _("Return of drugs")
        TO_SUPPLIER = "to_supplier", _("Return to the supplier")
        USE = "use", _("Requisition")
        MOVE = "move", _("Transfer")
        WRITE_OFF = "write_off", _("Write-off")
        ADJUSTMENT = "adjustment", _("Stock count")
        PRICE = "price", _("Price change")
        REVERSAL = "reversal", _("Reversal")

    class Cause(models.TextChoices):
        """Why goods are written off (R-118)."""

        EXPIRED = "expired", _("Expired")
        BROKEN = "broken", _("Broken")
        SPOILT = "spoilt", _("Spoilt")
        OTHER = "other", _("Another reason")

    class Conclusion(models.TextChoices):
        """What the acceptance found (R-110)."""

        GOOD = "good", _("In order")
        REMARK = "remark", _("In order, with a remark")
        REFUSED = "refuse", _("Refused as a whole")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")
        DISCARDED = "discarded", _("Discarded")

    number = ExactCharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # Only a posted document has movements; it is then never changed again.
    state = models.CharField(max_length=10, choices=State.choices, default=State.POSTED)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    to_place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    # The posted document that this one takes back, as a whole and once.
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, null=True, blank=True)
    # The supplier's own number; null when the goods came without one.
    delivery_note = ExactCharField(_("delivery note"), max_length=40, null=True)
    # The same while the receipt stands, null once it was taken back: then it is entered anew.
    note_in_force = ExactCharField(max_length=40, null=True, editable=False)
    # Of a delivery: its day, who looked at the goods and what they found.
    purchased_on = models.DateField(_("date of purchase"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    conclusion = models.CharField(max_length=6, choices=Conclusion.choices, blank=True)
    # Of a write-off, and of a requisition: who took the goods.
    cause = models.CharField(max_length=7, choices=Cause.choices, blank=True)
    recipient = models.CharField(_("taken by"), max_length=50, blank=True)
    # A plain pointer to a higher floor, e.g. RX20261122-0007.
    reference = ExactCharField(max_length=40, blank=True, db_index=True)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # Counts every change of a draft: whoever posts it has seen what is in it.
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    posted_at = models.DateTimeField(null=True, db_index=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The second person of a write-off or a count.
    witness = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("stock document")
        verbose_name_plural = _("stock documents")
        indexes = [models.Index(fields=["state", "made_at"], name="pharmacy_document_drafts")]
        constraints = [
            # Rows without a delivery note are null there and never equal each other.
            models.UniqueConstraint(
                fields=["supplier", "note_in_force"], name="pharmacy_delivery_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "posted", "discarded"]),
                name="pharmacy_document_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state="posted", posted_at__isnull=False)
                | (~models.Q(state="posted") & models.Q(posted_at__isnull=True)),
                name="pharmacy_document_posted",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def prepared_by(self):
        """Who wrote what stands in the draft: the last person who changed it."""
        return self.changed_by or self.made_by

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class DocumentLine(models.Model):
    """One line of a document as it was written; of a delivery also its acceptance (R-110).

    What happened to the stock stands in the ledger; a line is what somebody asked for.
    """

    document = models.ForeignKey(StockDocument, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="+")
    # The batch concerned; of a delivery and an opening stock the one that it went into.
    batch = models.ForeignKey("Batch", on_delete=models.PROTECT, null=True, related_name="+")
    quantity = models.PositiveIntegerField(default=0)  # base units
    lot = ExactCharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True)
    made_on = models.DateField(null=True)
    cost = models.DecimalField(max_digits=10, decimal_places=4, default=0)  # of a pack
    new_price = models.DecimalField(max_digits=10, decimal_places=2, null=True)  # of a pack
    shelf = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    accepted = models.BooleanField(default=True)  # of a return of drugs: whole and intact
    trace_code = ExactCharField(_("trace code"), max_length=20, blank=True, db_index=True)
    # Of a return of drugs: the line of the ledger that handed them out.
    origin = models.ForeignKey(
        "StockMovement", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("document line")
        verbose_name_plural = _("document lines")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="pharmacy_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.document_id}/{self.number}"


class RefusedGoods(AppendOnly):
    """Goods of a delivery that were not taken in, a line of its acceptance record (R-110).

    They never were stock: no batch and no movement knows them.
    """

    class Fate(models.TextChoices):
        """What became of them."""

        RETURNED = "returned", _("Went back with the driver")
        KEPT = "kept", _("Kept apart")

    document = models.ForeignKey(StockDocument, on_delete=models.PROTECT, related_name="refused")
    number = models.PositiveSmallIntegerField()
    # Null: the library has no such drug; what was printed on the pack stands in `name` in any case.
    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, null=True, related_name="+")
    name = ExactCharField(_("drug"), max_length=200)
    quantity = models.PositiveIntegerField()  # base units of the drug, packs where there is none
    lot = ExactCharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True)
    reason = models.CharField(max_length=200)
    fate = models.CharField(max_length=8, choices=Fate.choices)

    class Meta:
        verbose_name = _("refused goods")
        verbose_name_plural = _("refused goods")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="pharmacy_refused_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="pharmacy_refused_something"
            ),
            models.CheckConstraint(
                condition=models.Q(fate__in=["returned", "kept"]), name="pharmacy_refused_fate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}/{self.number}"

    @property
    def amount(self) -> str:
        """How much, in words."""
        if self.drug:
            return packs_and_pieces(self.drug, self.quantity)
        return ngettext("%(n)s pack", "%(n)s packs", self.quantity) % {"n": self.quantity}
