"""How a sheet is signed: the one place where a certificate can be plugged in (R-150, R-31).

A password and a picture of a signature are no reliable electronic signature. Until a clinic has
certificates (a key on USB or in a cloud, with a trusted time stamp) its sheets are printed and
signed by hand, and the program says so. A signer of certificates is named by its dotted path in
the setting CLINIC_SIGNER; it gets the digest of the document and returns what proves the signature,
which the archive keeps in the document's chain.
"""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class Signer(Protocol):
    """Signs the digest of a document for a person, and says later whether that still holds."""

    name: str  # kept with each signature, so that it is known who can verify it
    words: object  # how sheets are signed, for the screen and the paper's reader

    def sign(self, *, digest: str, by) -> dict:
        """The record of the signature: plain values, with `method` = `name`."""

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
    return import_string(getattr(settings, "CLINIC_SIGNER", f"{__name__}.{ByHand.__name__}"))()
