"""Every place where something sealed lies: counted, rotated and verified by the same walk.

Encrypted columns and blind indexes are found by reflection. Whoever calls `crypto.seal_blob` or
`clinic.core.sealing.seal` registers where the result is kept (a test compares); for a BinaryField
that is one line in the app's ready()::

    places.register(BlobColumn("core.Draft", "content", context="core.draft", row="id"))
"""

from security.places.base import (
    Fault,
    Place,
    Progress,
    all_places,
    key_counts,
    register,
    registered,
)
from security.places.blobs import BlobColumn
from security.places.columns import ModelPlace

__all__ = [
    "BlobColumn",
    "Fault",
    "ModelPlace",
    "Place",
    "Progress",
    "all_places",
    "key_counts",
    "register",
    "registered",
]
