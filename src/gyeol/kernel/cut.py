"""An array that says where it may be cut: what snapshots are made of."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt


class Cut(msgspec.Struct, frozen=True):
    """An array whose blocks end where its owner's rows do: lists of unequal length, one after the other.

    Args:
        array: Cut along its first axis.
        ends: Ends of the blocks, not descending, the last one the array's length.
    """

    array: npt.NDArray[Any]
    ends: npt.NDArray[np.int64]
