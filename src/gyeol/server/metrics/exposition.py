"""Figures as Prometheus reads them.

``prometheus_client`` is imported by the first scrape, not at start: it takes longer to load than the core takes for a hundred
decisions, and most cores are never scraped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gyeol.engine.buckets import Buckets
from gyeol.server.metrics.names import Metric

if TYPE_CHECKING:
    from prometheus_client.core import Metric as Family

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[str, ...]
Value = float | Buckets | Mapping[Labels, float]
"""One figure, a histogram, or figures by their labels."""
Values = Mapping[str, Value]
"""Figures by the metric's name. What could not be read is left out, so that a scrape shows the rest."""


class _Figures:
    """A collector that reads when it is asked."""

    def __init__(self, metrics: Sequence[Metric], values: Values) -> None:
        self._metrics, self._values = metrics, values

    def collect(self) -> Iterator[Family]:
        """The families that there are values for."""
        for metric in self._metrics:
            if metric.name in self._values:
                yield _family(metric, self._values[metric.name])


def exposition(metrics: Sequence[Metric], read: Callable[[], Values]) -> bytes:
    """The text of a scrape: these metrics with what ``read`` finds, and the process's own (memory, processor time, open files)."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry()
    registry.register(_Figures(metrics, read()))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _family(metric: Metric, value: Value) -> Family:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    if isinstance(value, Buckets):
        histogram = HistogramMetricFamily(metric.name, metric.help)
        steps = [("+Inf" if edge == float("inf") else str(edge), float(count)) for edge, count in value.cumulative()]
        histogram.add_metric([], steps, value.sum_s)
        return histogram
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    rows = value if isinstance(value, Mapping) else {(): value}
    for labels, figure in rows.items():
        family.add_metric(labels, figure)
    return family
