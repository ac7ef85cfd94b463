"""The Merkle tree of RFC 6962: leaves and nodes are hashed with prefixes of their own."""

import hashlib


def leaf_of(uid: bytes, mac: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + uid + mac).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The root over leaves that come one after the other; holds one hash per level."""

    def __init__(self):
        self.size = 0
        self._full: list[tuple[int, bytes]] = []  # (leaves below, hash), largest first

    def add(self, leaf: bytes) -> None:
        size = 1
        while self._full and self._full[-1][0] == size:
            leaf = _node(self._full.pop()[1], leaf)
            size *= 2
        self._full.append((size, leaf))
        self.size += 1

    def root(self) -> bytes:
        if not self._full:
            return hashlib.sha256(b"").digest()
        hashes = [value for _size, value in self._full]
        root = hashes.pop()
        while hashes:
            root = _node(hashes.pop(), root)
        return root
