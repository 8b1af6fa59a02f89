"""The colours that make up a picture: weighted k-means in L*a*b* over a histogram, the same for the same picture on every machine."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.content.brand.contrast import hex_of
from gyeol.content.brand.lab import Floats, differences, lab, rgb_of
from gyeol.kernel.errors import CapabilityMissingError, InputError, Problem

MOST_COLOURS = 5
LEAST_SHARE = 0.03
"""A colour of less of the picture is no part of its character. Source: our own choice."""
ALIKE = 12.0
"""Clusters nearer than this (ΔE) are one colour: five times what can just be seen."""
SIDE = 128
"""Pictures are read at this size at most, in pixels: more changes no dominant colour."""
MOST_PIXELS = 100_000_000
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_BITS = 3
_ROUNDS = 20


class Dominant(msgspec.Struct, frozen=True):
    """One colour of a picture.

    Args:
        lab: L*, a*, b*.
        share: Of the picture, 0 to 1.
        hex: The same as ``#rrggbb``, for screens.
    """

    lab: tuple[float, float, float]
    share: float
    hex: str


def dominant_colours(pixels: NDArray[np.uint8], most: int = MOST_COLOURS) -> list[Dominant]:
    """The colours of a picture, the most of it first.

    Args:
        pixels: ``(n, 3)`` sRGB, or ``(n, 4)`` with alpha: what is more than half transparent is not looked at.
        most: At most so many.

    Returns:
        Empty for a picture without a visible pixel.
    """
    if pixels.shape[1] == 4:
        pixels = pixels[pixels[:, 3] >= 128][:, :3]
    if len(pixels) == 0:
        return []
    points, weights = _histogram(pixels)
    centres = _first_centres(points, weights, most)
    for _ in range(_ROUNDS):
        nearest = differences(points, centres).argmin(1)
        moved = _means(points, weights, nearest, centres)
        if np.allclose(moved, centres, atol=0.01):
            break
        centres = moved
    return _merged(centres, np.bincount(differences(points, centres).argmin(1), weights, len(centres)).astype(np.float64))


def colours_of(file: Path) -> list[Dominant]:
    """The colours of a picture file.

    Raises:
        CapabilityMissingError: Pillow is not installed.
        InputError: ``bad_picture``: the file is no picture, or too large.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise CapabilityMissingError("no_pillow", "Pictures are read with Pillow, which is not installed: pip install pillow.") from None
    try:
        with Image.open(file) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _bad(file, f"it has {picture.width * picture.height:,} pixels", f"use a picture of at most {MOST_PIXELS:,}")
            picture.thumbnail((SIDE, SIDE))
            pixels = np.asarray(picture.convert("RGBA"), np.uint8).reshape(-1, 4)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise _bad(file, f"it cannot be read: {error}", "use a PNG, JPEG, WebP or GIF file") from None
    return dominant_colours(pixels)


def _bad(file: Path, what: str, mend: str) -> InputError:
    return InputError("bad_picture", [Problem(path=str(file), code="bad_picture", what=what, mend=mend)])


def _histogram(pixels: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """The mean colour of each bin that has pixels, in L*a*b*, and how many it has."""
    parts = (pixels >> _BITS).astype(np.int64)
    bins = (parts[:, 0] << 10) | (parts[:, 1] << 5) | parts[:, 2]
    found, where, counts = np.unique(bins, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(where, pixels[:, channel], len(found)) for channel in range(3)], 1)
    return lab(sums / counts[:, None]), counts.astype(np.float64)


def _first_centres(points: Floats, weights: Floats, most: int) -> Floats:
    """The heaviest bin, then each time what is heavy and far from all that was chosen."""
    chosen = [int(weights.argmax())]
    nearest = differences(points, points[chosen])[:, 0]
    while len(chosen) < min(most, len(points)) and nearest.max() > 0:
        chosen.append(int((weights * nearest**2).argmax()))
        nearest = np.minimum(nearest, differences(points, points[chosen[-1:]])[:, 0])
    return points[chosen]


def _means(points: Floats, weights: Floats, nearest: NDArray[np.int64], centres: Floats) -> Floats:
    total = np.bincount(nearest, weights, len(centres))
    sums = np.stack([np.bincount(nearest, weights * points[:, axis], len(centres)) for axis in range(3)], 1)
    return np.where(total[:, None] > 0, sums / np.maximum(total, 1e-9)[:, None], centres)


def _merged(centres: Floats, weights: Floats) -> list[Dominant]:
    """Alike clusters as one, small ones left out; shares of what is left."""
    kept: list[tuple[Floats, float]] = []
    for at in np.argsort(-weights, kind="stable"):
        centre, weight = centres[at], float(weights[at])
        alike = next((i for i, (other, _) in enumerate(kept) if np.linalg.norm(other - centre) < ALIKE), None)
        if alike is None:
            kept.append((centre, weight))
        else:
            other, sum_ = kept[alike]
            kept[alike] = (other * sum_ + centre * weight) / (sum_ + weight), sum_ + weight
    total = sum(weight for _, weight in kept)
    kept = [(centre, weight) for centre, weight in kept if weight >= LEAST_SHARE * total]
    total = sum(weight for _, weight in kept)
    colours = rgb_of(np.array([centre for centre, _ in kept]))
    found = [
        Dominant(
            (round(float(c[0]), 2), round(float(c[1]), 2), round(float(c[2]), 2)),
            round(weight / total, 4),
            hex_of((int(r), int(g), int(b))),
        )
        for (c, weight), (r, g, b) in zip(kept, colours.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.share, one.hex))
