"""Documents of which each holds the digest of the one before (R-148).

Whoever alters one, leaves one out or changes their order is seen: the digests no longer fit.
"""

import hashlib
import json

FIRST = "-"  # before the first one there is none


def canonical(content: dict) -> str:
    """The same text for the same content, whatever the order of its keys."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(content: dict) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()
