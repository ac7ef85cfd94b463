"""manage.py verify_encryption: open every sealed cell and compute every blind index again."""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from security import crypto, keyring
from security.fields import blind_indexes, encrypted_fields

BATCH = 500


class Command(BaseCommand):
    help = "Open every encrypted cell, recompute every blind index; exit status 1 on any fault."

    def add_arguments(self, parser):
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS)
        parser.add_argument("--batch", type=int, default=BATCH)

    def handle(self, *, database, batch, **options):
        try:
            keyring.ring()
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        rows = cells = faults = 0
        for model in apps.get_models(include_auto_created=True):
            if model._meta.proxy or not encrypted_fields(model):
                continue
            for pk, checked, found in check_model(model, database, batch):
                rows, cells = rows + 1, cells + checked
                for column, what in found:
                    faults += 1
                    self.stdout.write(f"{model._meta.label} {pk} {column}: {what}")
        self.stdout.write(f"{rows} rows, {cells} cells, {faults} faults")
        if faults:
            raise CommandError(f"{faults} faults were found; see the list above.")


def check_model(model, using, batch=BATCH):
    """Yield (pk, cells opened, [(column, fault)]) row by row, holding one batch at a time."""
    fields, indexes = encrypted_fields(model), blind_indexes(model)
    for row in _rows(model, using, batch, fields, indexes):
        opened, faults, count = {}, [], 0
        for field in fields:
            sealed = row[field.attname]
            if sealed is None:
                opened[field.name] = None
                continue
            count += 1
            try:
                opened[field.name] = field.open(sealed.envelope, row[field.row_attname])
            except crypto.CryptoError as error:
                faults.append((field.name, str(error)))
        for index in indexes:
            if index.source in opened:
                fault = _index_fault(index, opened[index.source], row[index.attname])
                if fault:
                    faults.append((index.name, fault))
        yield row["pk"], count, faults


def _rows(model, using, batch, fields, indexes):
    # By key, not by iterator(): MySQL's driver would load the whole result at once.
    columns = {f.attname for f in (*fields, *indexes)} | {f.row_attname for f in fields}
    rows = model._base_manager.using(using).order_by("pk")
    last = None
    while True:
        page = rows if last is None else rows.filter(pk__gt=last)
        found = list(page.values("pk", *columns)[:batch])
        yield from found
        if len(found) < batch:
            return
        last = found[-1]["pk"]


def _index_fault(index, value, stored):
    try:
        normalised = index.normalised(value)
    except ValidationError:
        return "the value can't be indexed"
    if normalised is None:
        return None if stored is None else "there is an index for an empty value"
    if stored is None:
        return "the index is missing"
    return None if stored in index.candidates(normalised) else "the index is not the value's own"
