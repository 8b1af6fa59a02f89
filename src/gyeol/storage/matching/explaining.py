"""The waterfall of any two records, also of two that were no candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gyeol.identity.matching.waterfall import Step, Waterfall
from gyeol.kernel.errors import NotFoundError, StateError

if TYPE_CHECKING:
    from gyeol.storage.matching.matcher import Matcher


def waterfall(matcher: Matcher, a: str, b: str, at_least: float) -> Waterfall:
    """Why two records are one or two.

    Args:
        matcher: It has weighed.
        a: Id of a record (of the first file, when there are two).
        b: Id of another (of the second).
        at_least: Weight above which records belong together.

    Raises:
        NotFoundError: There is no such record.
        StateError: Nothing could be trained: there were no candidates at all.
    """
    if matcher.linker is None:
        raise StateError("nothing_to_explain", "no two records were alike enough to learn from, so there is no weight to explain")
    records = [_record(matcher, index, text) for index, text in ((0, a), (len(matcher.tables) - 1, b))]
    scored = matcher.linker.inference.score_pair(*records).as_duckdbpyrelation()
    found = dict(zip(scored.columns, scored.fetchall()[0], strict=True))
    # Splink orders the two by id; what the caller named first stays first.
    first = (found["unique_id_l"], found.get("source_dataset_l", "file0"))
    sides = "lr" if first == (records[0]["unique_id"], records[0]["source_dataset"]) else "rl"
    steps = []
    for one in matcher.matching.fields:
        levels = matcher.levels(one)
        gamma = found[f"gamma_{one.name}"]
        if gamma < 0:
            ko, en = "알 수 없음", "unknown"
        elif gamma == 0:
            ko, en = "다름", "different"
        else:
            level = levels[len(levels) - gamma]
            ko, en = level.ko, level.en
        known = one.column(one.form.known)
        left, right = (_shown(found.get(f"{known}_{side}")) for side in sides)
        bits = float(found[f"mw_{one.name}"] or 0.0) + float(found.get(f"mw_tf_adj_{one.name}") or 0.0)
        steps.append(Step(field=one.label, ko=ko, en=en, left=left, right=right, bits=bits))
    prior = float(found["match_weight"]) - sum(step.bits for step in steps) + matcher.shift
    return Waterfall(a=a, b=b, prior=prior, steps=tuple(steps), at_least=at_least)


def _record(matcher: Matcher, index: int, text: str) -> dict[str, Any]:
    rows = matcher.connection.execute(f'SELECT "#row" FROM records{index} WHERE "#id" = ?', [text]).fetchall()
    if not rows:
        raise NotFoundError("unknown_record", f"there is no record {text!r}", id=text)
    row = matcher.connection.execute("SELECT coalesce((SELECT f FROM copies WHERE c = ?), ?)", [rows[0][0], rows[0][0]]).fetchall()[0][0]
    found = matcher.connection.execute(f"SELECT * FROM derived{index} WHERE unique_id = ?", [row])
    names = [column[0] for column in found.description or []]
    return dict(zip(names, found.fetchall()[0], strict=True))


def _shown(value: object) -> str:
    return "" if value is None else str(value)
