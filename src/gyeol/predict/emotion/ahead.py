"""Before a net is told any feeling it learns which words stand beside one another: what words mean, also the rare ones.

After each word the reader guesses the next one, and backwards the one before, among all words of the batch. The guess is compared with
the vectors of the words themselves, so that these learn too.
Source: Dai & Le, "Semi-supervised Sequence Learning" (NIPS 2015), which first learns to read on; van den Oord, Li & Vinyals,
"Representation Learning with Contrastive Predictive Coding" (2018), for the guess among the words of a batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gyeol.predict.emotion.learning import Beside, Learning, Steps
from gyeol.predict.emotion.rows import Batch, Rows, batch_of, batches, ranges

_DROP = 0.1
"""Share of pieces, and of features, left out."""
_RATE = 3e-3
_SHARP = 1.5
"""How sharp guesses are at first, in logits; it is learnt."""
_LONGEST_STEP = 1.0
"""Longer slopes are cut to this: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks" (ICML 2013)."""


def read_ahead(
    learning: Learning,
    rows: Rows,
    learnt: NDArray[np.int64],
    rng: np.random.Generator,
    say: Callable[[str], None],
    beside: Beside | None = None,
) -> None:
    """Teach vectors and reader of a net what stands beside what.

    Args:
        learning: The net; its plan tells how many passes.
        rows: Of all texts.
        learnt: Texts to learn from.
        rng: Mixes them.
        say: Told of each pass.
        beside: What is learnt with every step, too.
    """
    plan = learning.plan
    learnt = learnt[rows.lengths[learnt] > 1]
    guessing = _Guessing(learning)
    steps = Steps(learning.torch, guessing.parameters, _RATE, plan.ahead * -(-len(learnt) // plan.together), _LONGEST_STEP, beside)
    for number in range(plan.ahead):
        loss = 0.0
        for texts in batches(plan, rng, learnt, rows):
            mean = guessing.loss(batch_of(plan, rows, texts))
            steps.take(mean)
            loss += float(mean.detach()) * len(texts)
        say(f"net {plan.seed}, ahead {number + 1}: loss {loss / len(learnt):.4f}")


class _Guessing:
    """The net, and what only guessing needs."""

    def __init__(self, learning: Learning) -> None:
        nn, plan = learning.torch.nn, learning.plan
        self.learning = learning
        self.heads = [nn.Linear(plan.units, plan.size) for _ in range(2)]
        self.turn = nn.Linear(plan.size, plan.size, bias=False)
        nn.init.eye_(self.turn.weight)
        self.sharp = nn.Parameter(learning.torch.tensor(_SHARP))
        gru: Any = learning.gru
        modules = [gru, *self.heads, self.turn]
        self.parameters = [learning.vectors, self.sharp, *(each for module in modules for each in module.parameters())]
        # Words are told apart by a sum over their pieces.
        self.names = np.random.default_rng(0).integers(1, 1 << 62, size=1 << plan.bits, dtype=np.uint64)

    def loss(self, of: Batch) -> Any:
        """How badly it guesses."""
        learning, torch = self.learning, self.learning.torch
        functional, plan = torch.nn.functional, learning.plan
        sizes, pieces, lengths = (torch.from_numpy(each) for each in (of.sizes, of.pieces, of.words))
        given, full = learning.laid(learning.words(sizes, pieces, _DROP), lengths)
        given = given * learning.kept(_DROP, len(lengths), 1, plan.size)
        told = functional.dropout(learning.told(given, lengths)[full], _DROP)
        begins = np.cumsum(of.sizes) - of.sizes
        _, first, word = np.unique(np.add.reduceat(self.names[of.pieces], begins), return_index=True, return_inverse=True)
        vectors = self.turn(learning.words(sizes[first], pieces[ranges(begins[first], of.sizes[first])]))
        ends = np.cumsum(of.words)
        begun, ended = np.zeros(len(word), np.bool_), np.zeros(len(word), np.bool_)
        begun[ends - of.words] = ended[ends - 1] = True
        before, after = np.flatnonzero(~ended), np.flatnonzero(~begun)
        guesses = torch.cat([self.heads[0](told[before, : plan.units]), self.heads[1](told[after, plan.units :])])
        right = torch.from_numpy(np.concatenate([word[after], word[before]]))
        return functional.cross_entropy(guesses @ vectors.T * (self.sharp.exp() / plan.size**0.5), right)
