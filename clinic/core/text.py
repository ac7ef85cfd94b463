"""Column helpers and the cleaning that all text typed by people goes through."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import lookups
from django.utils.translation import gettext_lazy as _

# MySQL's default collation takes different rare characters for equal; names, codes and numbers
# must differ when their code points differ. SQLite compares bytes by default.
BINARY = "utf8mb4_bin"


class ExactCharField(models.CharField):
    """A CharField that compares code point by code point on both databases."""

    def db_parameters(self, connection):
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = BINARY
        return parameters


class Exactly(models.Func):
    """A column of words compared code point by code point, where one question wants it so."""

    template = "%(expressions)s"
    arity, output_field = 1, ExactCharField()

    def as_mysql(self, compiler, connection, **context):
        return self.as_sql(
            compiler, connection, template=f"%(expressions)s COLLATE {BINARY}", **context
        )


def clean_text(value: str) -> str:
    """`value` without surrounding space; control characters and half surrogate pairs refused.

    Raises ValidationError in the user's language; never alters the text otherwise. Of a text in
    which nothing is to be seen, nothing is left: MySQL takes it for empty, and so does a reader.
    """
    for character in value:
        category = unicodedata.category(character)
        # U+FFFD is what Django makes of half a surrogate pair and other bytes that are no text.
        broken = category == "Cs" or character == "\ufffd"
        if broken or (category == "Cc" and character not in "\n\r\t"):
            raise ValidationError(
                _("The text contains a character that can't be stored. Please type it again."),
                code="character",
            )
    return value.strip() if any(map(_is_seen, value)) else ""


def _is_seen(character: str) -> bool:
    """Whether it shows where it stands alone: no space, no accent without its letter, no joiner."""
    parts = unicodedata.normalize("NFKC", character)  # a half-width ﾞ is such an accent
    kinds = map(unicodedata.category, parts)
    return any(kind[0] not in "MZ" and kind not in ("Cc", "Cf") for kind in kinds)


def row_number(text: str) -> int:
    """The number of a row as an address or a button carries it; 0, of which there is none, else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def half_width(value: str) -> str:
    """Full-width digits and letters as ASCII, as people with an input method type them."""
    return unicodedata.normalize("NFKC", value)


def prefix_range(field: str, prefix: str) -> dict:
    """Values that begin so, as the range of an index: LIKE would read the whole table on SQLite."""
    after = ord(prefix[-1]) + 1
    after = 0xE000 if after == 0xD800 else min(after, 0x10FFFF)  # no half of a pair
    return {f"{field}__gte": prefix, f"{field}__lt": prefix[:-1] + chr(after)}


@ExactCharField.register_lookup
class Like(models.Lookup):
    """`field__like="_b%"`: SQL's own pattern; for patterns of our own making, never typed ones."""

    lookup_name = "like"

    def as_sql(self, compiler, connection):
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", [*left_params, *right_params]


class _AnyCase:
    """`icontains` and its like mean capital and small letters alike, as on SQLite.

    MariaDB would compare them as the column does: code point by code point. In small letters they
    are still told apart where more than their case differs, unlike in a collation of words.
    """

    def process_lhs(self, compiler, connection, lhs=None):
        left, params = super().process_lhs(compiler, connection, lhs)
        return (f"LOWER({left})" if connection.vendor == "mysql" else left), params

    def get_rhs_op(self, connection, rhs):
        return super().get_rhs_op(
            connection, f"LOWER({rhs})" if connection.vendor == "mysql" else rhs
        )


for _kind in (lookups.IContains, lookups.IStartsWith, lookups.IEndsWith, lookups.IExact):
    ExactCharField.register_lookup(type(_kind.__name__, (_AnyCase, _kind), {}))
