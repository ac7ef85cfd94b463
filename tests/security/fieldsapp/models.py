import uuid

from django.db import models

from security.fields import (
    BlindIndexField,
    EncryptedDateField,
    EncryptedDecimalField,
    EncryptedJSONField,
    EncryptedModel,
    EncryptedTextField,
)


class Person(EncryptedModel):
    """A row named by its UUID primary key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=50)
    id_number = EncryptedTextField(
        context="test.person.id_number", max_length=30, null=True, blank=True
    )
    id_number_index = BlindIndexField(
        source="id_number", context="test.person.id_number", normalise="id_number", unique=True
    )
    phone = EncryptedTextField(context="test.person.phone", max_length=20, null=True, blank=True)
    phone_index = BlindIndexField(source="phone", context="test.person.phone", normalise="phone")
    phone_last4_index = BlindIndexField(
        source="phone", context="test.person.phone_last4", normalise="phone_last4", bits=12
    )
    address = EncryptedTextField(
        context="test.person.address", max_length=200, blank=True, default=""
    )
    story = EncryptedTextField(context="test.person.story", null=True, blank=True)
    born = EncryptedDateField(context="test.person.born", null=True, blank=True)
    weight = EncryptedDecimalField(
        context="test.person.weight", max_digits=6, decimal_places=2, null=True, blank=True
    )
    facts = EncryptedJSONField(context="test.person.facts", null=True, blank=True)

    class Meta:
        app_label = "fieldsapp"


class Visit(EncryptedModel):
    """A row with a number as primary key; row_uid names it."""

    row_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    complaint = EncryptedTextField(context="test.visit.complaint", max_length=100)

    class Meta:
        app_label = "fieldsapp"


class Slip(models.Model):
    """Knows nothing of encryption, but points at somebody who does."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT)

    class Meta:
        app_label = "fieldsapp"


class Worker(Person):
    """Inherits a table with encrypted columns and adds one."""

    badge = EncryptedTextField(context="test.worker.badge", max_length=20, null=True)

    class Meta:
        app_label = "fieldsapp"


class Card(EncryptedModel):
    """Unique over a plain column and an encrypted one together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=2)
    number = EncryptedTextField(context="test.card.number", max_length=30)
    number_index = BlindIndexField(
        source="number", context="test.card.number", normalise="id_number"
    )

    class Meta:
        app_label = "fieldsapp"
        constraints = [
            models.UniqueConstraint(fields=["kind", "number_index"], name="fieldsapp_card_one")
        ]
