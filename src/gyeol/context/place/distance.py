"""Distances and directions on the earth, taken as a sphere: good to 0.5 %."""

from __future__ import annotations

import math

import numpy as np

from gyeol.context.place.regions import Floats

EARTH_M = 6_371_008.8
"""Mean radius in metres. Source: IUGG."""
METRES_PER_DEGREE = math.radians(EARTH_M)
"""Of latitude: no two points are nearer than that says, whatever their longitudes."""


def metres(lat: Floats | float, lon: Floats | float, to_lat: Floats | float, to_lon: Floats | float) -> Floats:
    """Great-circle distance by the haversine formula.

    Args:
        lat: Degrees; all four broadcast against each other.
        lon: Degrees.
        to_lat: Degrees.
        to_lon: Degrees.

    Returns:
        Metres, 0 to about 20 million; NaN where a value is NaN.
    """
    phi, to_phi = np.radians(lat), np.radians(to_lat)
    half_phi, half_lambda = (to_phi - phi) / 2, np.radians(np.subtract(to_lon, lon)) / 2
    h = np.sin(half_phi) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(h, 1.0))), np.float64)


def metres_between(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """As ``metres``, of two points: a fifth of its cost, for what is looked at one by one."""
    phi, to_phi = math.radians(lat), math.radians(to_lat)
    half_phi, half_lambda = (to_phi - phi) / 2, math.radians(to_lon - lon) / 2
    h = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(to_phi) * math.sin(half_lambda) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(h, 1.0)))


def bearing(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """The direction in which to set out, degrees clockwise from north, 0 to 360."""
    phi, to_phi, turn = np.radians(lat), np.radians(to_lat), np.radians(to_lon - lon)
    east = np.sin(turn) * np.cos(to_phi)
    north = np.cos(phi) * np.sin(to_phi) - np.sin(phi) * np.cos(to_phi) * np.cos(turn)
    return float(np.degrees(np.arctan2(east, north)) % 360)


def apart(one: float, other: float) -> float:
    """The angle between two directions, 0 to 180 degrees."""
    return abs((one - other + 180) % 360 - 180)
