"""The tree of RFC 6962, against values of the RFC's own recursive definition."""

import hashlib

import pytest

from security.merkle import Tree, leaf_of


def by_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = by_definition(leaves[:half]), by_definition(leaves[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("count", [*range(18), 500])
def test_the_streamed_root_is_the_defined_one(count):
    leaves = [leaf_of(bytes([n % 256]) * 16, b"m" * 34) for n in range(count)]
    tree = Tree()

    for leaf in leaves:
        tree.add(leaf)

    assert (tree.root(), tree.size) == (by_definition(leaves), count)


def test_a_leaf_is_never_taken_for_a_node():
    assert leaf_of(b"u" * 16, b"m") == hashlib.sha256(b"\x00" + b"u" * 16 + b"m").digest()
