"""distinct and top: the k different values of smallest hash, shared by both kinds.

Monoid: of the union of two sets of values, those of the k smallest ``kernel.hashing.value_hash`` (with their counts added, for
top). A value among the k smallest of all was among the k smallest of every part in which it occurred, so it was never dropped and
its count is exact; hence the kept set is the same in any order and any split. It is all values as long as there are at most k.

Source: Bar-Yossef et al., Counting Distinct Elements in a Data Stream, RANDOM 2002 (the k minimum values); Beyer et al., On Synopses
for Distinct-Value Estimation Under Multiset Operations, SIGMOD 2007 (the unbiased estimate (k − 1) / h_k and its unions).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gyeol.profiles.lists import FieldSpec, SlotLists
from gyeol.profiles.runs import lengths_of, places, positions, starts_of
from gyeol.profiles.slots import Int64, Slots
from gyeol.profiles.words import WordKeys

Int32 = npt.NDArray[np.int32]
UInt64 = npt.NDArray[np.uint64]
_CODE_BITS = 32
_CODE = (1 << _CODE_BITS) - 1
_LARGEST = np.iinfo(np.uint64).max


class KeptValues:
    """For every slot the values of smallest hash, as codes, each at most once, in no order.

    Args:
        slots, name: Where the state stands.
        keys: The vocabulary of the property.
        most: k.
        counted: Keep how often each value occurred.
    """

    def __init__(self, slots: Slots, name: str, keys: WordKeys, most: int, *, counted: bool) -> None:
        self.most = most
        self.keys = keys
        fields = {"code": FieldSpec("i4", words=keys.vocabulary)}
        if counted:
            fields["count"] = FieldSpec("i4")
        self.lists: SlotLists = slots.list_of(name, fields, 2, most)
        self.over = slots.array(f"{name}.over", np.bool_)

    def add(self, slots: Int64, codes: Int32, counts: Int64 | None = None) -> None:
        """Take values in: pairs in any order, a pair may occur many times; ``counts`` None means once each."""
        if not len(slots):
            return
        pairs, totals = _distinct_pairs(slots, codes, counts)
        known = self._known(pairs, totals)
        if len(known) == len(pairs):
            return
        new = np.ones(len(pairs), np.bool_)
        new[known] = False
        at = places(new)
        pairs = pairs.take(at)
        self._insert(pairs >> _CODE_BITS, pairs & _CODE, totals.take(at))

    def _known(self, pairs: Int64, totals: Int64) -> Int64:
        """Which of some pairs, ascending, are held already; where values are counted they are counted on."""
        lists = self.lists
        slots = pairs >> _CODE_BITS
        owners = slots.take(starts_of(slots))
        owner, cell = lists.spans(owners)
        held = (owners << _CODE_BITS).take(owner) | lists.cells["code"].take(cell)
        if "count" not in lists.cells:
            # To sort both together costs a quarter of looking each up in the other.
            both = np.concatenate([held, pairs])
            both.sort()
            known: Int64 = pairs.searchsorted(both[1:][both[1:] == both[:-1]])
            return known
        found = pairs.searchsorted(held)
        found[found == len(pairs)] = 0
        hit = places(pairs.take(found) == held)
        lists.cells["count"][cell.take(hit)] += totals.take(found.take(hit))
        return found.take(hit)

    def add_one(self, slot: int, code: int) -> None:
        """Take one value in."""
        lists = self.lists
        start, length = lists.start.item(slot), lists.length.item(slot)
        held = lists.cells["code"][start : start + length].tolist()
        if code in held:
            if "count" in lists.cells:
                lists.cells["count"][start + held.index(code)] += 1
        elif length < self.most:
            cell = lists.append_one(slot)
            lists.cells["code"][cell] = code
            if "count" in lists.cells:
                lists.cells["count"][cell] = 1
        else:
            self.add(np.array([slot]), np.array([code], np.int32))

    def _insert(self, slots: Int64, codes: Int64, totals: Int64) -> None:
        """Values that their slots do not hold yet; slots side by side."""
        starts = starts_of(slots)
        distinct = slots[starts]
        counts = lengths_of(starts, len(slots))
        crowded = self.lists.length.take(distinct) + counts > self.most
        if np.count_nonzero(crowded):
            each = crowded.repeat(counts)
            self._crowd(slots[each], codes[each], totals[each])
            distinct, counts, codes, totals = distinct[~crowded], counts[~crowded], codes[~each], totals[~each]
        cells = self.lists.append(distinct, counts)
        self.lists.cells["code"][cells] = codes
        if "count" in self.lists.cells:
            self.lists.cells["count"][cells] = totals

    def _crowd(self, slots: Int64, codes: Int64, totals: Int64) -> None:
        """New values of slots that cannot hold them all. Of a slot that is full most are passed over at once, for its own are smaller."""
        distinct = slots[starts_of(slots)]
        self.over[distinct] = True
        largest = np.full(len(distinct), _LARGEST)
        full = places(self.lists.length.take(distinct) == self.most)
        if len(full):
            _, cell = self.lists.spans(distinct[full])
            largest[full] = self.keys.hashes.of(self.lists.cells["code"][cell]).reshape(-1, self.most).max(axis=1)
        small = self.keys.hashes.of(codes) <= largest[distinct.searchsorted(slots)]
        if np.count_nonzero(small):
            slots, codes, totals = slots[small], codes[small], totals[small]
            starts = starts_of(slots)
            self._squeeze(slots[starts], lengths_of(starts, len(slots)), codes, totals)

    def _squeeze(self, distinct: Int64, counts: Int64, codes: Int64, totals: Int64) -> None:
        """Keep the k smallest of the held values and the new ones."""
        lists = self.lists
        owner, cell = lists.spans(distinct)
        owner = np.concatenate([owner, np.arange(len(distinct)).repeat(counts)])
        all_codes = np.concatenate([lists.cells["code"][cell], codes])
        order = _by_hash(owner, len(distinct), self.keys.hashes.of(all_codes), all_codes)
        lengths = np.bincount(owner, minlength=len(distinct))
        kept = order[positions(lengths) < self.most]
        if "count" in lists.cells:
            all_totals = np.concatenate([lists.cells["count"][cell], totals])
        cells = lists.replace(distinct, np.minimum(lengths, self.most))
        lists.cells["code"][cells] = all_codes[kept]
        if "count" in lists.cells:
            lists.cells["count"][cells] = all_totals[kept]

    def combine(self, targets: Int64, sources: Int64) -> None:
        """Union of what sources hold into targets."""
        owner, cell = self.lists.spans(sources)
        counts = self.lists.cells["count"][cell].astype(np.int64) if "count" in self.lists.cells else None
        self.over[targets[self.over[sources]]] = True
        self.add(targets[owner], self.lists.cells["code"][cell], counts)


def _by_hash(owner: Int64, owners: int, hashes: UInt64, codes: Int64) -> Int64:
    """The order by (owner, hash); ``owners`` is how many there are."""
    bits = np.uint64(max(owners - 1, 1).bit_length())
    # Both in one number: a sort of numbers costs a tenth of one by several keys.
    keys = (owner.astype(np.uint64) << (np.uint64(64) - bits)) | (hashes >> bits)
    order = np.argsort(keys)
    ordered = keys[order]
    if not np.count_nonzero(ordered[1:] == ordered[:-1]):
        return order
    # Two values of one hash (never seen, 2**-64) would be told apart by their code, which is not the same on another machine.
    return np.lexsort((codes, hashes, owner))


def _distinct_pairs(slots: Int64, codes: Int32, counts: Int64 | None) -> tuple[Int64, Int64]:
    """(slot and code in one number, how often) of the different pairs, ascending."""
    keys = (slots << _CODE_BITS) | codes
    if counts is None:
        keys.sort()
    else:
        order = np.argsort(keys)
        keys = keys[order]
    starts = starts_of(keys)
    totals = lengths_of(starts, len(keys)) if counts is None else np.add.reduceat(counts[order], starts)
    return keys[starts], totals
