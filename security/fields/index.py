"""Blind indexes: keyed digests beside an encrypted value, so that an exact question finds it."""

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import IntegrityError, models, router
from django.utils.translation import gettext_lazy as _

from security import crypto, keyring
from security.fields.base import CONTEXT, encrypted_fields, is_encrypted
from security.fields.values import IndexValue, stored_bytes
from security.normalise import NORMALISERS

ALLOWED_LOOKUPS = ("exact", "in", "isnull")


def blind_indexes(model) -> list["BlindIndexField"]:
    """The blind indexes in this model's own table."""
    return [f for f in model._meta.local_concrete_fields if isinstance(f, BlindIndexField)]


class BlindIndexField(models.Field):
    """Follows the encrypted field `source` by itself; nobody assigns it.

    Searched through `objects.find(<name without _index>=…)`. NULL where the source is NULL or
    empty. Not serialised: loaddata computes it again.
    """

    description = _("Blind index")
    is_blind_index = True
    empty_strings_allowed = False

    def __init__(self, *args, source, context, normalise, bits=128, **kwargs):
        self.source, self.context = source, context
        self.normalise, self.bits = normalise, bits
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("serialize", False)
        kwargs.setdefault("db_index", not kwargs.get("unique", False))
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        for option in ("null", "blank"):
            if kwargs.get(option):
                del kwargs[option]
            else:
                kwargs[option] = False
        for option in ("editable", "serialize"):
            if option in kwargs:
                del kwargs[option]
            else:
                kwargs[option] = True
        if kwargs.pop("db_index", False) == bool(kwargs.get("unique")):
            kwargs["db_index"] = self.db_index
        kwargs.update(source=self.source, context=self.context, normalise=self.normalise)
        if self.bits != 128:
            kwargs["bits"] = self.bits
        return name, "security.fields.BlindIndexField", args, kwargs

    def db_type(self, connection):
        if connection.vendor != "mysql":
            return "bytea" if connection.vendor == "postgresql" else "BLOB"
        return f"varbinary({crypto.index_length(self.bits)})"

    @property
    def find_name(self) -> str:
        """The keyword of find()."""
        return self.name.removesuffix("_index")

    # -- computing --

    def normalised(self, value) -> str | None:
        """The spelling that is indexed; None where there is nothing to index."""
        if value is None or value == "":
            return None
        try:
            return NORMALISERS[self.normalise][0](value)
        except ValueError:
            raise ValidationError(
                _("This can't be a phone number: type digits only.")
                if self.normalise != "id_number"
                else _("This can't be a document number: type letters and digits only."),
                code="invalid",
            ) from None

    def compute(self, value) -> IndexValue | None:
        normalised = self.normalised(value)
        if normalised is None:
            return None
        return IndexValue(crypto.blind_index(self.context, normalised, self.bits))

    def candidates(self, normalised: str) -> list[IndexValue]:
        """Every stored form this spelling may have while index keys are being changed."""
        found = crypto.index_candidates(self.context, normalised, self.bits)
        return [IndexValue(digest) for digest in found]

    def asked(self, question) -> str | None:
        """The spelling of a question; None where nothing stored can be equal to it."""
        try:
            return NORMALISERS[self.normalise][1](question)
        except ValueError:
            return None

    def holds(self, row, spelling: str) -> bool:
        """Whether this row's open value really is what was asked for."""
        try:
            return self.normalised(getattr(row, self.source)) == spelling
        except ValidationError:
            return False

    def pre_save(self, model_instance, add):
        index = self.follow(model_instance)
        if self.unique and index is not None:
            self._refuse_taken_under_an_older_key(model_instance)
        return index

    def follow(self, instance) -> IndexValue | None:
        """Set the index of this instance to that of its source."""
        source = instance._meta.get_field(self.source)
        if source.attname not in instance.__dict__:  # not loaded, so not changed either
            return getattr(instance, self.attname)
        try:
            index = self.compute(source.current_value(instance))
        except ValidationError as error:
            raise ValidationError({self.source: error.error_list}) from None
        setattr(instance, self.attname, index)
        return index

    def _refuse_taken_under_an_older_key(self, instance):
        """While index keys change, the database's constraint sees only equal keys."""
        if len(keyring.ring().usable("index")) == 1:
            return
        value = instance._meta.get_field(self.source).current_value(instance)
        _active, *older = self.candidates(self.normalised(value))
        manager = self.model._base_manager.using(router.db_for_write(self.model, instance=instance))
        same = manager.filter(**{f"{self.name}__in": older}).exclude(pk=instance.pk)
        if same.exists():
            raise IntegrityError(f"UNIQUE constraint failed: {self} (under an older index key)")

    # -- to and from the database --

    def from_db_value(self, value, expression, connection):
        return None if value is None else IndexValue(stored_bytes(value))

    def to_python(self, value):
        if value is None or isinstance(value, IndexValue):
            return value
        raise ValidationError(_("A blind index is computed, never given."), code="invalid")

    def get_prep_value(self, value):
        return value

    def get_db_prep_value(self, value, connection, prepared=False):
        if value is None:
            return None
        if not isinstance(value, IndexValue):
            raise FieldError(
                f"{self} is a blind index: it follows {self.source} by itself. To search, use "
                f"{self.model.__name__}.objects.find({self.find_name}=…)."
            )
        return connection.Database.Binary(value.digest)

    def get_db_prep_save(self, value, connection):
        return self.get_db_prep_value(value, connection)

    def get_placeholder(self, value, compiler, connection):
        return connection.ops.binary_placeholder_sql(value)

    def get_lookup(self, lookup_name):
        if lookup_name in ALLOWED_LOOKUPS:
            return super().get_lookup(lookup_name)
        raise FieldError(
            f"{self} is a blind index and can't be searched with '{lookup_name}': use "
            f"{self.model.__name__}.objects.find({self.find_name}=…)."
        )

    def get_transform(self, lookup_name):
        raise FieldError(f"{self} is a blind index; nothing can be computed from it.")

    def formfield(self, **kwargs):
        return None

    # -- system checks --

    def check(self, **kwargs):
        return [*super().check(**kwargs), *self._check_definition()]

    def _check_definition(self):
        def error(text, number):
            return checks.Error(text, obj=self, id=f"clinic.E{number}")

        found = []
        if not isinstance(self.context, str) or not CONTEXT.fullmatch(self.context):
            found.append(error("context must be a label like 'patient.phone'.", 101))
        if self.normalise not in NORMALISERS:
            found.append(error(f"normalise must be one of {', '.join(NORMALISERS)}.", 111))
        if type(self.bits) is not int or not 8 <= self.bits <= 256:
            found.append(error("bits must be a number from 8 to 256.", 112))
        elif self.unique and self.bits < 128:
            found.append(error("A unique blind index needs 128 bits or more.", 113))
        if not self.null:
            found.append(error("A blind index must allow NULL: an empty source has none.", 114))
        try:
            source = self.model._meta.get_field(self.source)
        except FieldDoesNotExist:
            source = None
        if not is_encrypted(source) or source not in encrypted_fields(self.model):
            found.append(error("source must name an encrypted field of the same model.", 115))
        return found
