"""What somebody asks of the past, as words: which decisions, what counts as a reward, how estimates are made."""

from __future__ import annotations

import msgspec

from gyeol.app.policy_past import Span
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.errors import InputError, Problem, wrong
from gyeol.kernel.instants import parse_instant
from gyeol.measures.policy.estimators import JUDGES, SWITCH_AT
from gyeol.measures.policy.evaluation import CONFIDENCE, MIN_ESS, Settings
from gyeol.measures.policy.outcomes import Goal
from gyeol.measures.policy.resampling import RESAMPLES, SEED


def settings_asked(
    estimator: str,
    min_ess: float = MIN_ESS,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    switch_at: float = SWITCH_AT,
    seed: int = SEED,
    prefix: str = "--",
) -> Settings:
    """How estimates are made; arguments as of ``Settings``, ``prefix``: before the names of fields in problems.

    Raises:
        InputError: The estimator does not judge (``unknown_estimator``).
    """
    if estimator not in JUDGES:
        raise wrong(f"{prefix}estimator", "unknown_estimator", f"{estimator!r} does not judge", f"one of: {', '.join(JUDGES)}")
    given = {
        "estimator": estimator,
        "min_ess": min_ess,
        "confidence": confidence,
        "resamples": resamples,
        "switch_at": switch_at,
        "seed": seed,
    }
    return msgspec.convert(given, Settings)


def span_asked(since: str | None, until: str | None, placement: str | None, prefix: str = "--") -> Span:
    """Which decisions.

    Raises:
        InputError: A text is no instant; all of them.
    """
    read = {name: None if text is None else parse_instant(text) for name, text in (("since", since), ("until", until))}
    problems = [
        Problem(path=f"{prefix}{name}", code="bad_instant", what=f"{text!r} is no instant", mend="write 2026-03-01T00:00:00+09:00")
        for name, text in (("since", since), ("until", until))
        if text is not None and read[name] is None
    ]
    if problems:
        raise InputError("bad_instant", problems)
    return Span(since_ms=read["since"], until_ms=read["until"], placement=placement)


def goal_asked(event: str | None, within: str, value: str | None, prefix: str = "--") -> Goal | None:
    """What counts as a reward; None: what the placement's offers agree on. Raises InputError: ``within`` is no duration."""
    if event is None:
        return None
    try:
        worth: float | str | None = None if value is None else float(value)
    except ValueError:
        worth = value
    return Goal(event=event, within_ms=parse_duration(within, path=f"{prefix}within").ms, value=worth)
