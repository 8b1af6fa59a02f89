"""Logged decisions that a policy is to begin with: spooled to disk part by part, then summed."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

import numpy as np

from gyeol.app.policy_words import LEFT_OUT, word
from gyeol.decisions.ranking.drawing import Floats, Ints
from gyeol.decisions.ranking.fitting import Rows, fitted
from gyeol.decisions.ranking.learner import Learner
from gyeol.decisions.ranking.warm import MOST_BYTES, MOST_EVER, Warm, packed
from gyeol.engine.chances import BETWEEN
from gyeol.engine.definitions import Definitions
from gyeol.engine.state import EngineState
from gyeol.engine.warming import arms_of
from gyeol.kernel.errors import InputError, LimitError, Problem

BLOCK = 65_536
"""Rows that are in memory at once."""
_FIXED = 3
Tell = Callable[[str, int, int], None]


class Ground:
    """The policy that is to begin, and the arms that it may draw.

    Args:
        definitions: Those in force.
        policy: One of theirs.

    Raises:
        NotFoundError: No such policy.
    """

    def __init__(self, definitions: Definitions, policy: str) -> None:
        # Formulas are compiled as in the engine; nobody's identifiers are made here, so the key is of no use.
        self.learner: Learner = EngineState(definitions, bytes(32)).learning.policies.known(policy)
        self.definitions = definitions
        self.arms = arms_of(policy, definitions.placements, definitions.offers)
        self._codes = {name: code for code, name in enumerate(self.arms)}
        self._codes |= {name.replace("/", BETWEEN, 1): code for name, code in list(self._codes.items())}

    @property
    def placements(self) -> list[str]:
        """Those that the policy ranks."""
        return [place.name for place in self.definitions.placements if place.ranking == self.learner.name]

    def arm(self, name: str) -> int:
        """The code of an arm by its name, ``offer``, ``offer/creative`` or as decisions name it; -1: the policy never draws it."""
        return self._codes.get(name, -1)


class History:
    """Decisions, spooled to a file without a name, so that no history need fit into memory. A context manager.

    Args:
        ground: What they are for.

    Attributes:
        left_out: Decisions that are not used, by reason.
        amounts: Offer → (sum, count) of what goals were worth, where the worth is a path.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.left_out: Counter[str] = Counter()
        self.amounts: dict[str, tuple[float, int]] = {}
        self._width = _FIXED + len(ground.learner.columns)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by ``__exit__``
        self._rows = np.zeros(len(ground.arms), np.int64)
        self._reached = np.zeros(len(ground.arms), np.int64)

    def __enter__(self) -> History:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    @property
    def n(self) -> int:
        """How many decisions."""
        return int(self._rows.sum())

    def add(self, arm: Ints, reached: Floats, propensity: Floats, features: Floats) -> None:
        """Decisions of known arms; see ``Rows``."""
        self._rows += np.bincount(arm, minlength=len(self._rows))
        self._reached += np.bincount(arm, reached, len(self._reached)).astype(np.int64)
        self._file.write(np.column_stack([arm, reached, propensity, features]).astype(np.float64).tobytes())

    def paid(self, offer: str, amount: float, n: int) -> None:
        """Goals of an offer that were worth so much together."""
        total, before = self.amounts.get(offer, (0.0, 0))
        self.amounts[offer] = (total + amount, before + n)

    def parts(self) -> Iterator[Rows]:
        """All of them, in blocks."""
        self._file.seek(0)
        while data := self._file.read(BLOCK * self._width * 8):
            table = np.frombuffer(data).reshape(-1, self._width)
            yield Rows(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, _FIXED:])

    def warm(
        self, source: str, hash_: str, weight: float, most: float, spans: Sequence[tuple[str, int, int]] = (), tell: Tell | None = None
    ) -> Warm:
        """What the log is to keep of it.

        Args:
            source: See ``Warm``.
            hash_: See ``Warm``.
            weight: See ``fitted``.
            most: See ``fitted``.
            spans: See ``Warm``.
            tell: Told that it is being learned.

        Raises:
            InputError: There is nothing to begin with (``empty_log``), or a bound is broken.
            LimitError: There are too many arms and features for one record of the log.
        """
        learner = self.ground.learner
        problems = _out_of_range(weight, most)
        if not self.n:
            told = "; ".join(f"{count:,} left out, {word(LEFT_OUT, reason, 'en')}" for reason, count in sorted(self.left_out.items()))
            what = f"there is no decision to begin with: {told or 'it is empty'}"
            problems.append(Problem(path=source, code="empty_log", what=what, mend="name another history or period"))
        if problems:
            raise InputError("bad_warm_start", problems)
        used = np.flatnonzero(self._rows)
        place = np.full(len(self._rows), -1)
        place[used] = np.arange(len(used))

        def parts() -> Iterator[Rows]:
            for rows in self.parts():
                if tell is not None:
                    tell("learning from history", 0, 0)
                yield rows._replace(arm=place[rows.arm])

        found = fitted(learner, len(used), parts, weight, most)
        share, sums = min(1.0, float(found.counts.sum()) / self.n), packed(found)
        if len(sums) > MOST_BYTES:
            told = f"the sums of {len(used):,} arms with {len(learner.columns)} features take {len(sums):,} bytes, more than {MOST_BYTES:,}"
            raise LimitError("history_too_large", f"{told}. Begin with fewer offers, or give the policy fewer features.")
        names = [self.ground.arms[i] for i in used.tolist()]
        return Warm(
            policy=learner.name,
            shape=learner.shaped,
            columns=list(learner.columns),
            source=source,
            hash=hash_,
            arms=dict(zip(names, self._rows[used].tolist(), strict=True)),
            reached=dict(zip(names, self._reached[used].tolist(), strict=True)),
            left_out=dict(sorted(self.left_out.items())),
            weight=weight,
            most=most,
            sums=sums,
            amounts={offer: _counted(*self.amounts[offer], share) for offer in sorted(self.amounts)},
            spans=list(spans),
        )

    def digest(self, spans: Sequence[tuple[str, int, int]]) -> str:
        """Hash of the decisions themselves and of where they are from, for a history that is no file: two days may well look the same."""
        digest = hashlib.blake2b(json.dumps(spans).encode(), digest_size=16)
        self._file.seek(0)
        while data := self._file.read(1 << 20):
            digest.update(data)
        return digest.hexdigest()


def _counted(total: float, n: int, share: float) -> tuple[float, int]:
    """Amounts as what they count for: their mean, as often as the decisions count, so that old prices outweigh none for ever either."""
    times = max(1, round(n * share))
    return (total, n) if times == n else (total / n * times, times)


def _out_of_range(weight: float, most: float) -> list[Problem]:
    """What is wrong with how much a history is to count."""
    problems = []
    if not 0 < weight <= 1:
        problems.append(Problem(path="--weight", code="out_of_range", what=f"{weight:g} is no share", mend="write 0 < weight <= 1"))
    if not 1 <= most <= MOST_EVER:
        what, mend = f"{most:,g} decisions are none, or too many", f"write 1 to {MOST_EVER:,.0f}"
        problems.append(Problem(path="--most", code="out_of_range", what=what, mend=mend))
    return problems
