"""Who agreed to what: statements by contact (node) × channel × purpose.

The latest statement by (time, id) wins at a node. Where the nodes of a person disagree, the most restrictive wins: consent belongs
to the contact address, and a withdrawal at any of them stops the channel.

Source: DESIGN §5 (consent belongs to the contact address; the most restrictive wins).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.expressions.column import Vocabulary

Int64 = npt.NDArray[np.int64]
Status = Literal["granted", "withdrawn", "unknown"]

ANY = "*"
"""Channel or purpose of a statement that covers all of them. Only a withdrawal may be that wide: consent must name its purpose."""

NIGHT = "night"
"""The purpose of consent to advertising at night. Source: 정보통신망법 제50조 제3항 (separate prior consent for 21:00–08:00)."""

LOCATION = "location"
"""The purpose of consent to learning where somebody usually is. Source: 위치정보의 보호 및 이용 등에 관한 법률 제15조 (prior consent)."""

REACHABLE = "reachable"
"""The purpose of statements about an address itself: withdrawn when its server said that nobody is there."""

_CODE_LIMIT = 1 << 16
_ROW = np.dtype([("at", "i8"), ("id", "u8"), ("granted", "?"), ("simulated", "?"), ("source", "i4"), ("proof", "i4")])

_DUMPED = dict.fromkeys(("node", "channel", "purpose", "at", "source", "proof"), "<i8") | {"id": "<u8", "granted": "?", "simulated": "?"}


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about one contact.

    Args:
        node: The contact address (or the node of the event that spoke).
        channel: email, sms, push, …; ``*`` for a withdrawal from all.
        purpose: marketing, night, …; ``*`` for a withdrawal from all.
        granted: True: agreed; False: withdrew.
        at_ms: When it was said.
        id: Breaks ties of equal times: the event's id hash, or a command's offset.
        source: Who passed it on.
        proof: Where it can be checked (form id, recording, letter).
    """

    node: int
    channel: str
    purpose: str
    granted: bool
    at_ms: int
    id: int
    source: str = ""
    proof: str = ""
    simulated: bool = False


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a person on a channel for a purpose, and the statement it rests on (``node`` is -1 when there is none)."""

    status: Status
    channel: str
    purpose: str
    node: int = -1
    at_ms: int = 0
    id: int = 0
    source: str = ""
    proof: str = ""
    simulated: bool = False

    @property
    def granted(self) -> bool:
        """Whether the channel may be used."""
        return self.status == "granted"


class ConsentLedger:
    """The latest statement of every (node, channel, purpose): 31 bytes and an index entry each."""

    def __init__(self) -> None:
        self._channels = Vocabulary()
        self._purposes = Vocabulary()
        self._sources = Vocabulary()
        self._proofs = Vocabulary()
        self._index: dict[int, int] = {}
        self._rows = np.zeros(1024, _ROW)
        self._taken_back: list[int] = []

    def __len__(self) -> int:
        return len(self._index)

    def state(self, statement: Statement) -> str | None:
        """Take one statement; order does not matter.

        Returns:
            None, or the code of why it was not believed: ``consent_incomplete``, ``consent_too_wide``, ``consent_no_contact``,
            ``consent_too_many_words``.
        """
        channel, purpose = _plain(statement.channel), _plain(statement.purpose)
        if not channel or not purpose:
            return "consent_incomplete"
        if statement.node < 0:
            return "consent_no_contact"
        if statement.granted and ANY in (channel, purpose):
            return "consent_too_wide"
        codes = self._channels.code(channel), self._purposes.code(purpose)
        if max(codes) >= _CODE_LIMIT:
            return "consent_too_many_words"
        key = _key(statement.node, *codes)
        place = self._index.get(key)
        if place is None:
            place = self._index[key] = len(self._index)
            if place == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros(len(self._rows), _ROW)])
        elif not self._supersedes(statement, place):
            return None
        self._rows[place] = (
            statement.at_ms,
            statement.id,
            statement.granted,
            statement.simulated,
            self._sources.code(statement.source),
            self._proofs.code(statement.proof),
        )
        if not statement.granted and (purpose == LOCATION or (channel, purpose) == (ANY, ANY)):
            self._taken_back.append(statement.node)
        return None

    def taken_back(self) -> list[int]:
        """The nodes that withdrew from learning where they usually are since this was last asked."""
        found, self._taken_back = self._taken_back, []
        return found

    def speaks_of(self, purpose: str) -> bool:
        """Whether anybody ever said anything of a purpose; False spares looking."""
        return self._purposes.find(purpose) >= 0

    def agreed(self, nodes: Iterable[int], purpose: str, now_ms: int) -> bool:
        """Whether the person of some nodes agrees to a purpose that belongs to no channel: granted on one, withdrawn on none.

        Who wants no more e-mail of any purpose has not withdrawn from this one; who withdrew from everything everywhere has.
        """
        asked, everywhere, anything = self._purposes.find(purpose), self._channels.find(ANY), self._purposes.find(ANY)
        if asked < 0:
            return False
        wide = [_key(0, everywhere, code) for code in (asked, anything) if min(everywhere, code) >= 0]
        channels = [[_key(0, code, asked), *wide] for code in range(len(self._channels.words))]
        said = [latest for node in nodes for keys in channels if (latest := self._latest(node, keys)) is not None]
        return not any(refuses for _, _, refuses, _ in said) and any(at_ms <= now_ms for at_ms, _, _, _ in said)

    def _supersedes(self, statement: Statement, place: int) -> bool:
        row = self._rows[place]
        kept = (int(row["at"]), int(row["id"]), not row["granted"], self._sources.words[row["source"]], self._proofs.words[row["proof"]])
        return (statement.at_ms, statement.id, not statement.granted, statement.source, statement.proof) > kept

    def of(self, nodes: Iterable[int], channel: str, purpose: str, now_ms: int) -> Consent:
        """What holds for the person who has these nodes. A grant dated after ``now_ms`` does not hold yet; a withdrawal does."""
        channel, purpose = _plain(channel), _plain(purpose)
        withdrawn: tuple[int, int, int, int] | None = None
        granted: tuple[int, int, int, int] | None = None
        keys = self._keys(channel, purpose)
        for node in nodes:
            latest = self._latest(node, keys)
            if latest is None:
                continue
            at_ms, said_id, refuses, place = latest
            found = (at_ms, said_id, node, place)
            if refuses:
                withdrawn = found if withdrawn is None else max(withdrawn, found)
            elif at_ms <= now_ms:
                granted = found if granted is None else max(granted, found)
        winner = withdrawn or granted
        if winner is None:
            return Consent(status="unknown", channel=channel, purpose=purpose)
        at_ms, said_id, node, place = winner
        row = self._rows[place]
        return Consent(
            status="withdrawn" if withdrawn else "granted",
            channel=channel,
            purpose=purpose,
            node=node,
            at_ms=at_ms,
            id=said_id,
            source=self._sources.words[row["source"]],
            proof=self._proofs.words[row["proof"]],
            simulated=bool(row["simulated"]),
        )

    def stated(self, node: int, channel: str, purpose: str) -> Consent | None:
        """What was said of one contact under exactly these words; None: nothing."""
        codes = self._channels.find(channel), self._purposes.find(purpose)
        place = None if min(codes) < 0 else self._index.get(_key(node, *codes))
        if place is None:
            return None
        row = self._rows[place]
        return Consent(
            status="granted" if row["granted"] else "withdrawn",
            channel=channel,
            purpose=purpose,
            node=node,
            at_ms=int(row["at"]),
            id=int(row["id"]),
            source=self._sources.words[row["source"]],
            proof=self._proofs.words[row["proof"]],
            simulated=bool(row["simulated"]),
        )

    def _keys(self, channel: str, purpose: str) -> list[int]:
        channels = [code for word in dict.fromkeys((channel, ANY)) if (code := self._channels.find(word)) >= 0]
        purposes = [code for word in dict.fromkeys((purpose, ANY)) if (code := self._purposes.find(word)) >= 0]
        return [_key(0, c, p) for c in channels for p in purposes]

    def _latest(self, node: int, keys: Sequence[int]) -> tuple[int, int, bool, int] | None:
        """(at_ms, id, withdrawn, place) of the node's latest statement under any of these keys."""
        latest: tuple[int, int, bool, int] | None = None
        for key in keys:
            place = self._index.get(key | node << 32)
            if place is not None:
                row = self._rows[place]
                found = (int(row["at"]), int(row["id"]), not row["granted"], place)
                if latest is None or found[:3] > latest[:3]:
                    latest = found
        return latest

    def all_of(self, nodes: Sequence[int], now_ms: int) -> list[Consent]:
        """Everything said for a person, by channel and purpose; what nobody spoke of is left out."""
        found = []
        for channel in sorted(self._channels.words):
            for purpose in sorted(self._purposes.words):
                keys = [_key(0, self._channels.find(channel), self._purposes.find(purpose))]
                if any(self._latest(node, keys) is not None for node in nodes):
                    found.append(self.of(nodes, channel, purpose, now_ms))
        return found

    def dump(self) -> bytes:
        """The ledger's content; equal contents give equal bytes, whatever the order in which statements came."""
        keys = np.fromiter(self._index, np.int64, len(self._index))
        places = np.fromiter(self._index.values(), np.int64, len(self._index))
        rows = self._rows[places]
        codes = {"channel": keys >> 16 & 0xFFFF, "purpose": keys & 0xFFFF, "source": rows["source"], "proof": rows["proof"]}
        words: dict[str, list[str]] = {}
        for name, vocabulary in self._vocabularies().items():
            words[name], codes[name] = _in_order(codes[name], vocabulary)
        order = np.lexsort((codes["purpose"], codes["channel"], keys >> 32))
        columns = {
            "node": keys >> 32,
            "at": rows["at"],
            "id": rows["id"],
            "granted": rows["granted"],
            "simulated": rows["simulated"],
            **codes,
        }
        return msgspec.msgpack.encode((words, {name: column[order].astype(_DUMPED[name]).tobytes() for name, column in columns.items()}))

    @classmethod
    def load(cls, data: bytes) -> ConsentLedger:
        """The ledger that ``dump`` wrote."""
        words, packed = msgspec.msgpack.decode(data, type=tuple[dict[str, list[str]], dict[str, bytes]])
        columns = {name: np.frombuffer(packed[name], dtype) for name, dtype in _DUMPED.items()}
        ledger = cls()
        for name, vocabulary in ledger._vocabularies().items():
            vocabulary.encode(list(words[name]))
        n = len(columns["node"])
        keys = columns["node"] << 32 | columns["channel"] << 16 | columns["purpose"]
        ledger._index = dict(zip(keys.tolist(), range(n), strict=True))
        ledger._rows = np.zeros(max(n, 1024), _ROW)
        for name in _ROW.names or ():
            ledger._rows[name][:n] = columns[name]
        return ledger

    def _vocabularies(self) -> dict[str, Vocabulary]:
        return {"channel": self._channels, "purpose": self._purposes, "source": self._sources, "proof": self._proofs}


def _in_order(codes: Int64, vocabulary: Vocabulary) -> tuple[list[str], Int64]:
    """The words in use, sorted, and the codes as places among them."""
    used, inverse = np.unique(codes, return_inverse=True)
    words = [vocabulary.words[code] for code in used.tolist()]
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), np.int64)
    rank[order] = np.arange(len(words))
    return [words[i] for i in order], rank[inverse]


def _plain(word: str) -> str:
    return word.strip().lower()


def _key(node: int, channel: int, purpose: int) -> int:
    return node << 32 | channel << 16 | purpose
