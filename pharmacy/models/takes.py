"""Stock-taking: a count of what lies on the shelves, line by line, against the book (R-119)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from pharmacy.models.documents import StockDocument
from pharmacy.models.drugs import DrugCategory
from pharmacy.models.shelf import Batch, StockMovement
from pharmacy.models.sources import Place


def _person(**options):
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )


def _money():
    return models.DecimalField(max_digits=16, decimal_places=2, null=True)


class StockTake(models.Model):
    """One count of a part of the stock; the moves between its states stand in takes/states.py."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("Being prepared")
        COUNTING = "counting", _("First count")
        SECOND = "second", _("Second count")
        TO_CONFIRM = "to_confirm", _("To be confirmed")
        POSTING = "posting", _("Being posted")
        POSTED = "posted", _("Posted")
        CANCELLED = "cancelled", _("Cancelled")

    class Scope(models.TextChoices):
        ALL = "all", _("Everything")
        SHELF = "shelf", _("Shelves")
        CATEGORY = "category", _("Kind of goods")
        GROUP = "group", _("Drug group")
        DRUGS = "drugs", _("Chosen drugs")
        CONTROLLED = "controlled", _("Controlled drugs")

    # The document that the differences are posted with carries the same number.
    number = ExactCharField(_("number"), max_length=20, unique=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(_("what is counted"), max_length=10, choices=Scope.choices)
    # The beginning of the shelves' names, or the kind of goods.
    scope_text = ExactCharField(max_length=20, blank=True)
    group = models.ForeignKey(DrugCategory, on_delete=models.PROTECT, null=True, related_name="+")
    drug_ids = models.JSONField(default=list)
    note = models.CharField(_("note"), max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    # The last batch whose line is written; a preparation that broke off goes on behind it.
    prepared_to = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    started_by = _person()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = _person(null=True)
    posted_at = models.DateTimeField(null=True, db_index=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = _person(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(
        StockDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The result, written once when all is posted. Money is of the whole scope.
    counted = models.PositiveIntegerField(null=True)
    right = models.PositiveIntegerField(null=True)
    book_cost = _money()
    book_price = _money()
    surplus_cost = _money()
    surplus_price = _money()
    loss_cost = _money()
    loss_price = _money()

    class Meta:
        verbose_name = _("stock-take")
        verbose_name_plural = _("stock-takes")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["preparing", "counting", "second", "to_confirm"]
                    + ["posting", "posted", "cancelled"]
                ),
                name="pharmacy_take_state",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="posted", posted_at__isnull=False, confirmed_by__isnull=False
                )
                | (~models.Q(state="posted") & models.Q(posted_at__isnull=True)),
                name="pharmacy_take_posted",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="cancelled") | models.Q(cancelled_by__isnull=False),
                name="pharmacy_take_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StockTakeLine(models.Model):
    """One batch of a stock-take: what the book said, what was counted, what became of it.

    A difference is that between a count and the book at the moment of that count, so what is
    handed out meanwhile makes none. The second count, where there is one, replaces the first.
    """

    class Reason(models.TextChoices):
        DISPENSING = "dispensing", _("Handed out wrongly")
        MIXED_UP = "mixed_up", _("Batches mixed up")
        NOT_BOOKED = "not_booked", _("Not booked")
        TYPED_WRONG = "typed_wrong", _("Booked wrongly")
        SPLIT = "split", _("Loss in splitting")
        BROKEN = "broken", _("Broken or spoilt")
        SUPPLIER = "supplier", _("Supplier's wrong number")
        MISSING = "missing", _("Missing, cause unknown")
        OTHER = "other", _("Other reason")

    take = models.ForeignKey(StockTake, on_delete=models.PROTECT, related_name="lines")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="take_lines")
    # The batch again while the take is open, null after: nothing is counted in two open takes.
    held = models.OneToOneField(Batch, on_delete=models.PROTECT, null=True, related_name="+")
    shelf = models.CharField(max_length=20, blank=True)
    # Found on the shelf though the list did not name it.
    found = models.BooleanField(default=False)
    book = models.PositiveIntegerField()  # when the take began, in base units like all below
    price = models.DecimalField(max_digits=10, decimal_places=2)  # of a pack, when it began
    first = models.PositiveIntegerField(null=True)
    first_expected = models.IntegerField(null=True)
    first_at = models.DateTimeField(null=True)
    first_by = _person(null=True)
    second = models.PositiveIntegerField(null=True)
    second_expected = models.IntegerField(null=True)
    second_at = models.DateTimeField(null=True)
    second_by = _person(null=True)
    # How often it was written down: whoever saw an older state does not write over a newer one.
    version = models.PositiveIntegerField(default=0)
    difference = models.IntegerField(null=True)  # of the latest count; null before the first
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    reason_words = models.CharField(max_length=200, blank=True)
    # How many units were left on the book when a loss of more was to be posted: counted again.
    left_when_posting = models.PositiveIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = _person(null=True)
    movement = models.OneToOneField(
        StockMovement, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("line of a stock-take")
        verbose_name_plural = _("lines of stock-takes")
        indexes = [models.Index(fields=["take", "shelf"], name="pharmacy_take_shelf")]
        constraints = [
            models.UniqueConstraint(fields=["take", "batch"], name="pharmacy_take_batch_once"),
            # Two people: nobody confirms what he counted himself.
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("first_by")),
                name="pharmacy_take_not_first",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | models.Q(second_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("second_by")),
                name="pharmacy_take_not_second",
            ),
            models.CheckConstraint(
                condition=models.Q(movement__isnull=True) | models.Q(confirmed_by__isnull=False),
                name="pharmacy_take_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.take_id}/{self.batch_id}"


class StockCount(AppendOnly):
    """Every count as it was written down, also one that was corrected later."""

    line = models.ForeignKey(StockTakeLine, on_delete=models.PROTECT, related_name="counts")
    round = models.PositiveSmallIntegerField()  # 1 or 2
    quantity = models.PositiveIntegerField()
    counted_at = models.DateTimeField()  # of a paper sheet: when it was counted, not typed
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = _person()

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity}"
