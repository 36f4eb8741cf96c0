"""Trees, notes and tiles of a transparency log: by the vectors of their specifications, and read by another program."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from prongsai.lib import merkle, tlog
from prongsai.lib.signed_note import (
    Checkpoint,
    NoteError,
    Signer,
    VerifierKey,
    find_signers,
    is_signed_by,
    parse_note,
)

# RFC 9162 defines the tree that these inputs and roots, of the tests of certificate transparency, belong to
_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_LEAVES = [merkle.hash_leaf(bytes.fromhex(text)) for text in _INPUTS]


def _leaves(size: int) -> list[bytes]:
    return [merkle.hash_leaf(b"%d" % number) for number in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_vectors(size: int) -> None:
    assert merkle.compute_root(_LEAVES[:size]).hex() == _ROOTS[size - 1]


def test_empty_tree_has_the_root_of_nothing() -> None:
    assert merkle.compute_root([]) == hashlib.sha256(b"").digest()


@given(st.data())
def test_every_proof_holds_and_no_other_claim_with_it(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    leaves = _leaves(size)
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    root, old_root = merkle.compute_root(leaves), merkle.compute_root(leaves[:old_size])
    path = merkle.prove_inclusion(leaves, index)
    inclusion = {"leaf": leaves[index], "index": index, "size": size, "path": path, "root": root}
    assert merkle.verify_inclusion(**inclusion)
    consistency = {"old_size": old_size, "old_root": old_root, "size": size, "root": root}
    between = merkle.prove_consistency(leaves, old_size)
    assert merkle.verify_consistency(**consistency, path=between)

    stranger = merkle.hash_leaf(b"forged")
    assert not merkle.verify_inclusion(**inclusion | {"leaf": stranger})
    assert not merkle.verify_inclusion(**inclusion | {"root": stranger})
    assert not merkle.verify_inclusion(**inclusion | {"path": [*path, stranger]})
    assert not merkle.verify_inclusion(**inclusion | {"index": size})
    assert not merkle.verify_inclusion(**inclusion | {"index": -1})
    if path:
        assert not merkle.verify_inclusion(**inclusion | {"path": path[:-1]})
        assert not merkle.verify_inclusion(**inclusion | {"index": (index + 1) % size})
    assert not merkle.verify_consistency(**consistency, path=[*between, stranger])
    assert not merkle.verify_consistency(**consistency | {"old_root": stranger}, path=between)
    if old_size:
        assert not merkle.verify_consistency(**consistency | {"root": stranger}, path=between)
    if between:
        assert not merkle.verify_consistency(**consistency, path=between[:-1])
        assert not merkle.verify_consistency(**consistency, path=[stranger, *between[1:]])
    assert not merkle.verify_consistency(**consistency | {"old_size": size + 1}, path=between)


def test_proof_that_ends_below_the_root_is_refused() -> None:
    """Whoever names a node of the tree as a leaf has proved no entry."""
    for size in range(2, 9):
        root = merkle.compute_root(_leaves(size))
        for index in range(size):
            assert not merkle.verify_inclusion(leaf=root, index=index, size=size, path=[], root=root)


def test_forked_tree_has_no_consistency_with_the_one_it_left() -> None:
    ours, theirs = _leaves(13), [*_leaves(6), *(merkle.hash_leaf(b"fork %d" % n) for n in range(7))]
    claim = {"old_size": 9, "old_root": merkle.compute_root(ours[:9]), "size": 13, "root": merkle.compute_root(theirs)}
    assert not merkle.verify_consistency(**claim, path=merkle.prove_consistency(theirs, 9))
    assert not merkle.verify_consistency(**claim, path=merkle.prove_consistency(ours, 9))


def test_consistency_without_a_proof_is_refused() -> None:
    """A log that rewrote its past would say nothing: only the same tree and the empty one need no proof."""
    roots = [merkle.compute_root(_LEAVES[:size]) for size in range(len(_LEAVES) + 1)]
    for old in range(1, len(_LEAVES)):
        for size in range(old + 1, len(_LEAVES) + 1):
            assert not merkle.verify_consistency(
                old_size=old, old_root=roots[old], size=size, root=roots[size], path=[]
            )


def test_proofs_beyond_the_tree_are_refused() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            merkle.prove_inclusion(_leaves(3), index)
    for size in (-1, 4):
        with pytest.raises(IndexError):
            merkle.prove_consistency(_leaves(3), size)


@given(st.integers(1, 80), st.data())
def test_another_implementation_computes_the_same_tree(size: int, data: st.DataObject) -> None:
    entries = [b"entry %d" % number for number in range(size)]
    other = InmemoryTree(algorithm="sha256")
    for entry in tlog.unpack_entries(tlog.pack_entries(entries)):
        other.append_entry(entry)
    leaves = [merkle.hash_leaf(entry) for entry in entries]
    assert other.get_root() == merkle.compute_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    theirs = other.prove_inclusion(index + 1, size).path
    assert theirs == [leaves[index], *merkle.prove_inclusion(leaves, index)]


# --- notes


_SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_LOG = Signer("log.example/ita", _SECRET)
_CHECKPOINT = str(Checkpoint("log.example/ita", 3, merkle.compute_root(_LEAVES[:3])))


def test_key_of_the_specification_is_read_and_verifies_its_note() -> None:
    """The example of the note format's first implementation (golang.org/x/mod/sumdb/note)."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert is_signed_by(parse_note(note), key)
    assert not is_signed_by(parse_note(note.replace("answer", "problem")), key)
    assert str(key) == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_note_is_valid_for_its_key_alone() -> None:
    note = parse_note(_LOG.sign(_CHECKPOINT))
    other = Signer("log.example/ita", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert is_signed_by(note, _LOG.key)
    assert not is_signed_by(note, other.key)
    assert not is_signed_by(note, _LOG.cosigner_key)
    renamed = VerifierKey("log.example/other", _LOG.key.kind, _LOG.public)
    assert not is_signed_by(note, renamed)


def test_cosignature_covers_its_time() -> None:
    witness = Signer("witness.example", Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
    line = witness.cosign(_CHECKPOINT, 1_800_000_000)
    note = parse_note(_LOG.sign(_CHECKPOINT) + line)
    assert is_signed_by(note, witness.cosigner_key)
    assert is_signed_by(note, _LOG.key)
    data = bytearray(base64.b64decode(line.split()[-1]))
    data[11] ^= 1  # the last byte of the time
    moved = line.rsplit(" ", 1)[0] + f" {base64.b64encode(data).decode()}\n"
    assert not is_signed_by(parse_note(_LOG.sign(_CHECKPOINT) + moved), witness.cosigner_key)


def test_second_signature_of_the_same_key_that_is_wrong_spoils_the_note() -> None:
    note = _LOG.sign(_CHECKPOINT)
    data = bytearray(base64.b64decode(note.split()[-1]))
    data[-1] ^= 1
    forged = f"— {_LOG.name} {base64.b64encode(data).decode()}\n"
    assert not is_signed_by(parse_note(note + forged), _LOG.key)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n- name c2ln\n",
        "text\n\n— name !!!\n",
        "text\n\n— name c2ln",
        "text\n\n— name c2ln\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n" + "— name AAAAAAAA\n" * 101,
        "x" * 100_001 + "\n\n— name AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteError):
        parse_note(note)


@pytest.mark.parametrize(
    "text", ["", "a", "a+b+c", "a+00000000+" + "A" * 44, "a+00000000+กุญแจ", "+c74f20a3+ARpc", str(_LOG.key)[:-4]]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_key_with_a_slip_in_its_name_or_id_is_refused() -> None:
    """The id binds the name to the key: who is led to trust a key under another name would trust the wrong log."""
    text = str(_LOG.key)
    assert VerifierKey.parse(text) == _LOG.key
    name, stated, encoded = text.split("+", 2)
    for wrong in (f"{name}x+{stated}+{encoded}", f"{name}+{stated[::-1]}+{encoded}", f"{name}++{encoded}"):
        with pytest.raises(NoteError, match="พิมพ์ผิด"):
            VerifierKey.parse(wrong)


def test_signers_are_those_whose_signatures_are_valid_each_once() -> None:
    witness, absent = (Signer(name, Ed25519PrivateKey.generate()) for name in ("witness.example", "absent.example"))
    note = parse_note(_LOG.sign(_CHECKPOINT) + witness.cosign(_CHECKPOINT, 1_700_000_000))
    keys = [_LOG.key, absent.cosigner_key, witness.cosigner_key, _LOG.key]
    assert find_signers(note, keys) == [_LOG.name, "witness.example"]


@pytest.mark.parametrize(
    "text", ["", "o\n", "o\n-1\nAA==\n", "o\n01\n" + "A" * 44, "o\n3\nshort\n", "\n3\n" + "A" * 43 + "=\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_checkpoint_is_written_as_it_is_read() -> None:
    assert str(Checkpoint.parse(_CHECKPOINT)) == _CHECKPOINT
    assert Checkpoint.parse(_CHECKPOINT + "an extension\n").size == 3


# --- tiles


def test_paths_are_those_of_the_specification() -> None:
    assert tlog.tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tlog.tile_path("entries", 0, 7) == "tile/entries/000.p/7"
    assert tlog.parse_index_path("x001/x234/067") == 1_234_067
    for wrong in ("1", "0001", "001/067", "x001/x067", "x000/001", "", "x", "x001/abc", "٠٠١"):
        assert tlog.parse_index_path(wrong) is None


def test_tree_of_70_000_has_the_tiles_of_the_specification() -> None:
    tiles = list(tlog.list_tiles(70_000))
    whole = [(level, width) for level, _, width in tiles if width == 256]
    assert len([1 for level, _ in whole if level == 0]) == 273
    assert len([1 for level, _ in whole if level == 1]) == 1
    assert [tile for tile in tiles if tile[2] < 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]


def test_tiles_hold_the_hashes_of_their_level() -> None:
    leaves = _leaves(600)
    assert tlog.read_tile(leaves, 0, 0, 256) == b"".join(leaves[:256])
    assert tlog.read_tile(leaves, 0, 2, 88) == b"".join(leaves[512:])
    assert tlog.read_tile(leaves, 1, 0, 2) == merkle.compute_root(leaves[:256]) + merkle.compute_root(leaves[256:512])
    for level, index, width in ((0, 2, 89), (0, 3, 1), (1, 0, 3), (2, 0, 1), (0, 0, 0), (0, 0, 257), (63, 0, 1)):
        assert tlog.read_tile(leaves, level, index, width) is None


def test_bundles_keep_every_entry_and_refuse_a_cut_one() -> None:
    entries = [b"", b"a", "ผล".encode() * 9000]
    assert tlog.unpack_entries(tlog.pack_entries(entries)) == entries
    with pytest.raises(NoteError):
        tlog.unpack_entries(tlog.pack_entries(entries)[:-1])
    with pytest.raises(OverflowError):
        tlog.pack_entries([bytes(65_536)])


def test_proof_is_written_as_it_is_read() -> None:
    proof = tlog.Proof(2, tuple(merkle.prove_inclusion(_LEAVES[:3], 2)), _LOG.sign(_CHECKPOINT))
    assert tlog.Proof.parse(str(proof)) == proof
    with_extra = str(proof).replace("\nindex", "\nextra AAAA\nindex")
    assert tlog.Proof.parse(with_extra) == proof
    for wrong in (
        "",
        "c2sp.org/tlog-proof@v1\n\n",
        str(proof).replace("@v1", "@v2"),
        str(proof).replace("index 2", "index x"),
        str(proof).replace("index 2\n", "index 2\n!!!\n"),
        str(proof).replace("index 2\n", "index 2\nหลักฐาน\n"),
        str(proof).replace("index 2\n", f"index 2\n{base64.b64encode(bytes(31)).decode()}\n"),
    ):
        with pytest.raises(NoteError):
            tlog.Proof.parse(wrong)
