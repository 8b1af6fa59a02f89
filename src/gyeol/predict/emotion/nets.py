"""How a net is learnt: first what stands beside what, then what texts feel; on batches of texts of about the same length."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.model import prepared
from gyeol.context.emotion.nets import Net
from gyeol.predict.emotion.ahead import read_ahead
from gyeol.predict.emotion.data import Examples
from gyeol.predict.emotion.known import Known, Telling
from gyeol.predict.emotion.learning import Learning, Steps, pytorch
from gyeol.predict.emotion.plan import NetPlan
from gyeol.predict.emotion.rows import batch_of, batches, rows_of


def net_learnt(
    plan: NetPlan, texts: list[str], of: Examples, learnt: NDArray[np.int64], say: Callable[[str], None], known: Known | None = None
) -> Net:
    """Learn a net.

    Args:
        plan: How.
        texts: As ``normalised`` gives them.
        of: Their targets and weights.
        learnt: Rows to learn from.
        say: Told of each pass.
        known: Published vectors of words, which plans with ``known`` need.

    Raises:
        CapabilityMissingError: PyTorch is not installed.
        ValueError: The plan needs published vectors and there are none.
    """
    torch = pytorch()
    rows = rows_of(plan, texts)
    learnt = learnt[rows.lengths[learnt] > 0]
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    learning = Learning(torch, plan)
    telling = _telling(learning, known, rng)
    if telling is not None:
        say(f"net {plan.seed}, known words: loss {telling.learn():.4f}")
    if plan.ahead:
        read_ahead(learning, rows, learnt, rng, say, telling)
    steps = Steps(torch, learning.parameters, plan.rate, plan.epochs * -(-len(learnt) // plan.together), beside=telling)
    target, weight = torch.from_numpy(of.target), torch.from_numpy(of.weight)
    for number in range(plan.epochs):
        loss = 0.0
        for batch in batches(plan, rng, learnt, rows):
            chosen = torch.from_numpy(batch)
            logit = learning.logits(batch_of(plan, rows, batch))
            each = torch.nn.functional.binary_cross_entropy_with_logits(logit, target[chosen], reduction="none")
            mean = (each * weight[chosen]).mean()
            steps.take(mean)
            loss += float(mean.detach()) * len(batch)
        say(f"net {plan.seed}, pass {number + 1}: loss {loss / len(learnt):.4f}")
    return learning.learnt()


def _telling(learning: Learning, known: Known | None, rng: np.random.Generator) -> Telling | None:
    if not learning.plan.known:
        return None
    if known is None:
        raise ValueError("this plan needs published vectors of words")
    return Telling(learning, known, prepared(known.words), rng)
