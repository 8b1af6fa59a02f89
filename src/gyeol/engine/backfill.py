"""Other definitions without folding the log anew: what is unchanged is carried over, the past of new traits comes from the lake.

From the offset at which definitions are applied, new and changed traits are folded like all others; what happened before is worked out
beside the engine and joined block by block, which a monoid allows at any time and in any order. Until the last block has come the
traits are unknown to everybody. Blocks are records of the log, and which have come is state: a crash in the middle goes on where it was
(ADR 0015).
"""

from __future__ import annotations

import msgspec

from gyeol.context.moment import PREFIX, by_actions
from gyeol.context.near_stores import NAMES as OF_STORES
from gyeol.context.near_stores import rests_on
from gyeol.decisions.ledger import DecisionLedger
from gyeol.engine.definitions import Definitions
from gyeol.engine.people import PeopleRows
from gyeol.engine.state import EngineState
from gyeol.events.reading import Reading
from gyeol.profiles.carrying import carry, join_past, settle_past
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.growth import unpacked


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """The past of some traits, for the nodes of one block.

    Args:
        until: Which past: that before this offset of the log.
        number: Of the block; its nodes are ``number × BLOCK_NODES`` and so on, counted from there.
        definitions: Hash of the definitions under which it was folded.
        table: What ``TraitTable.dump`` gave, packed.
    """

    until: int
    number: int
    definitions: str
    table: bytes


def folds_anew(old: Definitions, new: Definitions) -> list[str]:
    """Why the whole log must be folded under new definitions; empty when traits, audiences, offers and the like are all that changed."""
    before, after = (Reading(each.plan, each.workspace.currency) for each in (old, new))
    money = [{path: each.currencies.get(path) for path, kind in sorted(each.types.items()) if kind == "money"} for each in (before, after)]
    trust = [[(source.name, source.trust) for source in each.sources] for each in (old, new)]
    reasons = {
        "identity rules": old.identity != new.identity,
        "the trust of sources": trust[0] != trust[1],
        "kinds of groups": old.groups != new.groups,
        "consent events": old.consent_events != new.consent_events,
        "golden attributes": _kept_of(old) != _kept_of(new),
        "what is money": money[0] != money[1] or old.workspace.currency != new.workspace.currency,
        "the zone": old.workspace.zone != new.workspace.zone,
        "what facts are joined by": _joined_otherwise(old, new),
    }
    return [reason for reason, changed in reasons.items() if changed]


def _kept_of(definitions: Definitions) -> dict[str, list[str]]:
    """The paths of each golden attribute. Which value wins is found when somebody asks."""
    return {each.name: each.paths for each in definitions.golden if each.paths}


def _joined_otherwise(old: Definitions, new: Definitions) -> bool:
    """Whether traits were folded with other facts than would be joined now, or with facts that have been forgotten meanwhile."""
    if not _reads_facts(new):
        return False
    forgotten = old.workspace.facts_days != new.workspace.facts_days
    # What earlier events tell is read off traits that ``moment`` asks for: events must not be joined before their past has come.
    unkept = old.workspace.moment != new.workspace.moment and not by_actions().isdisjoint(_facts_read(new))
    return forgotten or unkept or (_reads_facts(old) and _joined_by(old) != _joined_by(new))


def _facts_read(definitions: Definitions) -> set[str]:
    wheres = (text for trait in definitions.traits for text in (trait.where, trait.then_where) if text is not None)
    return {path for text in wheres for path in event_condition(text).paths if path.startswith(PREFIX)}


def _reads_facts(definitions: Definitions) -> bool:
    return bool(_facts_read(definitions))


def _joined_by(definitions: Definitions) -> object:
    """What decides with which facts events are joined.

    Not the file of addresses: what it told of an event stays as it was told (``engine.countries``).
    """
    workspace = definitions.workspace
    return workspace.moment, workspace.country, definitions.digest(workspace.regions)


def told_anew(old: Definitions, new: Definitions) -> frozenset[str]:
    """The traits whose events are joined with something else because the stores are others, however the traits are defined."""
    if old.stores == new.stores:
        return frozenset()
    other = {PREFIX + name for name in OF_STORES if rests_on(name, old.stores) != rests_on(name, new.stores)}
    wheres = ((trait.name, text) for trait in new.traits for text in (trait.where, trait.then_where) if text is not None)
    return frozenset(name for name, text in wheres if not other.isdisjoint(event_condition(text).paths))


def carried(old: EngineState, definitions: Definitions) -> EngineState:
    """The state under other definitions of the same identity, with all that did not change; the old one is not to be used again.

    Nobody's journey begins by it: audiences are looked at, and what that changes is told to nobody.

    Args:
        old: As it is now.
        definitions: What comes into force; ``folds_anew`` has no objection.

    Raises:
        InputError: The definitions do not fit together; nothing has changed then.
    """
    new = EngineState(definitions, old.identity_key, old.reading.vocabularies)
    new.now_ms, new.offset, new.placed = old.now_ms, old.offset, old.placed
    new.totals, new.imported, new.replayed = old.totals, old.imported, old.replayed
    new.graph, new.consent, new.enrolments = old.graph, old.consent, old.enrolments
    new.coupons = old.coupons
    new.learning.adopt(old.learning, old.now_ms)
    new.contents.approvals = old.contents.approvals
    new.attributes.adopt(old.attributes)
    new.decided = DecisionLedger.load(old.decided.dump(), new.zone, new.placements.largest_cap)
    new.contacts = old.contacts
    carry(new.traits, old.traits, old.now_ms, old.offset, told_anew(old.definitions, definitions))
    new.memberships.adopt(old.memberships)
    new.people = PeopleRows(new.graph, new.traits, new.memberships)
    new.people.load(old.people.dump())
    new.groups.attach(new.people)
    new.groups.follow(old.groups)
    new.moments.follow(new.people, new.graph, old.moments)
    return new


def join_block(state: EngineState, block: Block) -> bool:
    """Take one block of the past in; returns whether the past is complete, so that everybody is to be looked at."""
    owed = state.traits.owed.get(block.until)
    if owed is None or block.definitions != state.definitions.hash:
        return False
    if not join_past(state.traits, block.until, block.number, unpacked(block.table)):
        return False
    settle_past(state.traits, block.until, [*state.people.combined(), *state.groups.combined()])
    return True
