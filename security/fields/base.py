"""The common ground of all encrypted fields: sealed on save, opened on first access.

A value that came from the database stays a `Sealed` in the instance's `__dict__` until somebody
reads the attribute; a list page that shows one of four columns opens one of four. On save every
value is sealed for the row's own UUID; a value nobody read is written back only after it opened.
"""

import base64
import binascii
import re
import uuid

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.fields import NOT_PROVIDED
from django.db.models.lookups import IsNull
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

from security import crypto
from security.fields.values import Sealed, SealedBytes, stored_bytes

ROW_UID = "row_uid"
ENVELOPE_PREFIX = "enc:1:"
CONTEXT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
SMALL_COLUMN = 256  # bytes; above that MySQL gets a blob, because a row's VARBINARYs share 65,535
POISON = "ENCRYPTED_COLUMN_CAN_ONLY_BE_SELECTED_OR_TESTED_FOR_NULL"


def is_encrypted(field) -> bool:
    return isinstance(field, EncryptedField)


def is_blind_index(field) -> bool:
    return getattr(field, "is_blind_index", False)


def encrypted_fields(model) -> list["EncryptedField"]:
    """The encrypted columns of this model's own table."""
    return [field for field in model._meta.local_concrete_fields if is_encrypted(field)]


def right_way(field) -> str:
    """How to do what was refused, for the message of a refusal."""
    model = field.model
    kinds = [
        f.find_name
        for f in model._meta.concrete_fields
        if is_blind_index(f) and f.source == field.name
    ]
    if kinds:
        calls = " or ".join(f"{model.__name__}.objects.find({kind}=…)" for kind in kinds)
        return f"use {calls}"
    return "it has no blind index, so only isnull can be asked; fetch the objects and compare"


def row_attname(model) -> str | None:
    """The attribute that names a row: the primary key if it is a UUID, else `row_uid`."""
    pk = model._meta.pk
    target = pk
    while target is not None and target.remote_field:
        target = target.target_field
    if isinstance(target, models.UUIDField):
        return pk.attname
    try:
        field = model._meta.get_field(ROW_UID)
    except FieldDoesNotExist:
        return None
    return field.attname if isinstance(field, models.UUIDField) else None


class EncryptedAttribute(DeferredAttribute):
    """Opens the value on first access.

    A data descriptor (it has `__set__`), else `__dict__` would shadow it; and the value lives
    under `__dict__[attname]`, else Django takes the field for deferred and does not save it.
    """

    def __init__(self, field):
        super().__init__(field)
        self.attname = field.attname
        self.row_attname = ""  # known once the model is complete

    def __get__(self, instance, cls=None):
        if instance is None:
            return self
        data, name = instance.__dict__, self.attname
        value = data[name] if name in data else super().__get__(instance, cls)
        if type(value) is Sealed:
            value = data[name] = self.field.open_for(instance, value)
        return value

    def __set__(self, instance, value):
        data = instance.__dict__
        if type(value) is Sealed and value.row is None:
            if not self.row_attname:
                self.row_attname = self.field.row_attname or ""
            value.row = data.get(self.row_attname)
        data[self.attname] = value


class GuardedCol(Col):
    """An encrypted column in a query: it may be selected, and nothing else.

    The queryset refuses sorting and computing with a kind message; where a query starts at another
    model, this makes the database refuse it instead of sorting by ciphertext.
    """

    def as_sql(self, compiler, connection):
        sql, params = super().as_sql(compiler, connection)
        return f"{POISON}({sql})", params

    def plain_sql(self, compiler, connection):
        return super().as_sql(compiler, connection)

    def select_format(self, compiler, sql, params):
        return self.plain_sql(compiler, compiler.connection)


class EncryptedIsNull(IsNull):
    def process_lhs(self, compiler, connection, lhs=None):
        lhs = lhs or self.lhs
        if isinstance(lhs, GuardedCol):
            return lhs.plain_sql(compiler, connection)
        return super().process_lhs(compiler, connection, lhs)


class EncryptedField(models.Field):
    """One encrypted column. Subclasses say how a value becomes bytes and back."""

    descriptor_class = EncryptedAttribute
    kind = crypto.TEXT

    def __init__(self, *args, context, **kwargs):
        self.context = context
        super().__init__(*args, **kwargs)

    # -- what subclasses say --

    def encode(self, value) -> bytes:
        raise NotImplementedError

    def decode(self, content: bytes):
        raise NotImplementedError

    def plain_to_python(self, value):
        """The typed value of something a form or a caller gave; ValidationError for junk."""
        raise NotImplementedError

    def longest(self) -> int | None:
        """The most bytes a value can take, None where there is no limit."""
        return None

    # -- definition --

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        kwargs["context"] = self.context
        return name, f"security.fields.{type(self).__name__}", args, kwargs

    def db_type(self, connection):
        if connection.vendor != "mysql":
            return "bytea" if connection.vendor == "postgresql" else "BLOB"
        longest = self.longest()
        size = crypto.sealed_length(longest) if longest is not None else None
        return f"varbinary({size})" if size and size <= SMALL_COLUMN else "mediumblob"

    @property
    def row_attname(self):
        found = self.__dict__.get("_row_attname")
        if found is None or found[0] is not self.model:
            found = self.__dict__["_row_attname"] = (self.model, row_attname(self.model))
        return found[1]

    # -- sealing and opening --

    def row_of(self, instance):
        name = self.row_attname
        row = getattr(instance, name) if name else None
        if row is None:
            raise crypto.CryptoError(
                f"{self.context}: {instance._meta.label} has no UUID for this row, so nothing can "
                "be sealed for it."
            )
        return row

    def open(self, envelope: bytes, row):
        """The typed value of an envelope that belongs to this column and row."""
        content = crypto.unseal(self.context, row, envelope, self.kind)
        try:
            return self.decode(content)
        except ValueError:
            raise crypto.CryptoError(
                f"{self.context} of row {row} opens, but holds no value of its type."
            ) from None

    def open_for(self, instance, sealed: Sealed):
        row = sealed.row if sealed.row is not None else self.row_of(instance)
        return self.open(sealed.envelope, row)

    def seal(self, value, row) -> SealedBytes:
        content = self.encode(self.plain_to_python(value))
        return SealedBytes(crypto.seal(self.context, row, content, self.kind))

    def pre_save(self, model_instance, add):
        """What goes into the column: None, the checked old envelope, or a new one."""
        row = self.row_of(model_instance)
        if self.attname not in model_instance.__dict__:
            getattr(model_instance, self.attname)  # deferred but asked for: load and open it
        value = model_instance.__dict__[self.attname]
        if value is None:
            return None
        if hasattr(value, "resolve_expression"):
            raise FieldError(
                f"{self}: an expression can't be computed on an encrypted column; "
                "assign the value itself."
            )
        if type(value) is Sealed:
            opened = self.open_for(model_instance, value)  # a wrong key stops here, before writing
            if value.row is None or crypto.row_bytes(value.row) == crypto.row_bytes(row):
                return SealedBytes(value.envelope)
            value = opened
        return self.seal(value, row)

    def current_value(self, instance):
        """The open value without keeping it open; what a blind index is computed from."""
        value = instance.__dict__.get(self.attname)
        if type(value) is Sealed:
            return self.open_for(instance, value)
        return value if hasattr(value, "resolve_expression") else self.plain_to_python(value)

    # -- to and from the database --

    def from_db_value(self, value, expression, connection):
        if type(value) is bytes:  # as nearly always
            return Sealed(value)
        return None if value is None else Sealed(stored_bytes(value))

    def get_prep_value(self, value):
        return value

    def get_db_prep_value(self, value, connection, prepared=False):
        if value is None:
            return None
        if type(value) is not SealedBytes:
            raise FieldError(
                f"{self} is encrypted: its column takes only what save() sealed. To search, "
                f"{right_way(self)}; to change, assign and save() or call encrypted_update(); a "
                "column added to an existing table needs null=True and no default."
            )
        return connection.Database.Binary(bytes(value))

    def get_db_prep_save(self, value, connection):
        return self.get_db_prep_value(value, connection)  # unlike Django's, takes no expression

    def get_placeholder(self, value, compiler, connection):
        return connection.ops.binary_placeholder_sql(value)

    # -- queries --

    def get_lookup(self, lookup_name):
        if lookup_name == "isnull":
            return EncryptedIsNull
        raise FieldError(
            f"{self} is encrypted and can't be searched with '{lookup_name}': {right_way(self)}."
        )

    def get_transform(self, lookup_name):
        raise FieldError(
            f"{self} is encrypted, so '{lookup_name}' of it can't be computed in the database: "
            "fetch the objects and compute there."
        )

    def get_col(self, alias, output_field=None):
        if output_field is None or output_field == self:
            return GuardedCol(alias, self)
        return GuardedCol(alias, self, output_field)

    @property
    def cached_col(self):
        return GuardedCol(self.model._meta.db_table, self)

    # -- validation --

    def to_python(self, value):
        """As `plain_to_python`, but also takes back what dumpdata wrote."""
        if isinstance(value, str) and value.startswith(ENVELOPE_PREFIX):
            envelope = _decode_envelope(value)
            if envelope is not None:
                return Sealed(envelope)
        return self.plain_to_python(value)

    def clean(self, value, model_instance):
        # Not to_python: what a user typed is never an envelope.
        value = self.plain_to_python(value)
        self.validate(value, model_instance)
        self.run_validators(value)
        return value

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if value is None or model_instance is None:
            return
        for field in model_instance._meta.concrete_fields:
            if is_blind_index(field) and field.source == self.name:
                field.normalised(value)

    # -- serialising --

    def value_to_string(self, obj):
        """dumpdata writes the envelope; the same row with the same keys takes it back."""
        envelope = self.pre_save(obj, add=False)
        return None if envelope is None else ENVELOPE_PREFIX + base64.b64encode(envelope).decode()

    # -- system checks --

    def check(self, **kwargs):
        return [*super().check(**kwargs), *self._check_definition()]

    def _check_definition(self):
        def error(text, number):
            return checks.Error(text, obj=self, id=f"clinic.E{number}")

        found = []
        if not isinstance(self.context, str) or not CONTEXT.fullmatch(self.context):
            found.append(error("context must be a label like 'patient.phone'.", 101))
        for name in ("primary_key", "unique", "db_index"):
            if getattr(self, name):
                found.append(error(f"An encrypted field can't have {name}=True.", 102))
        if self.db_default is not NOT_PROVIDED:
            found.append(error("An encrypted field can't have a db_default.", 103))
        if self.row_attname is None:
            found.append(
                error(
                    "A model with encrypted fields needs a UUID primary key, or: "
                    "row_uid = UUIDField(default=uuid.uuid4, unique=True, editable=False).",
                    104,
                )
            )
        elif self.row_attname == ROW_UID:
            row_field = self.model._meta.get_field(ROW_UID)
            if not row_field.unique or row_field.default is not uuid.uuid4:
                found.append(error("row_uid must be unique with default=uuid.uuid4.", 105))
        return found


def _decode_envelope(text):
    try:
        envelope = base64.b64decode(text[len(ENVELOPE_PREFIX) :], validate=True)
        crypto.key_id_of(envelope)
    except (binascii.Error, ValueError, crypto.CryptoError):
        return None
    return envelope


def refuse_type(value):
    """For `plain_to_python`: things that are certainly no plaintext."""
    if isinstance(value, (Sealed, bytes, bytearray, memoryview)):
        raise TypeError("An encrypted field takes the value itself, not sealed bytes.")


INVALID = _("This value can't be stored.")


def invalid(message=INVALID, code="invalid", **params):
    return ValidationError(message, code=code, params=params)
