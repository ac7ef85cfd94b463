"""The code of an online booking: short enough to be said on the telephone, too long to be guessed.

Nine characters of thirty-two are 45 bits. It follows from the form's own random mark, so that a
form sent twice leads to the same booking and its code never stands in an address or a session.
"""

from django.utils.crypto import salted_hmac

# No I, L, O, U: nobody has to ask which of two letters it is.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 9
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_for(nonce: str) -> str:
    """The code that belongs to this form's random mark; nobody can tell one from the other."""
    digest = salted_hmac("registration.booking_code", nonce, algorithm="sha256").digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:LENGTH])


def clean_code(text: str) -> str:
    """As it is stored, however it was typed."""
    bare = "".join(c for c in text.upper() if c.isalnum())
    return bare.translate(_LIKE)


def spaced(code: str) -> str:
    """In threes, as it is read out: K7Q M2X 9DT."""
    return " ".join(code[n : n + 3] for n in range(0, len(code), 3))
