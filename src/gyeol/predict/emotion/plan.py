"""How a net is to be learnt."""

from __future__ import annotations

from typing import NamedTuple


class NetPlan(NamedTuple):
    """How a net is learnt.

    Args:
        reads: A name of ``READS``.
        bits: It has ``2 ** bits`` vectors.
        size: Of a vector.
        widths: Of windows; none: the reader takes the vectors.
        filters: For each width.
        stride: See ``Net``.
        units: Of the recurrent reader each way; 0: none.
        epochs: Passes over the texts.
        drop: Share of pieces left out.
        word_drop: Share of words or letters left out.
        in_drop: Share of features left out of a whole text, before the windows and before the reader.
        out_drop: Share of features left out before the weighted sum.
        rate: The greatest rate.
        seed: Of everything random.
        longest: Words or letters that are read in training.
        together: Texts of a batch.
        ahead: Passes before all others in which the reader learns which words stand beside one another; 0 with windows.
        known: How much it counts, beside what it learns of texts, that words tell their published vectors; 0: not at all.
    """

    reads: str
    bits: int
    size: int
    widths: tuple[int, ...]
    filters: int
    stride: int
    units: int
    epochs: int
    drop: float
    word_drop: float
    in_drop: float
    out_drop: float
    rate: float
    seed: int
    longest: int = 160
    together: int = 512
    ahead: int = 0
    known: float = 0.0
