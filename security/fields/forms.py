"""Form fields whose initial value comes as text (see `value_from_object` of the model fields)."""

from django import forms


class _InitialAsText:
    def has_changed(self, initial, data):
        if isinstance(initial, str) and initial:
            initial = self.to_python(initial)
        return super().has_changed(initial, data)


class EncryptedDateFormField(_InitialAsText, forms.DateField):
    pass


class EncryptedDecimalFormField(_InitialAsText, forms.DecimalField):
    pass
