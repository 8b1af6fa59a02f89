"""How a net is learnt: Adam (Kingma & Ba, ICLR 2015) on batches of texts of about the same length, in PyTorch, which nothing else needs.

What is left out at random keeps it from learning texts by heart: pieces, whole words or letters, features.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.nets import Gru, Net
from gyeol.context.emotion.recipes import READS
from gyeol.context.emotion.text import letters
from gyeol.kernel.errors import CapabilityMissingError
from gyeol.predict.emotion.data import Examples
from gyeol.predict.emotion.sums import rounded

_CHUNK = 4_000
_MOST = 15
"""Of a number of a vector: with some 10 pieces to a word finer ones change one answer in 2,000."""
_POOL = 40
"""Batches whose texts are sorted by length together."""
_WARM = 0.05
"""Share of the steps in which the rate rises; then it falls to zero."""


class NetPlan(NamedTuple):
    """How a net is learnt.

    Args:
        reads: A name of ``READS``.
        bits: It has ``2 ** bits`` vectors.
        size: Of a vector.
        widths: Of windows; none: the reader takes the vectors.
        filters: For each width.
        stride: See ``Net``.
        units: Of the recurrent reader each way; 0: none.
        epochs: Passes over the texts.
        drop: Share of pieces left out.
        word_drop: Share of words or letters left out.
        in_drop: Share of features left out of a whole text, before the windows and before the reader.
        out_drop: Share of features left out before the weighted sum.
        rate: The greatest rate.
        seed: Of everything random.
        longest: Words or letters that are read in training.
        together: Texts of a batch.
    """

    reads: str
    bits: int
    size: int
    widths: tuple[int, ...]
    filters: int
    stride: int
    units: int
    epochs: int
    drop: float
    word_drop: float
    in_drop: float
    out_drop: float
    rate: float
    seed: int
    longest: int = 160
    together: int = 512


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as rows of words or letters, these as rows of pieces.

    Args:
        texts: Where the words of each text begin, and the end.
        words: Where the pieces of each word begin, and the end.
        pieces: Their buckets.
    """

    texts: NDArray[np.int64]
    words: NDArray[np.int64]
    pieces: NDArray[np.int32]


def net_learnt(plan: NetPlan, texts: list[str], of: Examples, learnt: NDArray[np.int64], say: Callable[[str], None]) -> Net:
    """Learn a net.

    Args:
        plan: How.
        texts: As ``normalised`` gives them.
        of: Their targets and weights.
        learnt: Rows to learn from.
        say: Told of each pass.

    Raises:
        CapabilityMissingError: PyTorch is not installed.
    """
    torch = _torch()
    rows = _rows(plan, texts)
    learnt = learnt[np.diff(rows.texts)[learnt] > 0]
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    learning = _Learning(torch, plan)
    steps = torch.optim.Adam(learning.parameters, lr=plan.rate, betas=(0.9, 0.99), fused=True)
    target, weight = torch.from_numpy(of.target), torch.from_numpy(of.weight)
    done, whole = 0, plan.epochs * -(-len(learnt) // plan.together)
    for number in range(plan.epochs):
        loss = 0.0
        for batch in _batches(plan, rng, learnt, np.diff(rows.texts)):
            for group in steps.param_groups:
                group["lr"] = plan.rate * min(1, done / (_WARM * whole)) * max(0.0, 1 - done / whole)
            done += 1
            chosen = torch.from_numpy(batch)
            logit = learning.logits(*_read(plan, rows, batch))
            each = torch.nn.functional.binary_cross_entropy_with_logits(logit, target[chosen], reduction="none")
            mean = (each * weight[chosen]).mean()
            steps.zero_grad()
            mean.backward()
            steps.step()
            loss += float(mean.detach()) * len(batch)
        say(f"net {plan.seed}, pass {number + 1}: loss {loss / len(learnt):.4f}")
    return learning.learnt()


def _torch() -> Any:
    try:
        torch: Any = importlib.import_module("torch")
    except ModuleNotFoundError as error:
        raise CapabilityMissingError("no_torch", "training needs PyTorch → pip install torch") from error
    # Sums of several threads come in another order each time.
    torch.set_num_threads(1)
    return torch


def _rows(plan: NetPlan, texts: list[str]) -> Rows:
    found: list[NDArray[np.int32]] = []
    words: list[NDArray[np.int64]] = []
    pieces: list[NDArray[np.int64]] = []
    for begin in range(0, len(texts), _CHUNK):
        part = texts[begin : begin + _CHUNK]
        buckets, ends, rows = READS[plan.reads](letters(part), plan.bits)
        found.append(buckets.astype(np.int32))
        pieces.append(np.diff(ends, prepend=0))
        words.append(np.bincount(rows, minlength=len(part)))
    starts = [np.concatenate([[0], np.cumsum(np.concatenate(counts))]) for counts in (words, pieces)]
    return Rows(texts=starts[0], words=starts[1], pieces=np.concatenate(found))


def _batches(plan: NetPlan, rng: np.random.Generator, learnt: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order, made = rng.permutation(learnt), []
    for begin in range(0, len(order), plan.together * _POOL):
        pool = order[begin : begin + plan.together * _POOL]
        pool = pool[np.argsort(lengths[pool] + rng.random(len(pool)), kind="stable")]
        made += [pool[first : first + plan.together] for first in range(0, len(pool), plan.together)]
    return [made[i] for i in rng.permutation(len(made))]


def _read(plan: NetPlan, rows: Rows, batch: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Words of each text, pieces of each word, all pieces."""
    counts = np.minimum(rows.texts[batch + 1] - rows.texts[batch], plan.longest)
    words = _ranges(rows.texts[batch], counts)
    sizes = rows.words[words + 1] - rows.words[words]
    return counts, sizes, rows.pieces[_ranges(rows.words[words], sizes)].astype(np.int64)


def _ranges(begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    ends = np.cumsum(counts)
    found: NDArray[np.int64] = np.arange(int(ends[-1])) + np.repeat(begins - (ends - counts), counts)
    return found


class _Learning:
    """A net while it is learnt."""

    def __init__(self, torch: Any, plan: NetPlan) -> None:
        nn = torch.nn
        self.torch, self.plan = torch, plan
        self.vectors = nn.Parameter(torch.randn(1 << plan.bits, plan.size) * 0.08)
        self.windows = [nn.Conv1d(plan.size, plan.filters, width) for width in plan.widths]
        given = plan.filters if plan.widths else plan.size
        self.gru = nn.GRU(given, plan.units, batch_first=True, bidirectional=True) if plan.units else None
        self.out = nn.Linear(plan.filters * len(plan.widths) + 4 * plan.units, 1)
        modules = [*self.windows, self.out, *([self.gru] if self.gru is not None else [])]
        self.parameters = [self.vectors, *(each for module in modules for each in module.parameters())]

    def _kept(self, share: float, *shape: int) -> Any:
        return (self.torch.rand(*shape) >= share) / (1 - share)

    def logits(self, counts: NDArray[np.int64], sizes: NDArray[np.int64], pieces: NDArray[np.int64]) -> Any:
        """Of a batch, with what is left out."""
        torch, plan = self.torch, self.plan
        functional = torch.nn.functional
        number = torch.from_numpy(sizes)
        scale = torch.repeat_interleave(number.float().rsqrt(), number) * self._kept(plan.drop, len(pieces))
        begins = torch.cumsum(number, 0) - number
        words = functional.embedding_bag(torch.from_numpy(pieces), self.vectors, begins, mode="sum", per_sample_weights=scale)
        words = words * (torch.rand(len(sizes), 1) >= plan.word_drop)
        lengths = torch.from_numpy(counts)
        longest = -(-int(counts.max()) // plan.stride) * plan.stride
        full = torch.arange(longest)[None] < lengths[:, None]
        places = full.flatten().nonzero()[:, 0]
        given = words.new_zeros(len(counts) * longest, plan.size).index_copy(0, places, words).view(len(counts), longest, -1)
        given = given * self._kept(plan.in_drop, len(counts), 1, plan.size)
        found: list[Any] = []
        for width, window in zip(plan.widths, self.windows, strict=True):
            left = (width - 1) // 2
            values = functional.relu(window(functional.pad(given.transpose(1, 2), (left, width - 1 - left)))) * full[:, None]
            found.append(values.max(2).values)
        if self.gru is not None and found:
            given = functional.max_pool1d(values, plan.stride).transpose(1, 2)
            found += self._recurrent(given * self._kept(plan.in_drop, len(counts), 1, plan.filters), -(-lengths // plan.stride))
        elif self.gru is not None:
            found = self._recurrent(given, lengths)
        return self.out(functional.dropout(torch.cat(found, 1), plan.out_drop))[:, 0]

    def _recurrent(self, values: Any, lengths: Any) -> list[Any]:
        rnn = self.torch.nn.utils.rnn
        packed = rnn.pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
        through: Any = self.gru
        told = rnn.pad_packed_sequence(through(packed)[0], batch_first=True, padding_value=0.0)[0]
        past = self.torch.arange(told.shape[1])[None] >= lengths[:, None]
        return [told.masked_fill(past[..., None], -1).max(1).values, told.sum(1) / lengths[:, None]]

    def learnt(self) -> Net:
        """As it is used."""

        def array(of: Any) -> NDArray[np.float32]:
            return np.ascontiguousarray(of.detach().numpy(), np.float32)

        small, step = rounded(array(self.vectors), _MOST)
        gru = None
        if self.gru is not None:
            ends = ("l0", "l0_reverse")
            inner, outer, inner_bias, outer_bias = (
                np.stack([array(getattr(self.gru, f"{name}_{end}")).T for end in ends])
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            gru = Gru(inner=inner, outer=outer, inner_bias=inner_bias, outer_bias=outer_bias)
        return Net(
            reads=self.plan.reads,
            vectors=small,
            step=step,
            filters=tuple(array(window.weight.permute(2, 1, 0)) for window in self.windows),
            biases=tuple(array(window.bias) for window in self.windows),
            stride=self.plan.stride,
            gru=gru,
            out=array(self.out.weight[0]),
            constant=float(self.out.bias.detach()[0]),
        )
