"""The policies of a workspace: what they have learned, which of them decide, what goals were worth. The log determines all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from gyeol.decisions.ranking.learner import Learner
from gyeol.decisions.ranking.model import Goal, PolicyDefinition
from gyeol.decisions.ranking.verdict import Verdict
from gyeol.decisions.ranking.warm import Warm, Warmed, gained, unpacked
from gyeol.expressions.schema import Schema
from gyeol.kernel.canonical import digest
from gyeol.kernel.errors import InputError, NotFoundError, Problem

EndReason = Literal["warmed", "changed"]


class Switched(msgspec.Struct, frozen=True, kw_only=True):
    """That a policy decides.

    Args:
        definition: Hash of the policy as it was judged: another one must be judged anew.
        verdict: Id of the verdict.
        at_ms: Since when.
    """

    definition: str
    verdict: str
    at_ms: int


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """That a verdict speaks for a policy no more: what it judged is not what the policy has learned.

    Args:
        definition: Hash of the policy as it was judged.
        verdict: Id of the verdict.
        at_ms: Since when.
        reason: ``warmed``: the policy began with a history; ``changed``: what it had learned went, for its features changed or it was gone.
    """

    definition: str
    verdict: str
    at_ms: int
    reason: EndReason = "warmed"


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """Body of the command ``policy_switch``.

    Args:
        policy: Which.
        verdict: What it rests on; None switches the policy off.
        definition: Hash of the policy that was judged, as the log keeps it: folded under later definitions, a switch must not speak for
            a policy that nobody has judged. Empty: of the one in force.
    """

    policy: str
    verdict: Verdict | None = None
    definition: str = ""


class _Dumped(msgspec.Struct, array_like=True):
    learners: list[tuple[str, str, tuple[int, bytes, bytes, list[tuple[str, float, bytes, bytes, bytes]]]]]
    on: list[tuple[str, Switched]]
    amounts: list[tuple[str, float, int]]
    warmed: list[tuple[str, list[Warmed]]] = []
    priced: list[str] = []
    ended: list[tuple[str, Ended]] = []


class Policies:
    """Learners by name.

    Args:
        definitions: The policies.
        schema: Names that features may read.
        open_: Policy → (channels, hours) that its placements leave open.
        goals: Offer → its goal.

    Raises:
        InputError: Every formula or duration that is wrong.
    """

    def __init__(
        self,
        definitions: Sequence[PolicyDefinition],
        schema: Schema,
        open_: Mapping[str, tuple[Sequence[str], Sequence[int]]],
        goals: Mapping[str, Goal],
    ) -> None:
        problems: list[Problem] = []
        self._learners: dict[str, Learner] = {}
        for definition in definitions:
            channels, hours = open_.get(definition.name, ((), ()))
            try:
                self._learners[definition.name] = Learner(definition, schema, channels, hours)
            except InputError as error:
                problems.extend(error.problems)
        if problems:
            raise InputError("bad_policies", problems)
        self._hashes = {each.name: digest(msgspec.structs.replace(each, label={})) for each in definitions}
        self._values = {offer: goal.value for offer, goal in goals.items()}
        self._on: dict[str, Switched] = {}
        self._ended: dict[str, Ended] = {}
        self._amounts: dict[str, tuple[float, int]] = {}
        self._warmed: dict[str, list[Warmed]] = {}
        self._priced: dict[str, None] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The policies."""
        return tuple(self._learners)

    def learner(self, policy: str) -> Learner | None:
        """A policy at work."""
        return self._learners.get(policy)

    def switched(self, policy: str) -> Switched | None:
        """By which verdict a policy decides; None: it only learns."""
        found = self._on.get(policy)
        return found if found is not None and found.definition == self._hashes.get(policy) else None

    def ended(self, policy: str) -> Ended | None:
        """The verdict by which a policy would decide, had it not begun with a history, or lost what it had learned, since; None: none."""
        found = self._ended.get(policy)
        return found if found is not None and found.definition == self._hashes.get(policy) else None

    def value(self, offer: str) -> float:
        """What reaching an offer's goal is worth: as defined, else the mean of the amounts so far (before any: of all offers'; else 1)."""
        said = self._values.get(offer)
        if isinstance(said, int | float):
            return float(said)
        if said is None:
            return 1.0
        total, n = self._amounts.get(offer) or self._all_amounts()
        return total / n if n and total > 0 else 1.0

    def _all_amounts(self) -> tuple[float, int]:
        found = [self._amounts[offer] for offer in sorted(self._amounts)]
        return sum(total for total, _ in found), sum(n for _, n in found)

    def paid(self, offer: str, amount: float) -> None:
        """A goal of an offer was reached, and was worth so much."""
        total, n = self._amounts.get(offer, (0.0, 0))
        self._amounts[offer] = (total + amount, n + 1)

    def known(self, policy: str) -> Learner:
        """A policy at work. Raises NotFoundError: no such policy."""
        found = self._learners.get(policy)
        if found is None:
            known = ", ".join(self._learners) or "none"
            raise NotFoundError("unknown_policy", f"there is no policy {policy!r}; the workspace has: {known}", policy=policy)
        return found

    def warmed(self, policy: str) -> list[Warmed]:
        """The histories that a policy began with, oldest first."""
        return list(self._warmed.get(policy, ()))

    def weigh(self, warm: Warm, now_ms: int) -> None:
        """Whether a policy may begin with a history.

        Raises:
            NotFoundError: No such policy.
            InputError: It was read for other features, was taken in before, counts for more than it may, or cannot be read; every problem.
        """
        learner, known = self.known(warm.policy), self.warmed(warm.policy)
        problems = _misread(learner, warm) + _again(warm, known) + (warm.contradictions() if warm.arms else [])
        if not warm.arms:
            problems.append(Problem(path="arms", code="empty_log", what="it holds no decision", mend="name a history with decisions"))
        if problems:
            raise InputError("bad_warm_start", problems)
        sums = unpacked(warm.sums, len(warm.arms), learner.shape)
        if not 0 < warm.weight <= 1 or sums.counts.sum() > min(warm.most, sum(warm.arms.values())) * (1 + 1e-9):
            what = f"it counts as {sums.counts.sum():,.1f} decisions"
            problem = Problem(path="sums", code="bad_history", what=what, mend="weight is in (0, 1]; nothing counts more than it holds")
            raise InputError("bad_warm_start", [problem])
        gained(learner.posterior, list(warm.arms), sums, now_ms)

    def warm(self, warm: Warm, at_ms: int) -> None:
        """Begin with a history that was weighed before; what was judged without it decides no more.

        A policy that is another one now, or has it already, learns nothing; nor does one that another history came to, if both go not
        together.
        """
        if warm.ends_verdict:
            self._end(warm.policy, at_ms, "warmed")
        learner = self._learners.get(warm.policy)
        if learner is None or _misread(learner, warm) or _again(warm, self.warmed(warm.policy)):
            return
        sums = unpacked(warm.sums, len(warm.arms), learner.shape)
        try:
            learner.posterior = gained(learner.posterior, list(warm.arms), sums, at_ms)
        except InputError:
            return
        # Amounts are the offers', not the policy's: another policy, or this one anew, may begin with a history that told them before.
        amounts = {} if warm.hash in self._priced else warm.amounts
        self._priced |= {warm.hash: None} if amounts else {}
        for offer, (amount, n) in sorted(amounts.items()):
            total, before = self._amounts.get(offer, (0.0, 0))
            self._amounts[offer] = (total + amount, before + n)
        taken = Warmed(
            hash=warm.hash,
            source=warm.source,
            rows=sum(warm.arms.values()),
            counted=float(sums.counts.sum()),
            weight=warm.weight,
            at_ms=at_ms,
            spans=warm.spans,
        )
        self._warmed.setdefault(warm.policy, []).append(taken)

    def _end(self, policy: str, at_ms: int, reason: EndReason) -> None:
        held = self._on.pop(policy, None)
        if held is not None:
            self._ended[policy] = Ended(definition=held.definition, verdict=held.verdict, at_ms=at_ms, reason=reason)

    def judge(self, switch: Switch, definitions: str) -> Switch:
        """The switch as the log keeps it, if the policy may be switched so.

        Args:
            switch: What somebody asks for.
            definitions: Hash of those in force.

        Raises:
            NotFoundError: No such policy.
            InputError: The verdict is not favourable, is of another policy, of other definitions, or of the policy before a history.
        """
        self.known(switch.policy)
        verdict = switch.verdict
        if verdict is None:
            return msgspec.structs.replace(switch, definition="")
        problems = []
        if verdict.policy != switch.policy:
            what = f"verdict {verdict.id!r} is about policy {verdict.policy!r}"
            problems.append(Problem(path="verdict", code="verdict_of_another", what=what, mend="evaluate this policy"))
        if verdict.definitions != definitions:
            what = f"verdict {verdict.id!r} was reached under other definitions"
            problems.append(Problem(path="verdict", code="verdict_outdated", what=what, mend="evaluate again"))
        knew, held = verdict.warmed or [], self.warmed(switch.policy)
        if knew != [each.hash for each in held]:
            began = ", ".join(f"{each.source} ({each.hash})" for each in held if each.hash not in knew) or "other histories"
            what = f"verdict {verdict.id!r} was reached before the policy began with {began}"
            mend = "evaluate again, on decisions since then"
            problems.append(Problem(path="verdict", code="verdict_outdated", what=what, mend=mend))
        if verdict.verdict != "better":
            what = f"verdict {verdict.id!r} says {verdict.verdict!r}"
            problems.append(Problem(path="verdict", code="verdict_unfavourable", what=what, mend="only 'better' switches a policy on"))
        if problems:
            raise InputError("bad_verdict", problems)
        return msgspec.structs.replace(
            switch, verdict=msgspec.structs.replace(verdict, warmed=knew), definition=self._hashes[switch.policy]
        )

    def switch(self, switch: Switch, at_ms: int) -> None:
        """Carry out a switch that was judged before.

        Of a policy that is another one now, or none, it switches nothing on; nor where a history came between.
        """
        verdict = switch.verdict
        if verdict is None:
            self._on.pop(switch.policy, None)
            self._ended.pop(switch.policy, None)
            return
        definition = switch.definition or self._hashes.get(switch.policy, "")
        if verdict.warmed is not None and verdict.warmed != [each.hash for each in self.warmed(switch.policy)]:
            self._ended[switch.policy] = Ended(definition=definition, verdict=verdict.id, at_ms=at_ms)
            return
        self._ended.pop(switch.policy, None)
        self._on[switch.policy] = Switched(definition=definition, verdict=verdict.id, at_ms=at_ms)

    def adopt(self, old: Policies, at_ms: int) -> None:
        """Take over what was learned under other definitions, as far as it means the same.

        The verdict on what means something else now ends: were the policy changed back, it would decide by what it has not learned.
        """
        kept = self._load(old._dumped())
        for name in self._on.keys() - kept:
            self._end(name, at_ms, "changed")

    def dump(self) -> bytes:
        """Everything; equal contents give equal bytes."""
        return msgspec.msgpack.encode(self._dumped())

    def load(self, data: bytes) -> None:
        """Take back what ``dump`` gave; a policy whose features or prior differ since begins anew."""
        self._load(msgspec.msgpack.decode(data, type=_Dumped))

    def _dumped(self) -> _Dumped:
        return _Dumped(
            learners=[(name, each.shaped, each.posterior.dump()) for name, each in sorted(self._learners.items())],
            on=sorted(self._on.items()),
            amounts=[(offer, *amounts) for offer, amounts in sorted(self._amounts.items())],
            warmed=sorted(self._warmed.items()),
            priced=sorted(self._priced),
            ended=sorted(self._ended.items()),
        )

    def _load(self, dumped: _Dumped) -> set[str]:
        """Returns the policies that go on with what they had learned."""
        kept = set()
        for name, shaped, sums in dumped.learners:
            learner = self._learners.get(name)
            if learner is not None and learner.shaped == shaped:
                kept.add(name)
                learner.posterior.load(sums)
                self._warmed |= {policy: list(held) for policy, held in dumped.warmed if policy == name}
        self._on = dict(dumped.on)
        self._ended = dict(dumped.ended)
        self._priced = dict.fromkeys(dumped.priced)
        self._amounts = {offer: (total, n) for offer, total, n in dumped.amounts}
        return kept


def _misread(learner: Learner, warm: Warm) -> list[Problem]:
    """Whether a history was read for another form of a policy."""
    if warm.shape == learner.shaped:
        return []
    theirs, ours = set(warm.columns), set(learner.columns)
    told = [f"{name} is new" for name in learner.columns if name not in theirs] + [
        f"{name} is gone" for name in warm.columns if name not in ours
    ]
    what = f"it was read for other features: {', '.join(told)}" if told else "it was read for other formulas, weights or another prior"
    mend = "read the history again under the definitions in force: `gyeol policy warm`"
    return [Problem(path=f"policies.{learner.name}.features", code="features_differ", what=what, mend=mend)]


def _again(warm: Warm, known: Sequence[Warmed]) -> list[Problem]:
    """Whether a history, or a part of it, was taken in before."""
    for each in known:
        spans = sorted([*warm.spans, *each.spans]) if each.spans else []
        shared = any(name == held and second < end for (name, _, end), (held, second, _) in pairwise(spans))
        if each.hash != warm.hash and not shared:
            continue
        what = f"{each.source} ({each.hash}) was taken in before, with {each.rows:,} decisions"
        mend = "a history counts once; only a change of the policy's features, prior, link or forgetting has it begin anew"
        return [Problem(path="hash", code="already_warm", what=what, mend=mend)]
    return []
