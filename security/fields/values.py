"""What stands for an encrypted value while it is not open: no part of it can be seen."""

MASK = "••••"


def _refuse(what):
    def refuse(self, *args):
        raise TypeError(
            f"A sealed value can't be {what}; fetch the object and read the attribute, which "
            "opens it."
        )

    return refuse


def stored_bytes(value) -> bytes:
    """The bytes of a cell. SQLite also stores text or a number there; neither ever opens."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return str(value).encode("utf-8", "surrogateescape")


class Sealed:
    """The envelope of one cell as it came from the database.

    It prints as bullets and refuses to be compared, hashed, tested or pickled, so that neither
    ciphertext nor plaintext reaches a page, a cache or a log by accident.
    """

    __slots__ = ("envelope", "row")

    def __init__(self, envelope: bytes, row=None):
        self.envelope = envelope
        self.row = row

    def __str__(self):
        return MASK

    __repr__ = __str__

    def __format__(self, spec):
        return MASK

    def __copy__(self):
        return Sealed(self.envelope, self.row)

    def __deepcopy__(self, memo):
        return Sealed(self.envelope, self.row)

    __eq__ = _refuse("compared")
    __ne__ = _refuse("compared")
    __lt__ = __le__ = __gt__ = __ge__ = _refuse("compared")
    __hash__ = _refuse("hashed")
    __bool__ = _refuse("tested")
    __len__ = _refuse("measured")
    __iter__ = _refuse("read piece by piece")
    __reduce__ = _refuse("pickled")
    __reduce_ex__ = _refuse("pickled")


class SealedBytes(bytes):
    """An envelope made for one cell: the only thing an encrypted column accepts."""

    def __str__(self):
        return MASK

    __repr__ = __str__

    def __reduce_ex__(self, protocol):
        raise TypeError("A sealed value is never pickled.")


class IndexValue:
    """A blind index: comparable, but it shows nothing when printed."""

    __slots__ = ("digest",)

    def __init__(self, digest: bytes):
        self.digest = bytes(digest)

    def __str__(self):
        return MASK

    __repr__ = __str__

    def __eq__(self, other):
        return self.digest == other.digest if isinstance(other, IndexValue) else NotImplemented

    def __hash__(self):
        return hash(self.digest)
