"""Pieces of text as buckets: runs of letters and of words, hashed.

A piece is found by its hash, never looked up in a vocabulary: a model is one array of weights, unknown words still have parts
that are known, and no text of the training data can be read from it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.text import Letters

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SPACE = np.uint32(ord(" "))


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one kind.

    Args:
        buckets: ``(m,) int64``.
        first: Index of the letter where each piece begins, ``(m,) int64``.
        last: Index of its last letter, ``(m,) int64``.
    """

    buckets: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def _bucket(hashes: NDArray[np.uint64], kind: int, bits: int) -> NDArray[np.int64]:
    mixed = (hashes ^ np.uint64((kind * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _STEP
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


def letter_runs(of: Letters, shortest: int, longest: int, kind: int, bits: int) -> Iterator[Runs]:
    """Runs of letters, spaces included, within a text.

    Args:
        of: Letters.
        shortest: Letters of the shortest run, at least 1.
        longest: Letters of the longest run.
        kind: Seed: runs of another kind fall into other buckets.
        bits: A model has ``2 ** bits`` buckets.
    """
    codes = of.codes.astype(np.uint64)
    hashes = codes * _STEP
    for size in range(1, longest + 1):
        if size > 1:
            hashes = (hashes[:-1] + codes[size - 1 :]) * _STEP
        if size < shortest or len(hashes) == 0:
            continue
        within = np.flatnonzero(of.rows[: len(hashes)] == of.rows[size - 1 :])
        yield Runs(buckets=_bucket(hashes[within], kind * 64 + size, bits), first=within, last=within + size - 1)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Words of many texts.

    Args:
        hashes: One for each word, ``(w,) uint64``.
        stems: Of its first letters only.
        rows: The text of each word.
        first: Index of its first letter.
        last: Index of its last letter.
    """

    hashes: NDArray[np.uint64]
    stems: NDArray[np.uint64]
    rows: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def words(of: Letters, stem: int) -> Words:
    """What stands between spaces.

    Args:
        of: Letters.
        stem: How many letters the stem keeps: in Korean particles and endings come after it.
    """
    inside = of.codes != _SPACE
    edges = np.diff(inside.astype(np.int8), prepend=np.int8(0), append=np.int8(0))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    sizes = last - first + 1
    place = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    salted = (of.codes[inside].astype(np.uint64) + place.astype(np.uint64) * np.uint64(0x2545F4914F6CDD1D)) * _MIX
    salted ^= salted >> np.uint64(31)
    salted *= _STEP
    begins = np.cumsum(sizes) - sizes
    if len(first) == 0:
        none = np.empty(0, np.uint64)
        return Words(hashes=none, stems=none, rows=of.rows[first], first=first, last=last)
    hashes = np.add.reduceat(salted, begins)
    stems = np.add.reduceat(np.where(place < stem, salted, np.uint64(0)), begins)
    return Words(hashes=hashes, stems=stems, rows=of.rows[first], first=first, last=last)


def word_runs(of: Words, longest: int, kind: int, bits: int, *, stems: bool = False, gap: bool = False) -> Iterator[Runs]:
    """Runs of words within a text.

    Args:
        of: Words.
        longest: Words of the longest run.
        kind: Seed.
        bits: As for letters.
        stems: Of stems instead of whole words.
        gap: Also pairs with one word between them.
    """
    single = of.stems if stems else of.hashes
    hashes = single * _STEP
    for size in range(1, longest + 1):
        if size > 1:
            hashes = (hashes[:-1] + single[size - 1 :]) * _STEP
        if len(hashes) == 0:
            return
        within = np.flatnonzero(of.rows[: len(hashes)] == of.rows[size - 1 :])
        yield Runs(buckets=_bucket(hashes[within], kind * 64 + size, bits), first=of.first[within], last=of.last[within + size - 1])
    if gap and len(single) > 2:
        pairs = (single[:-2] * _STEP + single[2:]) * _STEP
        within = np.flatnonzero(of.rows[:-2] == of.rows[2:])
        yield Runs(buckets=_bucket(pairs[within], kind * 64 + 63, bits), first=of.first[within], last=of.last[within + 2])


def pieces(of: Letters, sizes: tuple[int, ...], kind: int, bits: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Runs of letters within a word, the spaces at both its ends included: buckets, and the number of the word of each.

    Args:
        of: Letters.
        sizes: How long the runs are.
        kind: Seed.
        bits: As for letters.
    """
    space = of.codes == _SPACE
    spaces = np.cumsum(space)
    begun = np.cumsum(np.diff((~space).astype(np.int8), prepend=np.int8(0)) == 1) - 1
    codes = of.codes.astype(np.uint64)
    hashes = codes * _STEP
    for size in range(1, max(sizes) + 1):
        if size > 1:
            hashes = (hashes[:-1] + codes[size - 1 :]) * _STEP
        if size not in sizes or len(hashes) == 0:
            continue
        first = np.arange(len(hashes))
        last = first + size - 1
        if size == 1:
            within = np.flatnonzero(~space)
        else:
            inner = np.maximum(spaces[last - 1] - spaces[first], 0) == 0
            within = np.flatnonzero(inner & ~(space[first] & space[last] & (size == 2)))
        # A run that begins with a space belongs to the word after it.
        owner = begun[within + 1] if size > 1 else begun[within]
        yield _bucket(hashes[within], kind * 64 + size, bits), owner


def marked(of: Letters, kind: int, bits: int) -> NDArray[np.int64]:
    """Each letter that is no space, together with whether a space comes before and after it: a bucket each.

    Args:
        of: Letters, with their spaces.
        kind: Seed.
        bits: As for letters.
    """
    space = of.codes == _SPACE
    inner = np.flatnonzero(~space)
    sides = space[inner - 1].astype(np.uint64) * np.uint64(2) + space[inner + 1].astype(np.uint64)
    return _bucket((of.codes[inner].astype(np.uint64) * _STEP + sides) * _STEP, kind * 64, bits)
