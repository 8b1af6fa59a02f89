"""Which of several pictures somebody will like: by the colours of what they look at, put into the cart and buy.

What a person likes is a weight for each colour of the pictures they met, faded with age. A picture's score is how near its colours are to
those, less how near they are to the catalogue as a whole: in a catalogue of brown things nobody likes brown for having seen it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from gyeol.content.brand.contrast import hex_of
from gyeol.content.brand.dominant import Dominant
from gyeol.content.brand.lab import Floats, differences, rgb_of

Deed = Literal["viewed", "added", "bought"]
DEEDS: dict[str, float] = {"viewed": 1.0, "added": 3.0, "bought": 5.0}
"""What each tells of liking. Source: our own choice, in the order of what it costs the person."""
HALF_LIFE_DAYS = 90.0
"""A season: likings of colours change with it. Source: our own choice."""
WIDTH = 20.0
"""ΔE at which two colours count as related by 0.61; at twice that by 0.14."""
LEAST_WEIGHT = 4.0
"""Less than four fresh views tells nothing."""
LEAST_LEAD = 0.02
"""A lead of less over the picture that stands first anyway is none."""


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that somebody met.

    Args:
        picture: Its name in the file of colours.
        deed: What they did with the thing on it.
        age_days: How long ago, in days, at least 0.
    """

    picture: str
    deed: Deed
    age_days: float


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """The colours that somebody likes.

    Args:
        colours: L*, a*, b* and weight; the weights sum to 1.
        weight: How much is known: faded deeds.
    """

    colours: list[tuple[float, float, float, float]]
    weight: float


class PictureChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, and why.

    Args:
        picture: Its name; None: there was none to choose from.
        reason: ``colours_liked``, ``little_known`` (the first is shown), ``no_lead`` (the first is shown), ``nothing_to_choose``.
        colour: The colour of the picture that counted most, ``#rrggbb``; empty unless ``colours_liked``.
        liked: The colour that they like which it is nearest to, ``#rrggbb``; empty unless ``colours_liked``.
        distance: ΔE between the two; None unless ``colours_liked``.
        scores: Of every picture, higher is nearer to what they like.
    """

    picture: str | None
    reason: str
    colour: str = ""
    liked: str = ""
    distance: float | None = None
    scores: dict[str, float] = {}


def preference(met: Iterable[Met], colours: Mapping[str, Sequence[Dominant]]) -> Preference:
    """What somebody likes.

    Args:
        met: The pictures that they met; those whose colours are not known are left out.
        colours: Of every picture.
    """
    sums: dict[tuple[float, float, float], float] = {}
    total = 0.0
    for each in met:
        weight = DEEDS[each.deed] * 0.5 ** (max(0.0, each.age_days) / HALF_LIFE_DAYS)
        found = colours.get(each.picture, ())
        total += weight if found else 0.0
        for one in found:
            sums[one.lab] = sums.get(one.lab, 0.0) + weight * one.share
    whole = sum(sums.values())
    return Preference(colours=[(*lab, round(sums[lab] / whole, 6)) for lab in sorted(sums)] if whole else [], weight=round(total, 6))


def usual_of(colours: Mapping[str, Sequence[Dominant]]) -> Floats:
    """What is usual in a catalogue: ``(n, 4)`` L*, a*, b* and weight of every colour of its pictures; the weights sum to 1."""
    usual = np.array([(*one.lab, one.share) for name in sorted(colours) for one in colours[name]], np.float64).reshape(-1, 4)
    usual[:, 3] /= max(usual[:, 3].sum(), 1e-9)
    return usual


def choose_picture(
    pictures: Sequence[str], liked: Preference, colours: Mapping[str, Sequence[Dominant]], usual: Floats | None = None
) -> PictureChoice:
    """The picture of several that somebody will like best.

    Args:
        pictures: To choose from, the usual one first.
        liked: See ``preference``.
        colours: Of every picture of the catalogue: also what is usual in it.
        usual: ``usual_of(colours)``, where it is asked often; None: worked out here.
    """
    if not pictures:
        return PictureChoice(picture=None, reason="nothing_to_choose")
    known = [name for name in pictures if colours.get(name)]
    if liked.weight < LEAST_WEIGHT or not liked.colours or len(known) < 2:
        return PictureChoice(picture=pictures[0], reason="little_known")
    mine = np.array(liked.colours)
    usual = usual_of(colours) if usual is None else usual
    scores: dict[str, float] = {}
    told: dict[str, Dominant] = {}
    for name in known:
        points = np.array([one.lab for one in colours[name]])
        shares = np.array([one.share for one in colours[name]])
        each = shares * (_near(points, mine) - _near(points, usual))
        scores[name] = round(float(each.sum()), 6)
        told[name] = colours[name][int(each.argmax())]
    best = max(known, key=lambda name: (scores[name], -pictures.index(name)))
    first = pictures[0]
    if best != first and scores[best] - scores.get(first, 0.0) < LEAST_LEAD:
        return PictureChoice(picture=first, reason="no_lead", scores=scores)
    away = differences(np.array([told[best].lab]), mine[:, :3])[0]
    nearest = int((np.exp(-(away**2) / (2 * WIDTH**2)) * mine[:, 3]).argmax())
    red, green, blue = rgb_of(mine[nearest : nearest + 1, :3])[0].tolist()
    return PictureChoice(
        picture=best,
        reason="colours_liked",
        colour=told[best].hex,
        liked=hex_of((red, green, blue)),
        distance=round(float(away[nearest]), 1),
        scores=scores,
    )


def _near(points: Floats, weighted: Floats) -> Floats:
    """How near each point is to weighted colours, 0 to 1."""
    found: Floats = np.exp(-(differences(points, weighted[:, :3]) ** 2) / (2 * WIDTH**2)) @ weighted[:, 3]
    return found
