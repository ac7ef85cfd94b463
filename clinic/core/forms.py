"""What every form of the clinic does with typed text."""

from django import forms

from clinic.core.text import clean_text, half_width


class CleanTextMixin:
    """Refuses characters that can't be stored and trims the rest, in every text field.

    Fields named in `half_width_fields` (numbers, codes, dates) are also turned from full-width
    into ASCII before they are checked.
    """

    half_width_fields: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField) and not isinstance(field, forms.FileField):
                self._wrap(field, narrow=name in self.half_width_fields)
            elif name in self.half_width_fields:
                self._narrow(field)

    @staticmethod
    def _wrap(field, *, narrow: bool) -> None:
        convert = field.to_python

        def to_python(value):
            if isinstance(value, str):
                value = clean_text(half_width(value) if narrow else value)
            return convert(value)

        field.to_python = to_python
        # Django's own NUL check would speak first and in its own words.
        field.validators = [v for v in field.validators if "NullCharacters" not in type(v).__name__]

    @staticmethod
    def _narrow(field) -> None:
        convert = field.to_python
        field.to_python = lambda value: convert(
            half_width(value).strip() if isinstance(value, str) else value
        )
