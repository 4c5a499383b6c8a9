"""Which element may stand where in a census file, as tables that arrays can look up."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from fs_risk.readers.xml_tokens import fingerprint
from fs_risk.records.layouts.cin import BLOCKS, CHILDREN, ROOT, Block


@dataclass(frozen=True)
class Tree:
    """The census element tree with numbers for names.

    Attributes
    ----------
    names : tuple of str
        Element names; a name's number is its position.
    prints : ndarray of uint64
        Fingerprints of the names, sorted.
    numbers : ndarray of int64
        The name's number for each of `prints`.
    allowed : ndarray of bool, shape (n_names + 1, n_names + 1)
        Whether an element (second) may lie directly in another (first).
    """

    names: tuple[str, ...]
    prints: np.ndarray
    numbers: np.ndarray
    allowed: np.ndarray

    def number(self, name: str) -> int:
        """Give a name's number."""
        return self.names.index(name)

    def lookup(self, prints: np.ndarray) -> np.ndarray:
        """Give the numbers of names by fingerprint; unknown names get the last number."""
        position = np.minimum(np.searchsorted(self.prints, prints), len(self.prints) - 1)
        known = self.prints[position] == prints
        return np.where(known, self.numbers[position], len(self.names))


@lru_cache(maxsize=1)
def census_tree() -> Tree:
    """Make the tree of all layouts, old and new, from the declared blocks."""
    edges: set[tuple[str, str]] = {(ROOT, CHILDREN)}
    for block in BLOCKS.values():
        edges |= _edges(block)
    names = tuple(sorted({name for edge in edges for name in edge}))
    allowed = np.zeros((len(names) + 1, len(names) + 1), dtype=bool)
    for outer, inner in edges:
        allowed[names.index(outer), names.index(inner)] = True
    prints = np.array([fingerprint(name) for name in names], dtype=np.uint64)
    order = np.argsort(prints)
    return Tree(names, prints[order], order, allowed)


def _edges(block: Block) -> set[tuple[str, str]]:
    start = BLOCKS[block.parent].element if block.parent else ROOT
    chain = [start, *block.within, block.element]
    edges = set(pairwise(chain))
    if block.is_value:
        return edges | _shortcuts(block, start)
    for field in block.fields:
        if field.holder:
            edges |= {(block.element, field.holder), (field.holder, field.element)}
        else:
            edges.add((block.element, field.element))
    return edges


def _shortcuts(block: Block, start: str) -> set[tuple[str, str]]:
    """Allow a value without its wrapper, as some software writes it."""
    return {(start, block.element)} if block.within and start != "Child" else set()
