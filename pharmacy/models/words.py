"""What a drug can be found by: every word and every part of its name, each an index look-up."""

from django.db import models

from clinic.core.text import ExactCharField
from pharmacy.models.drugs import Drug

LONGEST = 60


class DrugWord(models.Model):
    """Text that a search may begin with. A name is here once from each of its characters on.

    So "莫西林" is found like "阿莫西林" is: as a range of the index. Kept by pharmacy.words.
    """

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="words")
    word = ExactCharField(max_length=LONGEST)
    # 0: a whole name, code or number begins so; 1: a part of a name does.
    tier = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = "word of a drug"
        verbose_name_plural = "words of drugs"
        indexes = [models.Index(fields=["word", "tier", "drug"], name="pharmacy_word")]

    def __str__(self) -> str:
        return self.word
