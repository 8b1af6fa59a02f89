"""Exit codes of ``gyeol``, by family of error. Documented in docs/cli.md; a test keeps the two equal."""

from __future__ import annotations

from gyeol.kernel import errors

OK = 0
TABLE: tuple[tuple[type[errors.GyeolError], int, str], ...] = (
    (errors.InputError, 2, "what was given is wrong (all problems are listed)"),
    (errors.ConfigError, 3, "a setting or a start-up condition is wrong"),
    (errors.StateError, 4, "not found, exists already, in use, or of another version"),
    (errors.BackendError, 5, "a disk, a database or a socket failed; retrying may help"),
    (errors.CapabilityMissingError, 6, "an optional part is not installed"),
    (errors.DeliveryError, 7, "a channel's provider failed"),
    (errors.GyeolError, 1, "a bug of ours"),
)
INTERRUPTED = 130


def exit_code(error: errors.GyeolError) -> int:
    """The exit code for an error: that of the first family it belongs to."""
    return next(code for family, code, _ in TABLE if isinstance(error, family))
