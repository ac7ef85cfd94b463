"""Identifiers that come from outside and are going to be written."""

import uuid


def identifier(text: str | uuid.UUID | None) -> uuid.UUID | None:
    """The identifier in `text`, or None where it is none that we give: a random UUID (RFC 4122).

    Python takes any 128 bits for one; MariaDB's type refuses to write some of those whose version
    is above 7, and that would be a fault instead of an answer.
    """
    try:
        found = uuid.UUID(str(text or ""))
    except ValueError:
        return None
    return found if found.version == 4 else None
