"""Merkle trees as in RFC 9162 (section 2.1): roots, and proofs that a tree holds a leaf or continues an older tree.

A tree is the sequence of its leaves' hashes, 32 bytes each. Proving reads the whole sequence; verifying shares no code
with proving and needs the proof alone.
"""

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def hash_leaf(data: bytes) -> bytes:
    """The hash of a leaf with that content."""
    return hashlib.sha256(b"\0" + data).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def compute_root(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of leaves: level by level; an odd last hash goes up as it is."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        paired = [hash_children(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def _split(size: int) -> int:
    """The largest power of two below a size of at least 2: how many leaves hang on the left."""
    return 1 << ((size - 1).bit_length() - 1)


def prove_inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from a leaf up to the root, the lowest first. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    left = _split(len(leaves))
    if index < left:
        return [*prove_inclusion(leaves[:left], index), compute_root(leaves[left:])]
    return [*prove_inclusion(leaves[left:], index - left), compute_root(leaves[:left])]


def prove_consistency(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The hashes by which the root of the first ``old_size`` leaves and the root of all follow from each other. Raises
    IndexError."""
    if not 0 <= old_size <= len(leaves):
        raise IndexError(old_size)
    return _prove_subtree(leaves, old_size, is_whole=True) if 0 < old_size < len(leaves) else []


def _prove_subtree(leaves: Sequence[bytes], old_size: int, *, is_whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_whole else [compute_root(leaves)]
    left = _split(len(leaves))
    if old_size <= left:
        return [*_prove_subtree(leaves[:left], old_size, is_whole=is_whole), compute_root(leaves[left:])]
    return [*_prove_subtree(leaves[left:], old_size - left, is_whole=False), compute_root(leaves[:left])]


def verify_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path leads from the hash of a leaf at an index to the root of a tree of that size (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            current = hash_children(sibling, current)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            current = hash_children(current, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and current == root


def verify_consistency(*, old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a path shows that a tree begins with the leaves of an older one (section 2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not path and old_root == root
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    hashes = list(path)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = hash_children(sibling, old), hash_children(sibling, new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new = hash_children(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == root
