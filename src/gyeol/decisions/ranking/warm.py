"""Beginning with history: what the log keeps of one. The sums, not the file: a replay needs nothing but the log."""

from __future__ import annotations

import base64
import binascii
import zlib

import msgspec
import numpy as np

from gyeol.decisions.ranking.drawing import Floats
from gyeol.decisions.ranking.posterior import Posterior, Shape, Sums
from gyeol.kernel.errors import InputError, Problem

MOST_BYTES = 8 * 1024 * 1024
"""Of packed sums: a history is one record of the log, and passes the API in one request."""
MOST_UNPACKED_BYTES = 256 * 1024 * 1024


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
    """

    policy: str
    shape: str
    columns: list[str]
    source: str
    hash: str
    arms: dict[str, int]
    reached: dict[str, int]
    left_out: dict[str, int]
    weight: float
    most: float
    sums: str
    amounts: dict[str, tuple[float, int]] = {}
    spans: list[tuple[str, int, int]] = []


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
    tables = np.stack([_symmetric(each, q) for each in own.reshape(n, -1)]) if n else np.zeros((0, q, q))
    return Sums(counts, tables, cross.reshape(n, q, p), right.reshape(n, q), _symmetric(shared, p), shared_right)


def _symmetric(upper: Floats, size: int) -> Floats:
    found = np.zeros((size, size))
    found[np.triu_indices(size)] = upper
    return np.asarray(found + np.triu(found, 1).T)


def gained(posterior: Posterior, arms: list[str], sums: Sums, at_ms: int) -> Posterior:
    """A posterior as it would be with a history; the given one stays as it is.

    Raises:
        InputError: Nothing could be believed then (``bad_history``).
    """
    tried = Posterior(posterior.shape)
    tried.load(posterior.dump())
    tried.gain(arms, sums, max(at_ms, 0))
    try:
        made = tried.beliefs(at_ms)
    except np.linalg.LinAlgError as error:
        raise _bad("no decisions could give these sums") from error
    if not all(np.isfinite(each).all() for each in made):
        raise _bad("no decisions could give these sums")
    return tried


def _bad(what: str) -> InputError:
    mend = "read the history again: `gyeol policy warm`"
    return InputError("bad_history", [Problem(path="sums", code="bad_history", what=what, mend=mend)])
