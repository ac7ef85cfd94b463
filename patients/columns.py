"""The last check before a row is written, for callers that came past no form."""

from django.core.exceptions import ValidationError

from clinic.core.errors import RuleBroken


def check_columns(row, *, exclude: set[str]) -> None:
    """Lengths, choices and storable characters of every column, as a message for the user."""
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise RuleBroken(messages[0], field=field) from None
