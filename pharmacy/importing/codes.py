"""Codes of drugs whose list has none: Y00001 and so on."""

from collections.abc import Iterator

from clinic.core.numbers import next_numbers
from pharmacy.models import Drug

AT_ONCE = 5


def new_codes() -> Iterator[str]:
    """Codes that no drug bears; some are taken at a time, and what is left over is not used."""
    while True:
        codes = [f"Y{number:05d}" for number in next_numbers("drug.import", AT_ONCE)]
        taken = set(Drug.objects.filter(code__in=codes).values_list("code", flat=True))
        yield from (code for code in codes if code not in taken)
