"""Beginning with history: what the log keeps of one. The sums, not the file: a replay needs nothing but the log."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from gyeol.decisions.ranking.drawing import Floats
from gyeol.decisions.ranking.posterior import Posterior, Shape, Sums
from gyeol.kernel.errors import InputError, Problem

MOST_BYTES = 8 * 1024 * 1024
"""Of packed sums: a history is one record of the log, and passes the API in one request."""
MOST_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_EVER = 1_000_000.0
"""As more decisions no history counts, whatever somebody says: beyond it float64 keeps too little of the prior (``learner.MOST``)."""
MOST_SPANS = 100_000
"""Of one history: some 30 bytes of state each."""
MOST_WORTH = 1e15
"""Of all goals of an offer in a history, in minor units: more than any shop earns, and far from where float64 ends."""
MOST_NAME = 255
NAMED = 10
"""So many contradictions are named."""
Name = Annotated[str, Meta(max_length=MOST_NAME)]
Rows = Annotated[int, Meta(ge=0, le=10**12)]
Offset = Annotated[int, Meta(ge=0, le=2**62)]
Worth = Annotated[float, Meta(ge=0, le=MOST_WORTH)]
Some = Annotated[int, Meta(ge=1, le=10**12)]


class Warm(msgspec.Struct, frozen=True, kw_only=True):
    """Body of the command ``policy_warm``: what a history says, and where it is from.

    Args:
        policy: Which begins with it.
        shape: ``Learner.shaped`` of the policy that it was read for.
        columns: The features of that, in order.
        source: Name of the file, or ``lake``.
        hash: Of the file, or of what was taken from the lake: the same history is taken once.
        arms: Arm (``offer`` or ``offer/creative``) → its decisions.
        reached: The same → those that reached their goal.
        left_out: Decisions that were not used, by reason.
        weight, most: How much it was allowed to count.
        sums: See ``packed``.
        amounts: Offer → (sum of amounts, how many), where the worth of its goal is a path.
        spans: (placement, first offset, end offset) of decisions that were taken from the lake.
        ends_verdict: Whether the verdict by which the policy decides ends with it, as it does whatever a history says; False: of a release
            that let it stand, which a replay does, too.
    """

    policy: Name
    shape: Name
    columns: Annotated[list[Name], Meta(max_length=10_000)]
    source: Name
    hash: Name
    arms: dict[Name, Some]
    reached: dict[Name, Rows]
    left_out: Annotated[dict[Name, Rows], Meta(max_length=100)]
    weight: Annotated[float, Meta(gt=0, le=1)]
    most: Annotated[float, Meta(ge=1, le=MOST_EVER)]
    sums: Annotated[str, Meta(max_length=MOST_BYTES)]
    amounts: dict[Name, tuple[Worth, Some]] = {}
    spans: Annotated[list[tuple[Name, Offset, Offset]], Meta(max_length=MOST_SPANS)] = []
    ends_verdict: bool = False

    def contradictions(self) -> list[Problem]:
        """What its parts say against each other."""
        offers, goals = {name.partition("/")[0] for name in self.arms}, sum(self.reached.values())
        found = [f"reached.{name}" for name, n in self.reached.items() if n > self.arms.get(name, -1)]
        found += [f"amounts.{name}" for name, (_, n) in self.amounts.items() if name not in offers or n > goals]
        found += [f"spans.{i}" for i, (_, first, end) in enumerate(self.spans) if first >= end]
        what, mend = "it says more than its arms do", "read the history again: `gyeol policy warm`"
        return [Problem(path=path, code="bad_history", what=what, mend=mend) for path in found[:NAMED]]


class Warmed(msgspec.Struct, array_like=True, frozen=True):
    """What is kept of a history that a policy began with.

    Args:
        hash, source, weight, spans: See ``Warm``.
        rows: Its decisions.
        counted: As how many they counted then.
        at_ms: When it was taken in.
    """

    hash: str
    source: str
    rows: int
    counted: float
    weight: float
    at_ms: int
    spans: list[tuple[str, int, int]] = []


def packed(sums: Sums) -> str:
    """Sums as a text: base64 of zlib of little-endian float64; of symmetric tables the upper half."""
    q, p = sums.own.shape[1], len(sums.shared)
    upper, shared = np.triu_indices(q), np.triu_indices(p)
    parts = [sums.counts, sums.own[:, upper[0], upper[1]], sums.cross, sums.right, sums.shared[shared], sums.shared_right]
    data = np.concatenate([each.ravel() for each in parts]).astype("<f8").tobytes()
    return base64.b64encode(zlib.compress(data, 9)).decode()


def unpacked(text: str, n: int, shape: Shape) -> Sums:
    """The sums of n arms again.

    Raises:
        InputError: They are none, of another shape, or of nothing that decisions can say (``bad_history``).
    """
    q, p = shape.own, shape.shared
    sizes = [n, n * q * (q + 1) // 2, n * q * p, n * q, p * (p + 1) // 2, p]
    if len(text) > MOST_BYTES or 8 * sum(sizes) > MOST_UNPACKED_BYTES:
        raise _bad(f"the sums are larger than {MOST_BYTES:,} bytes")
    try:
        zipped = zlib.decompressobj()
        data = zipped.decompress(base64.b64decode(text, validate=True), 8 * sum(sizes) + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise _bad(f"the sums cannot be read: {error}") from error
    if len(data) != 8 * sum(sizes):
        raise _bad(f"the sums are not those of {n} arms with {q} weights of their own and {p} shared ones")
    values = np.frombuffer(data, "<f8").astype(np.float64)
    if not np.isfinite(values).all():
        raise _bad("some sums are no numbers")
    counts, own, cross, right, shared, shared_right = np.split(values, np.cumsum(sizes)[:-1])
    if (counts < 0).any():
        raise _bad("some arms count as less than nothing")
    tables = _symmetric(own.reshape(n, -1), q)
    return Sums(counts, tables, cross.reshape(n, q, p), right.reshape(n, q), _symmetric(shared[None], p)[0], shared_right)


def _symmetric(upper: Floats, size: int) -> Floats:
    """(n, size, size) tables of (n, …) upper halves."""
    rows, columns = np.triu_indices(size)
    found = np.zeros((len(upper), size, size))
    found[:, rows, columns] = upper
    found[:, columns, rows] = upper
    return found


def gained(posterior: Posterior, arms: list[str], sums: Sums, at_ms: int) -> Posterior:
    """A posterior as it would be with a history; the given one stays as it is.

    Raises:
        InputError: Nothing could be believed then (``bad_history``).
    """
    tried = Posterior(posterior.shape)
    tried.load(posterior.dump())
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # sums without end are refused below
            tried.gain(arms, sums, max(at_ms, 0))
            made = tried.beliefs(at_ms)
    except np.linalg.LinAlgError as error:
        raise _bad("no decisions could give these sums") from error
    if not all(np.isfinite(each).all() for each in made):
        raise _bad("no decisions could give these sums")
    return tried


def _bad(what: str) -> InputError:
    mend = "read the history again: `gyeol policy warm`"
    return InputError("bad_history", [Problem(path="sums", code="bad_history", what=what, mend=mend)])
