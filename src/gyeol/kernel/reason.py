"""A refusal or a choice as a value: a code and the values compared. Packages early and late in the flow of data give them."""

from __future__ import annotations

import msgspec


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason code of the catalogue with its parameters; ``render`` in ``decisions/catalogue.py`` makes the sentences."""

    code: str
    params: dict[str, object] = {}
