"""Envelopes made once, under fixed keys: they must open for ever, whatever the code becomes."""

import base64
import datetime
import decimal
import json
import uuid
from pathlib import Path

import pytest

from security import crypto
from security.fields import (
    EncryptedDateField,
    EncryptedDecimalField,
    EncryptedJSONField,
    EncryptedTextField,
)
from security.normalise import NORMALISERS

pytestmark = pytest.mark.usefixtures("fixed_ring")
FROZEN = json.loads((Path(__file__).parent / "data" / "envelopes.json").read_text())

FIELDS = {
    "text": lambda context: EncryptedTextField(context=context),
    "date": lambda context: EncryptedDateField(context=context),
    "decimal": lambda context: EncryptedDecimalField(
        context=context, max_digits=20, decimal_places=4
    ),
    "json": lambda context: EncryptedJSONField(context=context),
}
TYPES = {"date": datetime.date.fromisoformat, "decimal": decimal.Decimal}


def test_there_are_fifty_of_them():
    """Of every kind, on both sides of every step of the padding, under more keys than one."""
    made = FROZEN["envelopes"]
    lengths = {len(bytes.fromhex(blob["hex"])) for blob in FROZEN["blobs"]}

    assert len(made) == 50
    assert {envelope["kind"] for envelope in made} == FIELDS.keys()
    assert {0, 26, 27, 28, 251, 252, 507, 508} <= lengths
    for family in (made, FROZEN["blobs"]):
        assert {crypto.key_id_of(base64.b64decode(m["envelope"])) for m in family} == {1, 258}
    assert {made["bits"] % 8 for made in FROZEN["indexes"]} == {0, 4, 5, 7}
    assert {made.get("label", "row") for made in FROZEN["macs"]} >= {"row", "seal"}


@pytest.mark.parametrize("made", FROZEN["envelopes"], ids=lambda made: made["row"][:8])
def test_a_frozen_envelope_opens(made):
    field = FIELDS[made["kind"]](made["context"])
    expected = TYPES.get(made["kind"], lambda value: value)(made["value"])

    value = field.open(base64.b64decode(made["envelope"]), uuid.UUID(made["row"]))

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("made", FROZEN["blobs"], ids=lambda made: made["row"][:8])
def test_a_frozen_blob_opens(made):
    envelope = base64.b64decode(made["envelope"])

    content = crypto.open_blob(made["context"], uuid.UUID(made["row"]), envelope)

    assert content.hex() == made["hex"]


@pytest.mark.parametrize("made", FROZEN["indexes"], ids=lambda made: made["context"])
def test_a_frozen_index_is_found(made):
    normalised = NORMALISERS[made["normalise"]][0](made["value"])

    found = crypto.index_candidates(made["context"], normalised, made["bits"])

    assert [digest.hex() for digest in found] == made["candidates"]


@pytest.mark.parametrize("made", FROZEN["macs"], ids=lambda made: made["uid"][:8])
def test_a_frozen_audit_mac_verifies(made):
    mac = bytes.fromhex(made["mac"])

    label = made.get("label", "row")
    assert crypto.verify_audit_mac(made["payload"].encode(), uuid.UUID(made["uid"]), mac, label)


@pytest.mark.parametrize("made", FROZEN["digests"], ids=lambda made: made["digest"][:8])
def test_a_frozen_digest_stays_the_same(made):
    assert crypto.lasting_digest(made["context"], made["text"]) == made["digest"]
