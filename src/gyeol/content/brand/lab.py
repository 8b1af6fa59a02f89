"""Colours as people see them apart: CIE L*a*b*, in which equal distances look about equally different.

Source: IEC 61966-2-1 (sRGB, D65); CIE 15, L*a*b* and ΔE*ab (1976). A difference of 2.3 can just be seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
_WHITE = np.array([0.95047, 1.0, 1.08883])
_EDGE, _SLOPE = (6 / 29) ** 3, 3 * (6 / 29) ** 2


def lab(rgb: NDArray[np.uint8] | Floats) -> Floats:
    """L*a*b* of sRGB values.

    Args:
        rgb: ``(n, 3)``, 0 to 255.

    Returns:
        ``(n, 3)``: L* from 0 to 100, a* and b* about -110 to 110.

    Example:
        >>> [round(value) for value in lab(np.array([[255, 0, 0]], np.uint8))[0].tolist()]
        [53, 80, 67]
    """
    share = np.asarray(rgb, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > _EDGE, np.cbrt(xyz), xyz / _SLOPE + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


def rgb_of(of: Floats) -> NDArray[np.uint8]:
    """sRGB of L*a*b* values ``(n, 3)``; colours that screens have not are the nearest at the edge."""
    of = np.asarray(of, np.float64)
    middle = (of[:, 0] + 16) / 116
    f = np.stack([middle + of[:, 1] / 500, middle, middle - of[:, 2] / 200], 1)
    xyz = np.where(f > 6 / 29, f**3, _SLOPE * (f - 4 / 29)) * _WHITE
    linear = np.clip(xyz @ np.linalg.inv(_TO_XYZ).T, 0, 1)
    share = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    found: NDArray[np.uint8] = np.rint(share * 255).astype(np.uint8)
    return found


def differences(one: Floats, other: Floats) -> Floats:
    """ΔE*ab of each colour with each: ``(n, 3)`` and ``(m, 3)`` give ``(n, m)``."""
    found: Floats = np.sqrt(((one[:, None, :] - other[None, :, :]) ** 2).sum(-1))
    return found
