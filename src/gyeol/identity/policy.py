"""The identity rules compiled to arrays by type code, and what each statement may do under them."""

from __future__ import annotations

from gyeol.expressions.durations import parse_duration
from gyeol.identity.limits import Limits
from gyeol.identity.model import TRUST_RANKS, IdentifierType, IdentityRules
from gyeol.identity.normalise import Normaliser, normaliser
from gyeol.kernel.errors import ConfigError

CLIENT, SERVER, COMMAND = TRUST_RANKS["client"], TRUST_RANKS["server"], TRUST_RANKS["command"]
TRUST_NAMES = {rank: name for name, rank in TRUST_RANKS.items()}
_WEAKEST = 1_000_000
OWN, LENT, CARRIED = 0, 1, 2
"""Whose the values of a type are, in the order in which statements about them are joined: a person's, a household's, a device's."""
_BONDS = {"person": OWN, "household": LENT, "device": CARRIED}


class Policy:
    """What the rules say of type codes.

    A type keeps its code for ever, also when the rules drop it: then it is not ``active``, and its evidence merges nothing.

    Args:
        rules: All identifier types.
        known_names: Names by code, as an earlier set of rules has given them; new names are added behind.

    Attributes:
        names: Type name by code.
        priority, from_client, pii, active, bond: By code; ``bond`` is OWN, LENT or CARRIED.
        limits: How many values of each type a person may have. ``limit``: the same number alone; None means no limit.
        known: Codes of the types whose value makes a person "known": the strongest priority with a limit of 1, of a person's own.
        strongest_first: Active codes, in order of (priority, place in the rules).
        admitted: ``[trust][type][other type]``: whether a source of this trust may state anything of identifiers of these types.
        weights: ``[node's type][other type][trust]``: up to which trust a statement counts in the fan-out of the node; 0 where the
            other type has no limit or is the same. Looking up to a stronger identifier (a device used by two accounts) a client's word
            counts as much as a server's. Looking down (an account said to use ten thousand devices) it counts only against other
            clients' words: else anybody with the public key could take an account out of its person by flooding it. A command is
            outweighed by commands only.
    """

    def __init__(self, rules: IdentityRules, known_names: list[str]) -> None:
        by_name = {kind.name: kind for kind in rules.types}
        if len(by_name) != len(rules.types):
            raise ConfigError(
                "duplicate_identifier_type", "two identifier types have the same name; give each its own", names=sorted(by_name)
            )
        if unusable := [kind.name for kind in rules.types if kind.limit is not None and kind.limit < 1]:
            raise ConfigError("bad_identifier_limit", f"a limit is 1 or more, or left out: {', '.join(unusable)}", names=unusable)
        self.rules = rules
        self.names = known_names + [name for name in by_name if name not in set(known_names)]
        self.codes = {name: code for code, name in enumerate(self.names)}
        kinds = [by_name.get(name) for name in self.names]
        self.kinds: list[IdentifierType | None] = kinds
        self.active = [kind is not None for kind in kinds]
        self.priority = [kind.priority if kind else _WEAKEST for kind in kinds]
        self.limit = [kind.limit if kind else None for kind in kinds]
        self.limits = Limits(most=self.limit, per_ms=[parse_duration(k.per).ms if k and k.limit and k.per else 0 for k in kinds])
        self.bond = [_BONDS[kind.belongs_to] if kind else OWN for kind in kinds]
        self.lends = any(self.bond)
        self.from_client = [kind is not None and kind.from_client for kind in kinds]
        self.pii = [kind is None or kind.pii for kind in kinds]
        strongest = min((kind.priority for kind in rules.types), default=0)
        accounts = [kind is not None and kind.priority == strongest and kind.limit == 1 and kind.per is None for kind in kinds]
        self.known = frozenset(code for code, account in enumerate(accounts) if account and self.bond[code] == OWN)
        self.strongest_first = [self.codes[kind.name] for kind in sorted(rules.types, key=lambda kind: kind.priority)]
        types, ranks = range(len(self.names)), range(COMMAND + 1)
        self.admitted = [[[self._admits(rank, a, b) for b in types] for a in types] for rank in ranks]
        self.weights = [[[self._weighs(rank, node, other) for rank in ranks] for other in types] for node in types]
        self._normalisers: list[Normaliser | None] = [normaliser(kind, rules.phone_region) if kind else None for kind in kinds]

    def normaliser(self, code: int) -> Normaliser:
        """How values of a type are spelled; a dropped type takes none."""
        return self._normalisers[code] or _nobody

    def code(self, name: str) -> int:
        """The code of a type of the rules."""
        code = self.codes.get(name, -1)
        if code < 0 or not self.active[code]:
            raise ConfigError("unknown_identifier_type", f"there is no identifier type {name!r}; declare it under identifiers", name=name)
        return code

    def per(self, code: int) -> str | None:
        """The length of time that a type's limit is of, as it is written; None: ever."""
        kind = self.kinds[code]
        return kind.per if kind is not None and code in self.limits.timed else None

    def reading(self, path: str) -> int:
        """The strongest type that reads this path of an event, or -1."""
        for code in self.strongest_first:
            kind = self.kinds[code]
            if kind is not None and path in kind.paths:
                return code
        return -1

    def _admits(self, trust: int, a: int, b: int) -> bool:
        if trust == CLIENT:
            return self.from_client[a] and self.from_client[b]
        return trust in TRUST_NAMES and self.active[a] and self.active[b]

    def _weighs(self, trust: int, node_type: int, other_type: int) -> int:
        """See ``weights``."""
        if self.limit[other_type] is None or node_type == other_type or trust not in TRUST_NAMES:
            return 0
        looks_up = self.priority[node_type] > self.priority[other_type]
        return SERVER if looks_up and trust == CLIENT else trust


def _nobody(_: str) -> str | None:
    return None
