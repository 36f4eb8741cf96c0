"""The dictionary of the word breaker, as a tree that grows where texts lead: made whole, it takes half a second."""

from collections import defaultdict
from collections.abc import Iterator, Set

from pythainlp.util import Trie

_START = 3  # letters by which words are grouped


class WordTree(Trie):
    """What PyThaiNLP's ``newmm`` asks of its ``Trie``, with the same answers. The words of a group become a tree when a
    text first has their start."""

    def __init__(self, words: Set[str]) -> None:
        self._words = words
        self._groups: defaultdict[str, list[str]] = defaultdict(list)
        self._trees: dict[str, Trie] = {}
        for word in words:
            self._groups[word[:_START]].append(word)

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __contains__(self, word: object) -> bool:
        return word in self._words

    def prefixes(self, text: str, start: int = 0) -> list[str]:
        """The words that begin at a position of a text, shortest first."""
        begin = text[start : start + _START]
        if tree := self._trees.get(begin):
            return tree.prefixes(text, start)
        shorter = [begin[:n] for n in range(1, len(begin)) if begin[:n] in self._words]
        if begin not in self._groups:
            return shorter
        tree = self._trees[begin] = Trie([*shorter, *self._groups[begin]])
        return tree.prefixes(text, start)
