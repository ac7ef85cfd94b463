"""What the review leaves on a sheet and its moves; sites without a pharmacist (R-3, R-33)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from security.fields import EncryptedJSONField


class ReviewedAs(models.TextChoices):
    """As what the reviewer acted, where it was no pharmacist of the house (R-33, R-177)."""

    REMOTE = "remote", _("Remote review")
    SECOND = "second", _("No pharmacist: second person")


class Mark(models.TextChoices):
    """What a move means beside the state it leads to (R-38)."""

    INSISTED = "insisted", _("Insisted on")
    REFUSED = "refused", _("Refused")
    REMOTE = ReviewedAs.REMOTE.value, ReviewedAs.REMOTE.label
    SECOND = ReviewedAs.SECOND.value, ReviewedAs.SECOND.label


class Reviewed(models.Model):
    """How the sheet as it stands was reviewed; all of it begins anew when it is submitted again."""

    reviewed_as = models.CharField(max_length=10, choices=ReviewedAs.choices, blank=True)
    # The doctor sent it again unchanged and signed once more: it goes to the evaluation.
    insisted_at = models.DateTimeField(null=True)
    # An assistant's sheet waits for a doctor of this department.
    countersign_in = models.ForeignKey(
        "registration.Department", on_delete=models.PROTECT, null=True, related_name="+"
    )
    countersigner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    countersigned_at = models.DateTimeField(null=True)
    # One person reviewed and handed out, and signed again for the second duty.
    double_signed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Objection(models.Model):
    """What a move says beside its reason in words."""

    mark = models.CharField(max_length=10, choices=Mark.choices, blank=True)
    # Items of the evaluation (prescriptions.rules.items) in one row: "2-5;2-7".
    codes = models.CharField(max_length=160, blank=True)
    # {"remarks": [[row's id, drug, words]], "content": digest of the sheet as it was returned}
    details = EncryptedJSONField(context="prescription_event.details", null=True)

    class Meta:
        abstract = True

    @property
    def items(self) -> list[str]:
        return self.codes.split(";") if self.codes else []

    @property
    def remarks(self) -> list:
        return (self.details or {}).get("remarks", [])


class NoPharmacist(models.Model):
    """An administrator's declaration that nobody here is a pharmacist, while it holds (R-177)."""

    reason = models.CharField(_("why there is no pharmacist"), max_length=200)
    licence = models.CharField(_("text of the licence or approval that allows it"), max_length=500)
    since = models.DateTimeField(_("since"), auto_now_add=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("who declared it"),
    )
    ended_at = models.DateTimeField(_("until"), null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("who ended it"),
    )

    class Meta:
        verbose_name = _("time without a pharmacist")
        verbose_name_plural = _("times without a pharmacist")
        ordering = ["-since"]

    def __str__(self) -> str:
        return self.reason[:40]
