"""The tree of words that grows answers as PyThaiNLP's own does."""

from hypothesis import given
from hypothesis import strategies as st
from pythainlp.tokenize import word_tokenize
from pythainlp.util import Trie

from prongsai.lib.word_tree import WordTree

letters = st.text("กขคง", max_size=6)
words = st.frozensets(st.text("กขคง", min_size=1, max_size=6), max_size=30)


@given(words, st.lists(letters, max_size=8).map("".join), st.integers(0, 12))
def test_the_same_words_begin_at_every_place(words, text, start):
    grown, whole = WordTree(words), Trie(words)
    for _ in range(2):  # as it is found for the first time, and again
        assert grown.prefixes(text, start) == whole.prefixes(text, start)


@given(words, letters)
def test_it_holds_the_same_words(words, word):
    grown = WordTree(words)
    assert (len(grown), set(grown), word in grown) == (len(words), words, word in words)


@given(words, st.lists(letters, max_size=8).map("".join))
def test_texts_are_broken_into_the_same_words(words, text):
    if words:  # without words PyThaiNLP takes its own
        broken = [word_tokenize(text, custom_dict=made(words), engine="newmm") for made in (WordTree, Trie)]
        assert broken[0] == broken[1]
