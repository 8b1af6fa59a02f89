"""The Open Bandit data: our estimates beside obp's own, and policies learned by us, MABWiser and Vowpal Wabbit valued by them."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from gyeol.bench.bench import Setting
from gyeol.bench.kit import PROJECT
from gyeol.bench.ope_data import CAMPAIGNS, logged_by, shares_of
from gyeol.bench.ope_obp import SEED, SWITCH_AT, obp_there, obp_values, rewards_for
from gyeol.bench.ope_peers import PEERS, halves, there
from gyeol.bench.report import COUNT, SECONDS, SHARE, Figures, say
from gyeol.measures.policy.candidates import Candidate, Shares, Table
from gyeol.measures.policy.estimators import ESTIMATORS
from gyeol.measures.policy.evaluation import Evaluation, Settings, evaluate
from gyeol.measures.policy.logged import Logged

KEPT = PROJECT / "tests" / "golden" / "policy" / "open_bandit.json"
LEARNED_ON = "men"
"""Vowpal Wabbit needs a line an action: 34 items take seconds where 80 take a minute."""


class _Kept(msgspec.Struct):
    obp: str
    values: dict[str, dict[str, float]]


def measure(setting: Setting, figures: Figures) -> None:
    """Estimates of the shop's own second policy from its random one, and of policies learned from half of it."""
    live = obp_there()
    kept = None if live else _kept(KEPT)
    if kept is not None:
        figures.note(f"obp cannot be imported here: its numbers are those of obp {kept.obp} kept in {KEPT.relative_to(PROJECT)}")
    elif not live:
        figures.note("obp cannot be imported here, and its kept numbers are not beside this package: nothing was compared")
    for campaign in CAMPAIGNS[-1:] if setting.quick else CAMPAIGNS:
        say(f"  {campaign}")
        shown, other = logged_by("random", campaign), logged_by("bts", campaign)
        shares = shares_of(other, shown.actions)
        begun = time.perf_counter()
        found = _valued(shown.logged, Shares("bts", shares), setting)
        figures.add(f"ope.{campaign}.seconds", time.perf_counter() - begun, SECONDS)
        _told(figures, f"ope.{campaign}.bts", found)
        figures.add(f"ope.{campaign}.bts.on_policy", float(other.logged.reward.mean()), SHARE)
        if live:
            theirs = obp_values(shown.logged, shares, rewards_for(shown.logged), SWITCH_AT)
        else:
            theirs = {} if kept is None else kept.values[campaign]
        if theirs:
            largest = max(abs(found.estimates[name].value - theirs[name]) for name in ESTIMATORS)
            figures.add("ope.obp_max_difference", largest, SHARE)
    _peers(setting, figures)


def _peers(setting: Setting, figures: Figures) -> None:
    learned, valued = halves(logged_by("random", LEARNED_ON).logged)
    for name, (package, policy) in PEERS.items():
        if not there(package):
            figures.note(f"{package} is not installed: {name} is left out")
            continue
        say(f"  {name}")
        found = _valued(valued, Table(name, policy(learned, valued)), setting)
        _told(figures, f"ope.{LEARNED_ON}.{name}", found)
        figures.note(f"{name}: {found.verdict} ({', '.join(found.why) or found.estimator})")


def _valued(logged: Logged, candidate: Candidate, setting: Setting) -> Evaluation:
    return evaluate(logged, candidate, Settings(seed=SEED, switch_at=SWITCH_AT, resamples=200 if setting.quick else 1_000))


def _told(figures: Figures, name: str, found: Evaluation) -> None:
    for estimator in ESTIMATORS:
        figures.add(f"{name}.{estimator}", found.estimates[estimator].value, SHARE)
    judge = found.estimates[found.estimator]
    figures.add(f"{name}.low", judge.low, SHARE)
    figures.add(f"{name}.high", judge.high, SHARE)
    figures.add(f"{name}.ess", found.ess, COUNT)


def _kept(path: Path) -> _Kept | None:
    return msgspec.json.decode(path.read_bytes(), type=_Kept) if path.is_file() else None
