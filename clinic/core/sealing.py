"""How the ground floor encrypts without knowing the security floor.

security.apps registers its two functions here; drafts and stored files use them.
"""

from collections.abc import Callable
from uuid import UUID

_seal: Callable[[str, UUID, bytes], bytes] | None = None
_open: Callable[[str, UUID, bytes], bytes] | None = None


def register(*, seal, open_) -> None:
    """Called once, in the security app's ready()."""
    global _seal, _open
    _seal, _open = seal, open_


def seal(context: str, row: UUID, content: bytes) -> bytes:
    """`content` encrypted and bound to `context` and `row`."""
    return _seal(context, row, content)


def unseal(context: str, row: UUID, sealed: bytes) -> bytes:
    """The content again; raises when it was moved, damaged or sealed with another key."""
    return _open(context, row, sealed)
