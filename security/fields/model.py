"""The base of every model with encrypted fields."""

import copy

from django.core.exceptions import FieldError, ValidationError
from django.db import models, router
from django.utils.translation import gettext_lazy as _

from clinic.core.made import made
from security.fields.base import ROW_UID, is_blind_index, is_encrypted
from security.fields.index import blind_indexes
from security.fields.query import EncryptedManager


class EncryptedRow:
    """Sees to what a field alone can't: index columns follow, copies get their own seal.

    No model itself, so that migrations keep it among the bases of their historical models.
    """

    # -- copying yes, pickling no --

    def __reduce__(self):
        raise TypeError(
            f"{self._meta.label} holds encrypted fields and is never pickled (no cache, no "
            "session): keep its primary key and fetch it again."
        )

    def __reduce_ex__(self, protocol):
        return self.__reduce__()

    def __copy__(self):
        return self._with_state(self.__getstate__())

    def __deepcopy__(self, memo):
        return self._with_state(copy.deepcopy(self.__getstate__(), memo), memo)

    def _with_state(self, state, memo=None):
        new = type(self).__new__(type(self))
        if memo is not None:
            memo[id(self)] = new
        for name, value in state.pop("_memoryview_attrs", ()):
            state[name] = memoryview(value)
        new.__dict__.update(state)
        return new

    # -- saving --

    def _save_table(
        self,
        raw=False,
        cls=None,
        force_insert=False,
        force_update=False,
        using=None,
        update_fields=None,
    ):
        # Here and not in save(): loaddata comes through save_base(raw=True), and a partly loaded
        # object gets its update_fields from Django, after save().
        meta = cls._meta
        self._give_copy_its_own_row(meta)
        if update_fields:
            self._refuse_new_row_uid_for_a_part()
            update_fields = _with_indexes(meta, update_fields)
        kept = self._seal_in_place(meta) if raw else {}
        try:
            return super()._save_table(
                raw=raw,
                cls=cls,
                force_insert=force_insert,
                force_update=force_update,
                using=using,
                update_fields=update_fields,
            )
        finally:
            self.__dict__.update(kept)
            if ROW_UID in self.__dict__:
                self._state.saved_row_uid = self.__dict__[ROW_UID]

    def _give_copy_its_own_row(self, meta):
        """`obj.pk = None; obj.save()` makes a new row: row_uid has to be new as well."""
        if self._is_pk_set(meta) or ROW_UID not in self.__dict__:
            return
        if self.row_uid == getattr(self._state, "saved_row_uid", None):
            self.row_uid = meta.get_field(ROW_UID).get_default()

    def _refuse_new_row_uid_for_a_part(self):
        known = getattr(self._state, "saved_row_uid", None)
        if known is not None and self.__dict__.get(ROW_UID, known) != known:
            raise FieldError(
                f"{self._meta.label}.row_uid is what the row's values are sealed for: it can't "
                "change while only some of them are saved."
            )

    def _seal_in_place(self, meta):
        """For a raw save, which asks no pre_save: put what the columns take into the attributes."""
        sealed, kept = {}, {}
        for field in meta.local_concrete_fields:
            if is_encrypted(field) or is_blind_index(field):
                kept[field.attname] = self.__dict__.get(field.attname)
                sealed[field.attname] = field.pre_save(self, add=False)
        for name in kept:
            if name in sealed and kept[name] is None and sealed[name] is not None:
                kept[name] = sealed[name]  # an index that was computed stays
        self.__dict__.update(sealed)
        return kept

    @classmethod
    def from_db(cls, db, field_names, values):
        new = made(cls, db, field_names, values)
        if ROW_UID in new.__dict__:
            new._state.saved_row_uid = new.__dict__[ROW_UID]
        return new

    # -- unique values --

    def _get_unique_checks(self, exclude=None, include_meta_constraints=False):
        unique, dates = super()._get_unique_checks(exclude, include_meta_constraints)
        own = {field.name for field in self._meta.concrete_fields if is_blind_index(field)}
        return [check for check in unique if not own.intersection(check[1])], dates

    def validate_unique(self, exclude=None):
        errors = {}
        try:
            super().validate_unique(exclude=exclude)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for index in self._meta.concrete_fields:
            if is_blind_index(index) and index.unique and index.source not in (exclude or ()):
                if self._value_taken(index):
                    label = self._meta.get_field(index.source).verbose_name
                    errors.setdefault(index.source, []).append(
                        ValidationError(
                            _(
                                "This %(field)s is already on another record. "
                                "Search for that record instead of making a second one."
                            ),
                            code="unique",
                            params={"field": label},
                        )
                    )
        if errors:
            raise ValidationError(errors)

    def _value_taken(self, index) -> bool:
        source = self._meta.get_field(index.source)
        normalised = index.normalised(source.current_value(self))
        if normalised is None:
            return False
        using = router.db_for_write(type(self), instance=self)
        same = type(self)._base_manager.using(using)
        same = same.filter(**{f"{index.name}__in": index.candidates(normalised)})
        return (same if self._state.adding else same.exclude(pk=self.pk)).exists()

    def validate_constraints(self, exclude=None):
        """A constraint over a blind index is asked whenever its source was given."""
        exclude = set(exclude or ())
        for index in self._meta.concrete_fields:
            if is_blind_index(index):
                if index.source in exclude:
                    exclude.add(index.name)
                else:
                    exclude.discard(index.name)
                    index.follow(self)
        super().validate_constraints(exclude=exclude)


EncryptedRow.__module__ = "security.fields"  # the name migrations know it by


class EncryptedModel(EncryptedRow, models.Model):
    """The base of a model with encrypted fields."""

    objects = EncryptedManager()

    class Meta:
        abstract = True


def _with_indexes(meta, update_fields):
    """update_fields and the index columns that follow a changed source."""
    names = set(update_fields)
    for index in blind_indexes(meta.model):
        source = meta.get_field(index.source)
        if source.name in names or source.attname in names:
            names.add(index.name)
    return frozenset(names)
