"""The level of speech of each sentence of a text: 해요체, 합쇼체, 하오체, 해체 (반말), 해라체 (plain written style), or none.

Rules alone: endings as patterns over jamo (``endings.py``), the nouns that look like endings (``nouns.py``), and where sentences end
(``sentences.py``). How often they are right stands in ``docs/brand.md``, measured on sentences labelled by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import msgspec

from gyeol.content.korean.endings import ALONE, BEFORE_COMMA, CALLS, EARLIER, FOLLOWED, MAYBE, SURE, Ending
from gyeol.content.korean.nouns import is_noun
from gyeol.content.korean.sentences import COVER, HANGUL, Piece, covered, pieces
from gyeol.content.korean.syllables import apart

Level = Literal["haeyo", "hapsyo", "hao", "hae", "haera", "neutral", "mixed", "unknown"]
"""``neutral``: nouns and fragments, which go with every level. ``unknown``: nothing Korean to judge by. ``mixed``: several."""

SPEAKING: tuple[Ending, ...] = ("haeyo", "hapsyo", "hao", "hae", "haera")
POLITE: tuple[Ending, ...] = ("haeyo", "hapsyo")

_QUOTING = ("라고", "하고", "라는", "라며", "란", "하는", "하며", "싶")
"""What follows an ending inside a sentence when it is only reported."""
_FIRM_NOUN = "의"


class Sentence(msgspec.Struct, frozen=True):
    """A sentence, or what stands in a sentence's place.

    Args:
        start, end: In the text, in code points; half-open.
        level: Of its ending.
        ending: (start, end) of the word that decided, the last one; None where no word did.
    """

    start: int
    end: int
    level: Level
    ending: tuple[int, int] | None


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text with their levels.

    Example:
        >>> [s.level for s in sentences("주문이 접수되었습니다. 곧 보내 드릴게요! 배송 안내")]
        ['hapsyo', 'haeyo', 'neutral']
    """
    return sentences_of(covered(text))


def sentences_of(shadow: str) -> list[Sentence]:
    """The same of a text that ``covered`` gave."""
    return [sentence for piece in pieces(shadow) for sentence in _sentences(shadow, piece)]


def together(found: Iterable[Sentence]) -> Level:
    """The level of several sentences as one: fragments go with every level.

    Example:
        >>> together(sentences("주문이 접수되었습니다. 곧 보내 드릴게요!"))
        'mixed'
    """
    levels = {sentence.level for sentence in found}
    speaking = [level for level in SPEAKING if level in levels]
    if "mixed" in levels or len(speaking) > 1:
        return "mixed"
    if speaking:
        return speaking[0]
    return "neutral" if "neutral" in levels else "unknown"


def level_of(text: str) -> Level:
    """The level of a whole text."""
    return together(sentences(text))


def _sentences(shadow: str, piece: Piece) -> list[Sentence]:
    """A piece parted after each word that surely ends a sentence."""
    words = [shadow[start:end] for start, end in piece.words]
    found: list[Sentence] = []
    first = 0
    for at in range(len(words)):
        last = at == len(words) - 1
        if last:
            level = _level(words[first : at + 1])
        else:
            if words[at + 1].startswith(_QUOTING):
                continue
            sure = _sure(_bare(words[at])) or _before_comma(words[at])
            if sure is None:
                continue
            level = sure
        found.append(Sentence(piece.words[first][0], piece.words[at][1], level, _ending(shadow, piece.words[at], level)))
        first = at + 1
    return found


def _ending(shadow: str, word: tuple[int, int], level: Level) -> tuple[int, int] | None:
    """Where the word that decided stands, without a placeholder or quotation that it is joined to."""
    if level not in SPEAKING:
        return None
    start, end = word
    return start + shadow[start:end].rfind(COVER) + 1, end


def _level(words: list[str]) -> Level:
    """The level of the last sentence of a piece."""
    if not any(HANGUL.search(word) for word in words):
        return "unknown"
    word = _bare(words[-1])
    if not word:
        return "neutral"
    before = _bare(words[-2]) if len(words) > 1 else ""
    if len(words) == 1 and word in ALONE:
        return ALONE[word]
    sure = _sure(word)
    if sure is not None:
        return sure
    if before:
        followed = next((level for level, endings in FOLLOWED if endings.search(f"{before} {word}")), None)
        if followed is not None:
            return followed
        if EARLIER.search(f"{before} {word}"):
            return "neutral"
    if word == "가요":
        return "neutral" if not before or before.endswith(_FIRM_NOUN) else "haeyo"
    if is_noun(word):
        return "neutral"
    return _maybe(word)


@lru_cache(maxsize=8192)
def _sure(word: str) -> Ending | None:
    if word in CALLS:
        return CALLS[word]
    if not HANGUL.search(word) or is_noun(word):
        return None
    letters = apart(word)
    return next((level for level, endings in SURE if endings.search(letters)), None)


@lru_cache(maxsize=8192)
def _maybe(word: str) -> Level:
    letters = apart(word)
    return next((level for level, endings in MAYBE if endings.search(letters)), "neutral")


def _before_comma(word: str) -> Ending | None:
    bare = _bare(word)
    return "haera" if word.endswith(",") and bare and not is_noun(bare) and BEFORE_COMMA.search(apart(bare)) else None


def _bare(word: str) -> str:
    """The word from its first to its last Hangul syllable or covered letter; empty when it ends in neither."""
    end = len(word)
    while end and not ("가" <= word[end - 1] <= "힣" or word[end - 1] == COVER or word[end - 1].isalnum()):
        end -= 1
    return word[:end] if end and "가" <= word[end - 1] <= "힣" else ""
