"""How a sheet is signed: the one place where a certificate can be plugged in (R-150, R-31).

A password and a picture of a signature are no reliable electronic signature. Until a clinic has
certificates (a key on USB or in a cloud, with a trusted time stamp) its sheets are printed and
signed by hand, and the program says so. A signer of certificates is named by its dotted path in
CLINIC_SIGNER; it is asked when the doctor submits, while the doctor is there with the key. What it
returns is kept in the signed head and later in the archive, which verifies it.
"""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from security import chain

# What the doctor wrote of a row and nobody changes after the submission.
SIGNED = (
    *("drug_id", "drug_name", "dosage_form", "strength", "pack_spec", "dose", "dose_unit"),
    *("route", "frequency", "days", "remark", "group", "drip", "herb_note", "quantity", "outside"),
)


# What comes to the head later: the signature itself, and who collects a narcotic.
LATER = {"signature", "extra"}


class Signer(Protocol):
    """Signs the digest of a sheet for a person, and says later whether that still holds."""

    name: str  # kept with each signature, so that it is known who can verify it
    words: object  # how sheets are signed, for the screen and the paper's reader

    def sign(self, *, digest: str, by) -> dict:
        """The record of the signature: plain values; `method` is `name`, `electronic` is True."""

    def verify(self, *, digest: str, record: dict) -> bool:
        """True when the record proves that its signer signed exactly this digest."""


class ByHand:
    """The default: the program signs nothing; the printed sheet is signed with a pen."""

    name = "by_hand"
    words = _("Printed and signed by hand. This is no electronic signature.")

    def sign(self, *, digest: str, by) -> dict:
        return {"method": self.name, "electronic": False}

    def verify(self, *, digest: str, record: dict) -> bool:
        """Nothing here proves a signature: that lies on the paper."""
        return False


@cache
def signer() -> Signer:
    """The clinic's way of signing."""
    return import_string(settings.CLINIC_SIGNER)()


def digest_of(head: dict, items: list[dict]) -> str:
    """The digest that is signed: the head, and of each row (as plain columns) what is written."""
    rows = [{name: str(item[name]) for name in SIGNED} for item in items]
    told = {name: value for name, value in head.items() if name not in LATER}
    return chain.digest({"head": told, "rows": rows})


def sign(head: dict, items: list, *, by) -> dict:
    """The signature of a sheet that is being submitted; `items` are its rows as read."""
    plain = [{name: getattr(item, name) for name in SIGNED} for item in items]
    return signer().sign(digest=digest_of(head, plain), by=by)


def holds(head: dict, items: list[dict]) -> bool:
    """True where an electronic signature is good, or where the pen on the paper is the signature.

    False also where its signer is no longer there to verify it.
    """
    record = head.get("signature") or {}
    if not record.get("electronic"):
        return True
    ours = signer()
    return ours.name == record["method"] and ours.verify(
        digest=digest_of(head, items), record=record
    )
