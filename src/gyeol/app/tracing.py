"""Traces by OpenTelemetry, for whoever names a collector in the environment; without one nothing of it is loaded.

Source: the variables are those of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gyeol.kernel.errors import CapabilityMissingError

if TYPE_CHECKING:
    from gyeol.app.traced import Tracing

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def open_tracing(environment: Mapping[str, str], process: str) -> Tracing | None:
    """What makes traces; None when the environment names no collector, or says ``OTEL_SDK_DISABLED=true``.

    Args:
        environment: The process's.
        process: ``core`` or ``side``.

    Raises:
        CapabilityMissingError: A collector is named, but the extra ``gyeol[tracing]`` is not installed.
    """
    if not any(environment.get(name) for name in ENDPOINTS) or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from gyeol.app.traced import exporting
    except ModuleNotFoundError as error:
        told = f"{' or '.join(ENDPOINTS)} is set, but {error.name} is not installed: pip install 'gyeol[tracing]', or unset it."
        raise CapabilityMissingError("tracing_missing", told) from error
    return exporting(process, environment)
