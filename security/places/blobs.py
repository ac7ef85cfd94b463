"""Sealed bytes in a BinaryField."""

from django.apps import apps
from django.utils.functional import cached_property

from security import crypto
from security.fields.values import stored_bytes
from security.places.base import Fault, TablePlace, key_counts, other_key


class BlobColumn(TablePlace):
    """A BinaryField that holds what `seal_blob(context, <row column>, …)` gave."""

    def __init__(self, model: str, column: str, *, context: str, row: str):
        self.label, self.column, self.row = model, column, row
        self.name = f"{model}.{column}"
        self.contexts = (context,)
        self.columns = (column, row)

    @cached_property
    def model(self):
        return apps.get_model(self.label)

    def counts(self, using):
        column = self.model._meta.get_field(self.column).column
        cells = key_counts(using, self.table, column, first=3, length=2)
        return {("data", key_id): count for key_id, count in cells.items()}

    def old_where(self, purposes):
        if "data" not in purposes:
            return "1 = 0"
        return other_key(self.quoted(self.column), "data", first=3, length=2)

    def reseal(self, row, purposes):
        old = stored_bytes(row[self.column])
        context, owner = self.contexts[0], row[self.row]
        try:
            new = crypto.seal_blob(context, owner, crypto.open_blob(context, owner, old))
        except crypto.CryptoError as error:
            return {}, [Fault(self.label, row["pk"], self.column, str(error))]
        return {self.column: (old, new)}, []

    def check(self, row):
        if row[self.column] is None:
            return 0, []
        try:
            crypto.open_blob(self.contexts[0], row[self.row], stored_bytes(row[self.column]))
        except crypto.CryptoError as error:
            return 1, [Fault(self.label, row["pk"], self.column, str(error))]
        return 1, []
