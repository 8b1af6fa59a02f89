"""The bench of the brand guide: what it tells, and that a lint stays cheap enough for who types."""

from __future__ import annotations

from gyeol.bench.content_lint import judged, labelled, measure


def test_it_tells_both_halves_and_the_costs() -> None:
    told = measure(60, beside_kiwi=False)
    assert {"speech_rules_accuracy", "speech_report_accuracy", "speech_report_haeyo_precision", "speech_report_hae_recall"} <= set(told)
    assert 0 < told["lint_p50_ms"] < 5 and told["lint_p50_ms"] <= told["lint_p99_ms"]
    assert not [name for name in told if name.startswith("kiwi")]


def test_precision_and_recall_are_counted() -> None:
    rows = labelled("report")
    accuracy, levels = judged(rows, lambda text: "haeyo")
    share = sum(row.level == "haeyo" for row in rows) / len(rows)
    assert accuracy == share and levels["haeyo"].recall == 1.0 and levels["haeyo"].precision == share
    assert levels["hae"].precision is None and levels["hae"].recall == 0.0
    assert len(rows) == len(labelled("rules")) == 250
