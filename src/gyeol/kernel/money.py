"""Money as whole minor units with a currency."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# ISO 4217: exponents that are not 2 (those of currencies in use).
_EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0, "KWD": 3,
    "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


def exponent(currency: str) -> int:
    """Digits after the point in the currency's minor unit. Source: ISO 4217:2015, table A.1."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amounts: npt.NDArray[np.float64], currency: str) -> npt.NDArray[np.int64]:
    """Amounts in major units as whole minor units, half to even.

    The product is first rounded to six digits, so that 1.015 USD is 102 cents (half to even) and not 101, which the nearest
    binary fraction of 1.015 would give.
    """
    return np.rint(np.round(amounts * 10.0 ** exponent(currency), 6)).astype(np.int64)
