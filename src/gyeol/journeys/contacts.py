"""Who was written to, and whose messages wait: what the budget of contacts is counted from. Derived from messages and deliveries.

Only advertising counts. A message is a contact from the moment it is let go (a delivery ``sending`` in the log, durable before its
channel hears of it), and is none when it comes back into the queue, or never arrived. Of the messages that wait for one person those
worth most leave; the others are told by which they were beaten, wait for the next window, and compete again until they expire.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from gyeol.channels.model import Delivery, Message
from gyeol.decisions.gates.gate import Contest
from gyeol.decisions.ledger import window_start_ms
from gyeol.decisions.limits import MOST_COUNTED
from gyeol.decisions.terms import Contacts
from gyeol.expressions.durations import Duration
from gyeol.kernel.instants import Zone

RETRY_MS = 60_000
"""So long a message waits for one that is worth more and may leave as well, but was not asked for yet."""
_LEFT = frozenset({"sending", "accepted", "delivered", "opened", "clicked", "complained", "unknown"})


class Waiting(msgspec.Struct, array_like=True, frozen=True):
    """A message that has not left.

    Args:
        ready_ms: It may be handed out from then on.
        left_ms: When it was let go; 0: it was not. Its end is not known yet.
        charges, decided_ms: What its decision took of budgets, and when.
        decision: Its id; empty in what a release wrote that did not keep it.
    """

    node: int
    advertising: bool
    value: float
    offer: str
    queued_ms: int
    ready_ms: int
    expires_ms: int
    left_ms: int
    charges: dict[str, int]
    decided_ms: int
    decision: str = ""


class Unsent(NamedTuple):
    """A message that reached nobody: what is to be undone.

    Args:
        charges: What its decision took of budgets.
        decided_ms: When.
        node: Whose it was.
        decision: Id of the decision; empty: not known.
    """

    charges: dict[str, int]
    decided_ms: int
    node: int
    decision: str


class Contact(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A message that left."""

    at_ms: int
    value: float
    offer: str


class ContactLedger:
    """Messages that wait, and the latest contacts of each node."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._of_node: dict[int, dict[str, None]] = {}
        self._contacts: dict[int, list[Contact]] = {}

    def queued(self, message: Message, charges: dict[str, int]) -> None:
        """A message was made."""
        if message.send_key in self._waiting:
            return
        advertising = message.message_class == "advertising"
        self._waiting[message.send_key] = Waiting(
            message.node,
            advertising,
            message.value,
            message.offer,
            message.queued_at_ms,
            max(message.not_before_ms, message.queued_at_ms),
            message.expires_at_ms,
            0,
            charges,
            message.queued_at_ms,
            message.decision or "",
        )
        self._of_node.setdefault(message.node, {})[message.send_key] = None

    def delivered(self, delivery: Delivery) -> Unsent | None:
        """What became of a message; returns what is to be undone if it never left."""
        held = self._waiting.get(delivery.send_key)
        if held is None:
            return None
        if delivery.state == "sending":
            self._waiting[delivery.send_key] = msgspec.structs.replace(held, left_ms=delivery.at_ms)
        elif delivery.state == "queued":
            ready_ms = delivery.at_ms + delivery.retry_after_ms
            self._waiting[delivery.send_key] = msgspec.structs.replace(held, left_ms=0, ready_ms=ready_ms)
        else:
            self._drop(delivery.send_key, held)
            if delivery.state not in _LEFT:
                return Unsent(held.charges, held.decided_ms, held.node, held.decision)
            if held.advertising:
                contacts = self._contacts.setdefault(held.node, [])
                contacts.append(Contact(held.left_ms or delivery.at_ms, held.value, held.offer))
                contacts.sort()
                del contacts[:-MOST_COUNTED]
        return None

    def _drop(self, send_key: str, held: Waiting) -> None:
        del self._waiting[send_key]
        own = self._of_node[held.node]
        del own[send_key]
        if not own:
            del self._of_node[held.node]

    def contest(
        self, message: Message, nodes: Sequence[int], rules: Contacts, now_ms: int, zone: Zone, left: Mapping[str, Contact] | None = None
    ) -> Contest:
        """How a message stands against the others of its person.

        Args:
            message: It may leave now as far as everything else goes.
            nodes: All nodes of its person.
            rules: The budget.
            now_ms: ``engine_now``.
            zone: Of calendar windows.
            left: Contacts of the person that are let go in the same breath, and not recorded yet, by send key; None: none are.
        """
        start_ms, left = window_start_ms(rules.window, now_ms, zone), left or {}
        own = self._waiting.get(message.send_key)
        waiting = {key: self._waiting[key] for node in nodes for key in self._of_node.get(node, ())}
        waiting = {key: held for key, held in waiting.items() if key != message.send_key and key not in left}
        gone = [c for node in nodes for c in self._contacts.get(node, ()) if c.at_ms >= start_ms]
        gone += [Contact(w.left_ms, w.value, w.offer) for w in waiting.values() if w.advertising and w.left_ms >= max(start_ms, 1)]
        gone = sorted([*gone, *left.values()])
        fine = Contest(count=len(gone), most=rules.most, window=rules.per, value=message.value)
        if len(gone) >= rules.most:
            free_ms = _free_ms(rules.window, gone[len(gone) - rules.most].at_ms, zone)
            # What left while this one waited, and was worth as much, has beaten it; else the window was full before.
            better = [c for c in gone if c.at_ms >= message.queued_at_ms and c.value >= message.value]
            winner = max(better, key=lambda c: (c.value, -c.at_ms), default=None)
            return _lost(fine, winner, free_ms)
        mine = (-message.value, own.queued_ms if own is not None else message.queued_at_ms, message.send_key)
        rivals = sorted(
            ((-w.value, w.queued_ms, key), w)
            for key, w in waiting.items()
            if w.advertising and not w.left_ms and w.ready_ms <= now_ms + rules.wait_ms and w.expires_ms > max(now_ms, w.ready_ms)
        )
        ahead = [w for rank, w in rivals if rank < mine][: rules.most - len(gone)]
        if len(ahead) < rules.most - len(gone):
            return fine
        again_ms = max(now_ms + RETRY_MS, *(w.ready_ms for w in ahead))
        return _lost(fine, Contact(0, ahead[0].value, ahead[0].offer), again_ms)

    def dump(self) -> bytes:
        """The ledger's content; equal contents give equal bytes."""
        contacts = [(node, self._contacts[node]) for node in sorted(self._contacts)]
        return msgspec.msgpack.encode((sorted(self._waiting.items()), contacts))

    @classmethod
    def load(cls, data: bytes) -> ContactLedger:
        """The ledger that ``dump`` wrote."""
        ledger = cls()
        waiting, contacts = msgspec.msgpack.decode(data, type=tuple[list[tuple[str, Waiting]], list[tuple[int, list[Contact]]]])
        ledger._waiting = dict(waiting)
        for send_key, held in waiting:
            ledger._of_node.setdefault(held.node, {})[send_key] = None
        ledger._contacts = dict(contacts)
        return ledger


def by_rank(messages: Iterable[Message]) -> list[Message]:
    """Messages in the order in which they may leave: those worth most first, then those that wait longest."""
    return sorted(messages, key=lambda m: (-m.value, m.queued_at_ms, m.send_key))


def _free_ms(window: Duration, at_ms: int, zone: Zone) -> int:
    """When a contact no longer counts."""
    if window.calendar_days is not None:
        return zone.day_start_ms(zone.day(at_ms) + window.calendar_days)
    return at_ms + window.ms


def _lost(contest: Contest, winner: Contact | None, until_ms: int) -> Contest:
    if winner is None:
        return msgspec.structs.replace(contest, lost="contact_budget", until_ms=until_ms)
    return msgspec.structs.replace(contest, lost="outcompeted", winner=winner.offer, winner_value=winner.value, until_ms=until_ms)
