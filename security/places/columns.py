"""Encrypted columns and blind indexes of a model, found by reflection."""

from django.core.exceptions import ValidationError

from security import crypto, keyring
from security.fields import blind_indexes, encrypted_fields
from security.places.base import Fault, TablePlace, key_counts, other_key, reflector


class ModelPlace(TablePlace):
    """The encrypted columns of one model's own table, and the indexes that follow them."""

    def __init__(self, model):
        self.model = model
        self.name = model._meta.label
        self.fields, self.indexes = encrypted_fields(model), blind_indexes(model)
        self.sources = {index.name: model._meta.get_field(index.source) for index in self.indexes}
        self.contexts = tuple(field.context for field in self.fields)
        names = {f.attname for f in (*self.fields, *self.indexes)}
        self.columns = tuple(sorted(names | {f.row_attname for f in self.fields}))

    def counts(self, using):
        found = {}
        for fields, purpose, first, length in (
            (self.fields, "data", 3, 2),
            (self.indexes, "index", 1, 1),
        ):
            for field in fields:
                cells = key_counts(using, self.table, field.column, first=first, length=length)
                for key_id, count in cells.items():
                    found[purpose, key_id] = found.get((purpose, key_id), 0) + count
        return found

    def old_where(self, purposes):
        parts = []
        if "data" in purposes:
            parts += [
                other_key(self.quoted(f.attname), "data", first=3, length=2) for f in self.fields
            ]
        if "index" in purposes:
            parts += [
                other_key(self.quoted(f.attname), "index", first=1, length=1) for f in self.indexes
            ]
        return f"({' OR '.join(parts)})" if parts else "1 = 0"

    def reseal(self, row, purposes):
        changed, faults, contents = {}, [], {}
        ring = keyring.ring()
        active = ring.active("data").id
        for field in self.fields if "data" in purposes else ():
            sealed = row[field.attname]
            if sealed is None:
                continue
            try:
                if crypto.key_id_of(sealed.envelope) != active:
                    content = self._content(field, row, contents)
                    new = crypto.seal(field.context, row[field.row_attname], content, field.kind)
                    changed[field.attname] = (sealed.envelope, new)
            except crypto.CryptoError as error:
                faults.append(Fault(self.name, row["pk"], field.name, str(error)))
        prefix = bytes((ring.active("index").id,))
        for index in self.indexes if "index" in purposes else ():
            stored = row[index.attname]
            if stored is None or stored.digest[:1] == prefix:
                continue
            try:
                new = self._new_index(index, row, stored, contents)
            except (crypto.CryptoError, ValueError, ValidationError) as error:
                what = str(error) if isinstance(error, crypto.CryptoError) else "no such value"
                faults.append(Fault(self.name, row["pk"], index.name, what))
            else:
                changed[index.attname] = (stored.digest, new.digest)
        return changed, faults

    def _content(self, field, row, contents) -> bytes:
        """The open bytes of one cell, opened once for each row."""
        if field.attname not in contents:
            contents[field.attname] = crypto.unseal(
                field.context, row[field.row_attname], row[field.attname].envelope, field.kind
            )
        return contents[field.attname]

    def _new_index(self, index, row, stored, contents):
        """The index under the active key, if the old one is that of the value."""
        source = self.sources[index.name]
        if row[source.attname] is None:
            raise crypto.CryptoError("there is an index for an empty value")
        value = source.decode(self._content(source, row, contents))
        normalised = index.normalised(value)
        candidates = [] if normalised is None else index.candidates(normalised)
        if stored not in candidates:
            raise crypto.CryptoError("the index is not the value's own")  # never mended silently
        return candidates[0]  # the active key's comes first

    def check(self, row):
        opened, faults, count = {}, [], 0
        for field in self.fields:
            sealed = row[field.attname]
            if sealed is None:
                opened[field.name] = None
                continue
            count += 1
            try:
                opened[field.name] = field.open(sealed.envelope, row[field.row_attname])
            except crypto.CryptoError as error:
                faults.append(Fault(self.name, row["pk"], field.name, str(error)))
        for index in self.indexes:
            if index.source in opened:
                fault = index_fault(index, opened[index.source], row[index.attname])
                if fault:
                    faults.append(Fault(self.name, row["pk"], index.name, fault))
        return count, faults


def index_fault(index, value, stored):
    """What is wrong with a stored blind index, None where it is the value's own."""
    try:
        normalised = index.normalised(value)
    except ValidationError:
        return "the value can't be indexed"
    if normalised is None:
        return None if stored is None else "there is an index for an empty value"
    if stored is None:
        return "the index is missing"
    return None if stored in index.candidates(normalised) else "the index is not the value's own"


@reflector
def of_model(model):
    return ModelPlace(model) if encrypted_fields(model) else None
