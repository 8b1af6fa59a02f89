"""Every error that Gyeol raises on purpose.

    GyeolError
    ├── ConfigError            a setting or a start-up condition is wrong
    ├── InputError             what somebody gave us is wrong: all problems at once
    ├── StateError             the world is not in the state that the call needs
    │   ├── NotFoundError
    │   ├── VersionConflictError
    │   ├── DuplicateError
    │   └── LimitError
    ├── CapabilityMissingError an optional part is not installed or not switched on
    ├── BackendError           a disk, a database, a socket
    │   ├── BackendUnavailableError   (retryable)
    │   └── BackendTimeoutError       (retryable)
    ├── DeliveryError          a channel's provider
    │   ├── DeliveryThrottledError    (retryable)
    │   └── DeliveryRejectedError
    └── InternalError          a bug of ours

A message says what happened, where, and how to mend it. HTTP status and exit codes are tables in ``server/`` and ``cli/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class Retryable:
    """Marks errors after which the same call may succeed."""


class GyeolError(Exception):
    """Base of all deliberate errors.

    Args:
        code: A stable snake_case code, the key of the docs' error table.
        message: What happened, where, and how to mend it.
        **facts: Values that a program may want; also part of the JSON form.
    """

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts

    def as_json(self) -> dict[str, object]:
        """The error as API and ``--json`` show it."""
        return {"code": self.code, "message": self.message, "facts": self.facts, "retryable": isinstance(self, Retryable)}


class ConfigError(GyeolError):
    """A setting or a start-up condition is wrong."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong in an input: where it stands, what it is, how to mend it."""

    path: str
    code: str
    what: str
    mend: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = self.path + (f":{self.line}" if self.line is not None else "")
        return f"{place}: {self.what}" + (f" → {self.mend}" if self.mend else "")


class InputError(GyeolError):
    """What somebody gave us is wrong; it carries every problem found, not only the first."""

    def __init__(self, code: str, problems: Sequence[Problem], message: str | None = None) -> None:
        lines = "\n".join(f"  {p}" for p in problems)
        super().__init__(
            code, message or f"{len(problems)} problem(s) found:\n{lines}", problems=[msgspec.to_builtins(p) for p in problems]
        )
        self.problems = list(problems)


def wrong(path: str, code: str, what: str, mend: str) -> InputError:
    """An error of one problem; see ``Problem``."""
    return InputError(code, [Problem(path=path, code=code, what=what, mend=mend)])


class StateError(GyeolError):
    """The world is not in the state that the call needs."""


class NotFoundError(StateError):
    """The thing named does not exist."""


class VersionConflictError(StateError):
    """Somebody else changed the thing first, or a folder was written by a newer release."""


class DuplicateError(StateError):
    """The thing exists already."""


class LimitError(StateError):
    """A declared limit would be passed."""


class CapabilityMissingError(GyeolError):
    """An optional part is not installed or not switched on."""


class BackendError(GyeolError):
    """A disk, a database or a socket failed."""


class BackendUnavailableError(BackendError, Retryable):
    """The backend cannot be reached now."""


class BackendTimeoutError(BackendError, Retryable):
    """The backend did not answer in time."""


class DeliveryError(GyeolError):
    """A channel's provider failed."""


class DeliveryThrottledError(DeliveryError, Retryable):
    """The provider asked us to slow down."""


class DeliveryRejectedError(DeliveryError):
    """The provider refused the message for good."""


class InternalError(GyeolError):
    """A bug of ours."""


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems in the order of files and lines, each once."""
    unique = {(p.path, p.line or 0, p.column or 0, p.code, p.what): p for p in problems}
    return [unique[key] for key in sorted(unique)]
