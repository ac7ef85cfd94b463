"""Every setting as the administrator's list shows it, changed or not."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from clinic.core.models import Setting
from clinic.core.site import DEFINITIONS, Definition


@dataclass(frozen=True)
class InForce:
    """A setting as the list shows it; `own` is the site's row, None while the default counts."""

    definition: Definition
    own: Setting | None

    @property
    def value(self) -> str:
        """In words, or what the row says when that makes no sense."""
        if self.own is None or self.is_senseless:
            return self.own.value if self.own else self.definition.default_words
        return self.definition.words_of(self.definition.parse(self.own.value))

    @property
    def is_senseless(self) -> bool:
        """The row fits neither type nor range: the default is in force all the same."""
        try:
            self.definition.parse(self.own.value if self.own else self.definition.stored_default)
        except ValidationError:
            return True
        return False


def in_force(words: str = "") -> list[InForce]:
    """Every setting, or those whose key, meaning or value holds all of the words."""
    own = {row.key: row for row in Setting.objects.all()}
    rows = [InForce(definition, own.get(key)) for key, definition in DEFINITIONS.items()]
    asked = words.lower().split()
    return [
        row
        for row in rows
        if all(
            one in f"{row.definition.key} {row.definition.meaning} {row.value}".lower()
            for one in asked
        )
    ]
