"""Numbers printed beforehand for the hours in which nothing works (R-106, R-178)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from registration.models.places import Clinician

MOST_ON_SHEET = 40


class EmergencySheet(AppendOnly):
    """A printed sheet: so many numbers of one doctor, never printed again and never reused."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="sheets")
    first = models.PositiveSmallIntegerField()
    count = models.PositiveSmallIntegerField(
        _("numbers on the sheet"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_ON_SHEET)],
    )
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("sheet of emergency numbers")
        verbose_name_plural = _("sheets of emergency numbers")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinician", "first"], name="registration_sheet_numbers_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clinician_id} {self.first}+{self.count}"

    @property
    def numbers(self) -> list[str]:
        """AE01, AE02, …: the doctor's letter, E for emergency, a number that goes on for ever."""
        letter = self.clinician.letter
        return [paper_number(letter, n) for n in range(self.first, self.first + self.count)]


def paper_number(letter: str, number: int) -> str:
    return f"{letter}E{number:02d}"
