"""A net while it is learnt, in PyTorch, which nothing else needs.

What is left out at random keeps it from learning texts by heart: pieces, whole words or letters, features.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.nets import Gru, Net
from gyeol.kernel.errors import CapabilityMissingError
from gyeol.predict.emotion.plan import NetPlan
from gyeol.predict.emotion.rows import Batch
from gyeol.predict.emotion.sums import rounded

_MOST = 15
"""Of a number of a vector: with some 10 pieces to a word finer ones change one answer in 2,000."""
_ADAM = (0.9, 0.99)
_WARM = 0.05
"""Share of the steps in which the rate rises; then it falls to zero."""


def pytorch() -> Any:
    """PyTorch, on one thread: sums of several come in another order each time.

    Raises:
        CapabilityMissingError: It is not installed.
    """
    try:
        torch: Any = importlib.import_module("torch")
    except ModuleNotFoundError as error:
        raise CapabilityMissingError("no_torch", "training needs PyTorch → pip install torch") from error
    torch.set_num_threads(1)
    return torch


class Beside(Protocol):
    """What is learnt beside texts."""

    parameters: list[Any]

    def beside(self) -> Any:
        """What is added to the loss of a batch of texts."""
        ...


class Steps:
    """Adam (Kingma & Ba, ICLR 2015) with a rate that rises and falls.

    Args:
        torch: PyTorch.
        parameters: What is learnt.
        rate: The greatest rate.
        whole: How many steps there will be.
        longest: A longer slope is cut to this; None: never.
        beside: What is learnt with every step, too; None: nothing.
    """

    def __init__(
        self, torch: Any, parameters: list[Any], rate: float, whole: int, longest: float | None = None, beside: Beside | None = None
    ) -> None:
        parameters = [*parameters, *(beside.parameters if beside is not None else [])]
        self._torch, self._parameters, self._longest, self._beside = torch, parameters, longest, beside
        self._adam = torch.optim.Adam(parameters, lr=rate, betas=_ADAM, fused=True)
        self._rate, self._whole, self._done = rate, whole, 0

    def take(self, loss: Any) -> None:
        """One step down the slope of a loss."""
        for group in self._adam.param_groups:
            group["lr"] = self._rate * min(1, self._done / (_WARM * self._whole)) * max(0.0, 1 - self._done / self._whole)
        self._done += 1
        self._adam.zero_grad()
        (loss if self._beside is None else loss + self._beside.beside()).backward()
        if self._longest is not None:
            self._torch.nn.utils.clip_grad_norm_(self._parameters, self._longest)
        self._adam.step()


class Learning:
    """A net while it is learnt.

    Args:
        torch: PyTorch.
        plan: How.
    """

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

    def kept(self, share: float, *shape: int) -> Any:
        """What features are multiplied with so that a share of them is left out."""
        return (self.torch.rand(*shape) >= share) / (1 - share)

    def words(self, sizes: Any, pieces: Any, drop: float = 0.0) -> Any:
        """The vector of each word, ``(words, size)``: of its pieces, a share of which is left out."""
        scale = self.torch.repeat_interleave(sizes.float().rsqrt(), sizes)
        if drop:
            scale = scale * self.kept(drop, len(pieces))
        begins = self.torch.cumsum(sizes, 0) - sizes
        return self.torch.nn.functional.embedding_bag(pieces, self.vectors, begins, mode="sum", per_sample_weights=scale)

    def laid(self, words: Any, lengths: Any) -> tuple[Any, Any]:
        """Vectors of words text by text, ``(texts, longest, size)``, and which of them are of a word."""
        torch, stride = self.torch, self.plan.stride
        longest = -(-int(lengths.max()) // stride) * stride
        full = torch.arange(longest)[None] < lengths[:, None]
        places = full.flatten().nonzero()[:, 0]
        laid = words.new_zeros(len(lengths) * longest, self.plan.size).index_copy(0, places, words)
        return laid.view(len(lengths), longest, -1), full

    def told(self, values: Any, lengths: Any) -> Any:
        """What the reader tells after each word, ``(texts, longest, 2 units)``: forwards, then backwards."""
        rnn = self.torch.nn.utils.rnn
        packed = rnn.pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
        through: Any = self.gru
        return rnn.pad_packed_sequence(through(packed)[0], batch_first=True, padding_value=0.0)[0]

    def logits(self, of: Batch) -> Any:
        """Of a batch, with what is left out."""
        torch, plan = self.torch, self.plan
        functional = torch.nn.functional
        words = self.words(torch.from_numpy(of.sizes), torch.from_numpy(of.pieces), plan.drop)
        words = words * (torch.rand(len(of.sizes), 1) >= plan.word_drop)
        lengths = torch.from_numpy(of.words)
        given, full = self.laid(words, lengths)
        given = given * self.kept(plan.in_drop, len(lengths), 1, plan.size)
        found: list[Any] = []
        for width, window in zip(plan.widths, self.windows, strict=True):
            left = (width - 1) // 2
            values = functional.relu(window(functional.pad(given.transpose(1, 2), (left, width - 1 - left)))) * full[:, None]
            found.append(values.max(2).values)
        if self.gru is not None and found:
            given = functional.max_pool1d(values, plan.stride).transpose(1, 2)
            found += self._recurrent(given * self.kept(plan.in_drop, len(lengths), 1, plan.filters), -(-lengths // plan.stride))
        elif self.gru is not None:
            found = self._recurrent(given, lengths)
        return self.out(functional.dropout(torch.cat(found, 1), plan.out_drop))[:, 0]

    def _recurrent(self, values: Any, lengths: Any) -> list[Any]:
        told = self.told(values, lengths)
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
