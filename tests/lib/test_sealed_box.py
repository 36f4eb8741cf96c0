"""What is sealed opens with the right key, for the right purpose, in its place, unaltered; and with nothing else."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from prongsai.lib import sealed_box
from prongsai.lib.sealed_box import UnopenableError

BLOCK = 64
OWN, OTHER, STRANGER = (X25519PrivateKey.generate() for _ in range(3))
READERS = [sealed_box.write_public_key(key) for key in (OWN, OTHER)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_every_reader_opens_every_part(parts):
    sealed = sealed_box.seal_parts(parts, READERS, "x", block=BLOCK)
    for key, box in zip((OWN, OTHER), sealed.boxes, strict=True):
        opened = [sealed_box.open_part(p, n, box, key, "x") for n, p in enumerate(sealed.parts)]
        assert opened == parts


@given(st.binary(max_size=100), st.integers(0, 500))
def test_nothing_else_opens(content, place):
    sealed = sealed_box.seal_parts([content, b"second"], READERS, "x", block=BLOCK)
    part, box = sealed.parts[0], sealed.boxes[0]
    altered = bytearray(part)
    altered[place % len(part)] ^= 1
    spoilt_box = bytearray(box)
    spoilt_box[place % len(box)] ^= 1
    for attempt in (
        lambda: sealed_box.open_part(part, 0, box, STRANGER, "x"),
        lambda: sealed_box.open_part(part, 0, box, OTHER, "x"),
        lambda: sealed_box.open_part(part, 0, box, OWN, "y"),
        lambda: sealed_box.open_part(part, 1, box, OWN, "x"),
        lambda: sealed_box.open_part(bytes(altered), 0, box, OWN, "x"),
        lambda: sealed_box.open_part(part, 0, bytes(spoilt_box), OWN, "x"),
        lambda: sealed_box.open_part(b"", 0, b"", OWN, "x"),
    ):
        with pytest.raises(UnopenableError):
            attempt()


@given(st.integers(0, 200), st.integers(0, 200))
def test_lengths_are_whole_blocks(one, two):
    lengths = [len(sealed_box.seal_parts([b"a" * n], READERS, "x", block=BLOCK).parts[0]) for n in (one, two)]
    assert all((length - 16) % BLOCK == 0 for length in lengths)
    assert ((one + 4 - 1) // BLOCK == (two + 4 - 1) // BLOCK) == (lengths[0] == lengths[1])


@given(st.text(min_size=1, max_size=40, alphabet=st.characters(codec="utf-8")), st.text("ab", min_size=1, max_size=5))
def test_a_secret_gives_one_key_for_each_purpose(secret, purpose):
    key = sealed_box.write_public_key(sealed_box.derive_key(secret, purpose))
    assert key == sealed_box.write_public_key(sealed_box.derive_key(secret, purpose))
    assert key != sealed_box.write_public_key(sealed_box.derive_key(secret, purpose + "c"))
    assert key != sealed_box.write_public_key(sealed_box.derive_key(secret + "c", purpose))
