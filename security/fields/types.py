"""The encrypted fields by type of value."""

import datetime
import decimal
import json

from django import forms
from django.core.validators import DecimalValidator, MaxLengthValidator
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from security import crypto
from security.fields.base import EncryptedField, invalid, refuse_type
from security.fields.forms import EncryptedDateFormField, EncryptedDecimalFormField


class EncryptedTextField(EncryptedField):
    """Text; NULL stays NULL, the empty string is sealed like any other."""

    description = _("Encrypted text")
    kind = crypto.TEXT

    def __init__(self, *args, context, max_length=None, **kwargs):
        super().__init__(*args, context=context, max_length=max_length, **kwargs)
        if max_length is not None:
            self.validators.append(MaxLengthValidator(max_length))

    def longest(self):
        return None if self.max_length is None else 4 * self.max_length

    def plain_to_python(self, value):
        refuse_type(value)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, Promise) or not isinstance(value, (dict, list, tuple, set)):
            return str(value)
        raise invalid()

    def encode(self, value):
        try:
            return value.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            raise invalid(_("This text contains a character that can't be stored.")) from None

    def decode(self, content):
        return content.decode()

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if isinstance(value, str):
            self.encode(value)

    def formfield(self, **kwargs):
        options = {"max_length": self.max_length}
        if self.null:
            options["empty_value"] = None
        if (self.max_length is None or self.max_length > 200) and self.choices is None:
            options["widget"] = forms.Textarea
        return super().formfield(**{**options, **kwargs})


class EncryptedDateField(EncryptedField):
    """A calendar date."""

    description = _("Encrypted date")
    kind = crypto.DATE
    empty_strings_allowed = False

    def longest(self):
        return 10

    def plain_to_python(self, value):
        refuse_type(value)
        if value is None or (
            isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
        ):
            return value
        if isinstance(value, datetime.datetime):
            raise invalid(_("A date without a time is expected."))
        try:
            parsed = parse_date(value)
        except (TypeError, ValueError):
            parsed = None
        if parsed is None:
            raise invalid(_("A date like 2026-11-22 is expected."))
        return parsed

    def encode(self, value):
        return value.isoformat().encode()

    def decode(self, content):
        return datetime.date.fromisoformat(content.decode())

    def value_from_object(self, obj):
        # As text: serialisers write dates and numbers as they are and would skip the envelope.
        value = super().value_from_object(obj)
        return value.isoformat() if isinstance(value, datetime.date) else value

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": EncryptedDateFormField, **kwargs})


class EncryptedDecimalField(EncryptedField):
    """An exact number with a fixed count of decimals."""

    description = _("Encrypted number")
    kind = crypto.DECIMAL
    empty_strings_allowed = False

    def __init__(self, *args, context, max_digits, decimal_places, **kwargs):
        self.max_digits, self.decimal_places = max_digits, decimal_places
        super().__init__(*args, context=context, **kwargs)
        self.validators.append(DecimalValidator(max_digits, decimal_places))

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs.update(max_digits=self.max_digits, decimal_places=self.decimal_places)
        return name, path, args, kwargs

    def longest(self):
        return self.max_digits + 3

    def plain_to_python(self, value):
        refuse_type(value)
        if value is None:
            return value
        if isinstance(value, (float, bool)):  # a float is never exact
            raise invalid(_("An exact number is expected."))
        try:
            number = decimal.Decimal(value)
        except (decimal.InvalidOperation, TypeError, ValueError):
            raise invalid(_("A number is expected.")) from None
        if not number.is_finite():
            raise invalid(_("A number is expected."))
        return number

    def encode(self, value):
        step = decimal.Decimal(1).scaleb(-self.decimal_places)
        try:
            with decimal.localcontext(decimal.Context(prec=self.max_digits)):
                rounded = value.quantize(step)
        except decimal.InvalidOperation:
            raise invalid(_("This number has too many digits.")) from None
        return format(rounded, "f").encode()

    def decode(self, content):
        try:
            return decimal.Decimal(content.decode())
        except decimal.InvalidOperation:
            raise ValueError("not a number") from None

    def value_from_object(self, obj):
        value = super().value_from_object(obj)
        return format(value, "f") if isinstance(value, decimal.Decimal) else value

    def formfield(self, **kwargs):
        return super().formfield(
            **{
                "form_class": EncryptedDecimalFormField,
                "max_digits": self.max_digits,
                "decimal_places": self.decimal_places,
                **kwargs,
            }
        )


class EncryptedJSONField(EncryptedField):
    """An object or a list; single values belong into a field of their own type."""

    description = _("Encrypted JSON")
    kind = crypto.JSON
    empty_strings_allowed = False

    def plain_to_python(self, value):
        refuse_type(value)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise invalid(_("JSON is expected.")) from None
        if value is not None and not isinstance(value, (dict, list)):
            raise invalid(_("An object or a list is expected."))
        return value

    def encode(self, value):
        try:
            text = json.dumps(
                value,
                sort_keys=True,
                separators=(",", ":"),
                ensure_ascii=False,
                allow_nan=False,
            )
            return text.encode()
        except (TypeError, ValueError, RecursionError):
            raise invalid() from None

    def decode(self, content):
        return json.loads(content)

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if value is not None:
            self.encode(value)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": forms.JSONField, **kwargs})
