"""Sides of an interaction that no drug of the library carries: such a pair says nothing (R-157)."""

from pharmacy.models import Drug, Interaction

SIDES = (("a_type", "a_value"), ("b_type", "b_value"))


class Library:
    """The ingredients and classes of the drugs in use, asked once."""

    def __init__(self):
        rows = list(Drug.objects.filter(active=True).values_list("ingredients", "class_tags"))
        self.names = {
            "ingredient": {name for of, _tags in rows for name in _split(of)},
            "class_tag": {name for _of, tags in rows for name in _split(tags)},
        }

    def strangers(self, values: dict) -> list[str]:
        """Which of the two sides (a_type, a_value …) is nobody's; a slip of the pen, or a drug that
        is not kept here."""
        return [
            values[name]
            for kind, name in SIDES
            if values.get(name) and values[name] not in self.names.get(values.get(kind), ())
        ]

    def strangers_of(self, pair: Interaction) -> list[str]:
        return self.strangers({name: getattr(pair, name) for side in SIDES for name in side})


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
