"""New people are compared with the known ones as they come: read from the log, weighed, suggested. Runs beside the core, in steps.

Everything here follows from the log, the model and the audit trail; after a crash a step is done again and gives the same.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Literal

import msgspec
import numpy as np

from gyeol.app.core_api import CommandRequest, Core, PeopleRequest, StatusRequest, SubmitRequest
from gyeol.app.core_people import NodeName
from gyeol.app.suggestion_records import FrameRecords, Judgement, Statement, judgements
from gyeol.engine.state_store import StateStore
from gyeol.events.frames import decode_frame
from gyeol.identity.suggesting import attributes as known
from gyeol.identity.suggesting.attributes import ROLES, Attributes
from gyeol.identity.suggesting.model import Model, rarity
from gyeol.identity.suggesting.prior import shipped
from gyeol.identity.suggesting.training import trained, with_prior
from gyeol.storage.lake.past import FrameReader
from gyeol.storage.suggesting.comparing import likeness
from gyeol.storage.suggesting.store import Likely, Pair, SuggestionStore

FRAMES_A_STEP, NODES_A_STEP = 200, 200
"""How much of the log, and how many changed records, one step takes on."""
MOST_NEAR = 50
"""A key that more records share says nothing; and nobody is compared with more records than this."""
MOST_SUGGESTED = 5_000
"""So many suggestions are kept, the strongest."""
ENOUGH_TO_COUNT, ENOUGH_TO_LEARN = 200, 2_000
"""From so many records on, frequencies of values are counted, and weights are learnt: fewer hold too few pairs (``LEAST_PAIRS``)."""
MOST_COUNTED = 50_000
"""How many records at most say how frequent values are: half a minute of work."""
_RANDOM_PAIRS, _SESSION_PAIRS, _MOST_COUNTS, _SEED = 100_000, 50_000, 20_000, 1
_NAMES_A_CALL = 400
BY = "suggestion"
"""Who gives the command that accepts a suggestion above the threshold."""


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From which weight (bits) on a pair waits for a person, and from which it is accepted without one.

    ``mode``: ``off``: nothing is compared · ``queue``: everything waits · ``accept``: what is above ``accept_at_least`` does not.
    """

    mode: Literal["off", "queue", "accept"] = "queue"
    at_least: float = 4.0
    accept_at_least: float = 16.0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What steps did. ``behind``: whether there is more to do."""

    statements: int = 0
    compared: int = 0
    suggested: int = 0
    accepted: int = 0
    behind: bool = False

    def plus(self, other: Progress) -> Progress:
        """Both."""
        return Progress(
            statements=self.statements + other.statements,
            compared=self.compared + other.compared,
            suggested=self.suggested + other.suggested,
            accepted=self.accepted + other.accepted,
            behind=other.behind,
        )


class Suggester:
    """Keeps suggestions in step with the log.

    Args:
        core: Says whose a node is, and takes commands.
        state: For the audit trail, when everything is made anew.
        log: Frames.
        frames: Reads them.
        store: Where suggestions are kept.
        key: Of digests: the identity key.
        thresholds: See there.
    """

    def __init__(
        self,
        core: Core,
        state: StateStore,
        log: FrameReader,
        frames: FrameRecords,
        store: SuggestionStore,
        key: bytes,
        thresholds: Thresholds,
    ) -> None:
        self._core, self._state, self._log, self._frames, self.store, self.thresholds = core, state, log, frames, store, thresholds
        self._key = key
        self._stepping = threading.Lock()

    def digest(self, data: bytes) -> int:
        """A keyed hash of 63 bits."""
        return int.from_bytes(hashlib.blake2b(data, key=self._key[:64], digest_size=8, person=b"gyeol suggest").digest(), "big") >> 1

    def all(self, seconds: float = float("inf")) -> Progress:
        """Steps until there is nothing more to do, or that much time has passed."""
        done, until = Progress(behind=True), time.monotonic() + seconds
        while done.behind and time.monotonic() < until:
            done = done.plus(self.step())
        return done

    def step(self) -> Progress:
        """Read some frames; with nothing more to read compare some records. One step at a time, whoever asks."""
        with self._stepping:
            return self._step()

    def _step(self) -> Progress:
        if self.thresholds.mode == "off":
            return Progress()
        if self.store.offset < 0:
            self._begin()
        statements, more = self._read()
        if more:
            return Progress(statements=statements, behind=True)
        model = self._model()
        nodes = self.store.changed(NODES_A_STEP)
        suggested, accepted = self._compare(nodes, model) if nodes else (0, 0)
        behind = self.store.waiting() > 0
        return Progress(statements=statements, compared=len(nodes), suggested=suggested, accepted=accepted, behind=behind)

    # ------------------------------------------------------------------ reading

    def _begin(self) -> None:
        """The first time: what was judged before the log that is left began stands in the audit trail."""
        judged: list[Judgement] = []
        before: int | None = None
        while page := self._state.audit.list(1_000, before):
            before = page[-1].offset
            judged += [each for entry in page for each in judgements(entry.kind, entry.body, entry.at_ms)]
        with self.store.transaction():
            self._judge(reversed(judged))
            self.store.passed(0)

    def _judge(self, judged: Iterable[Judgement]) -> None:
        """Keep what was judged, in the order of the log. In a transaction."""
        for each in judged:
            if each.kind == "cut":
                self.store.revoke(each.a, each.b, each.at_ms)
            else:
                self.store.judge(each.a, each.b, _verdict(each.kind), each.at_ms)

    def _read(self) -> tuple[int, bool]:
        """(statements taken, whether there is more to read)."""
        offset, statements, frames = self.store.offset, 0, 0
        said: list[Statement | Judgement] = []
        reached, waits = offset, False
        for data in islice(self._log.read(offset), FRAMES_A_STEP):
            frame = decode_frame(data)
            found = self._frames.read(frame)
            if found is None:
                waits = True  # folded, but not in state.db yet: the next step finds it there
                break
            frames += 1
            said += found
            reached = frame.header.first_offset + frame.header.count
        if reached > offset:
            statements = self._take(said, reached)
        return statements, frames == FRAMES_A_STEP and not waits

    def _take(self, said: Sequence[Statement | Judgement], reached: int) -> int:
        before = self.store.records(each.node for each in said if isinstance(each, Statement))
        now = dict(before)
        for each in said:
            if isinstance(each, Statement):
                now[each.node] = now.get(each.node, Attributes()).with_(each.role, each.said)
        with self.store.transaction():
            for node in sorted(now):
                if _weighed_by(now[node]) != _weighed_by(before.get(node)):
                    self.store.keep(node, now[node], known.keys(now[node], self.digest))
                elif now[node] != before.get(node):
                    self.store.refresh(node, now[node])
            self._judge(each for each in said if isinstance(each, Judgement))
            self.store.passed(reached)
        return len(said)

    # ------------------------------------------------------------------ the model

    def _model(self) -> Model:
        """The model in use: counted anew, and learnt once there is enough, each time that records have doubled."""
        model, records = self.store.model, self.store.count()
        if model is not None and (records < ENOUGH_TO_COUNT or records < 2 * model.records):
            return model
        made = self.learn() if records >= ENOUGH_TO_COUNT else shipped()
        with self.store.transaction():
            self.store.use(made)
        return made

    def learn(self) -> Model:
        """A model of the records that are known now. The same records give the same model."""
        nodes = self.store.nodes()
        sample = nodes[:: len(nodes) // MOST_COUNTED + 1]
        base = shipped(len(nodes), self._counted(sample), len(sample))
        if len(nodes) < ENOUGH_TO_LEARN:
            return base
        random = np.random.default_rng(_SEED)
        drawn = random.choice(np.array(nodes, np.int64), (_RANDOM_PAIRS, 2))
        by_chance = [(int(a), int(b)) for a, b in drawn[drawn[:, 0] != drawn[:, 1]].tolist()]
        sessions = [(kind, self.store.sharing(kind, MOST_NEAR, _SESSION_PAIRS)) for kind in range(len(known.BLOCKED_ON))]
        learnt = trained(base, self._likeness(by_chance), [(kind, self._likeness(pairs)) for kind, pairs in sessions if pairs])
        candidates = list(dict.fromkeys(pair for _, pairs in sessions for pair in pairs))[:_SESSION_PAIRS]
        if not learnt.trained or not candidates:
            return learnt
        flat = msgspec.structs.replace(learnt, prior=0.0)
        weights = np.array([each.weight for each in self._weighed(candidates, flat)])
        return with_prior(learnt, weights)

    def _counted(self, nodes: Sequence[int]) -> dict[str, dict[int, int]]:
        counts: dict[str, Counter[int]] = {}
        for start in range(0, len(nodes), 5_000):
            for record in self.store.records(nodes[start : start + 5_000]).values():
                for part, value in known.telling(record, self.digest).items():
                    counts.setdefault(part, Counter())[value] += 1
        several = {part: [(v, n) for v, n in counter.items() if n > 1] for part, counter in counts.items()}
        return {part: dict(sorted(found, key=lambda each: (-each[1], each[0]))[:_MOST_COUNTS]) for part, found in sorted(several.items())}

    def _likeness(self, pairs: Sequence[Pair]) -> Mapping[str, np.ndarray[tuple[int], np.dtype[np.int8]]]:
        parts = []
        for start in range(0, len(pairs), 20_000):
            part = pairs[start : start + 20_000]
            parts.append(likeness(self.store.records(node for pair in part for node in pair), part))
        return {role: np.concatenate([part[role] for part in parts]) for role in ROLES} if parts else {}

    # ------------------------------------------------------------------ comparing

    def _weighed(self, pairs: Sequence[Pair], model: Model, at_ms: int = 0) -> list[Likely]:
        found: list[Likely] = []
        version = model.version
        for start in range(0, len(pairs), 20_000):
            part = pairs[start : start + 20_000]
            records = self.store.records(node for pair in part for node in pair)
            told = likeness(records, part)
            digests = {node: known.telling(record, self.digest) for node, record in records.items()}
            for i, (a, b) in enumerate(part):
                alike = {role: int(told[role][i]) for role in ROLES}
                rare = _agreed(alike, digests[a], digests[b])
                weight = model.weight(alike, rare)
                bits = model.bits(alike, rare)
                found.append(Likely(a=a, b=b, weight=weight, model=version, prior=model.prior, likeness=alike, bits=bits, at_ms=at_ms))
        return found

    def _compare(self, nodes: Sequence[int], model: Model) -> tuple[int, int]:
        """Compare some records with those that share a key: (suggestions kept, suggestions accepted)."""
        pairs = sorted({(min(a, b), max(a, b)) for a in nodes for b in self.store.near(a, MOST_NEAR)})
        at_ms = self._core.status(StatusRequest()).engine_now_ms
        likely = [each for each in self._weighed(pairs, model, at_ms) if each.weight >= self.thresholds.at_least]
        accepted = self._accept(likely) if self.thresholds.mode == "accept" else 0
        with self.store.transaction():
            self.store.compared(nodes)
            for each in likely:
                self.store.suggest(each)
            self.store.shorten(MOST_SUGGESTED)
        return len(likely), accepted

    def _accept(self, likely: Sequence[Likely]) -> int:
        """Accept what is above the threshold, said by servers alone, and was not rejected: strongest first, each a command."""
        strong = sorted(
            (each for each in likely if each.weight >= self.thresholds.accept_at_least), key=lambda each: (-each.weight, each.a, each.b)
        )
        done = 0
        for each in strong:
            names = self.people([each.a, each.b])
            records = self.store.records([each.a, each.b])
            if not {each.a, each.b} <= names.keys() or names[each.a].person == names[each.b].person:
                continue
            if not all(record.trusted for record in records.values()) or self.is_judged(each, names):
                continue
            body: dict[str, object] = {"a": names[each.a].identifier.id, "b": names[each.b].identifier.id}
            body |= {"weight": each.weight, "model": each.model}
            command = CommandRequest(kind="accept", body=body, by=BY, why=f"weight {each.weight:+.1f} bits, model {each.model}")
            done += self._core.submit(SubmitRequest(commands=[command])).results[0].status == "applied"
        return done

    def people(self, nodes: Iterable[int]) -> dict[int, NodeName]:
        """What nodes are called and whose they are now."""
        wanted = list(dict.fromkeys(nodes))
        found: dict[int, NodeName] = {}
        for start in range(0, len(wanted), _NAMES_A_CALL):
            reply = self._core.people(PeopleRequest(limit=0, nodes=wanted[start : start + _NAMES_A_CALL]))
            found |= {each.node: each for each in reply.nodes}
        return found

    def is_judged(self, likely: Likely, names: Mapping[int, NodeName]) -> bool:
        """Whether the two, or the two people whose they are now, were accepted (then held back or cut) or rejected before."""
        return frozenset((names[likely.a].person, names[likely.b].person)) in self.judged_people() or (
            (likely.a, likely.b) in set(self.store.judged("accepted"))
        )

    def judged_people(self) -> set[frozenset[str]]:
        """Pairs of people who were rejected, as they are now: ids change, nodes do not."""
        rejected = self.store.judged("rejected")
        names = self.people(node for pair in rejected for node in pair)
        return {frozenset((names[a].person, names[b].person)) for a, b in rejected if a in names and b in names}


def _verdict(kind: str) -> str:
    return "accepted" if kind == "accept" else "rejected"


def _weighed_by(record: Attributes | None) -> object:
    """What of a record decides about suggestions: times do not."""
    return None if record is None else (record.trusted, {role: said.value for role, said in record.stated.items()})


def _agreed(alike: Mapping[str, int], a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    """The digests of values whose rarity counts, where both have the same."""
    found = {}
    for role, level in alike.items():
        part = f"{role}.{rarity(role, level)}"
        if part in a and a[part] == b.get(part):
            found[part] = a[part]
    return found
