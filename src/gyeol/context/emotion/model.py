"""A model of one language: its parts, how they are mixed into a probability, and how strong words are."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.nets import Gru, Net
from gyeol.context.emotion.parts import Linear
from gyeol.context.emotion.text import letters, normalised
from gyeol.context.emotion.threads import one_thread
from gyeol.kernel.errors import InputError, Problem

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
WEIGHTS = Path(__file__).parent / "weights"
VERSION = 2
"""Of the files of weights."""

_STRONG = re.compile(
    r"정말|진짜|너무|매우|아주|완전|엄청|최고|최악|절대|도저히|겁나|존나|졸라|강추|비추|"
    r"\b(?:very|so|really|extremely|absolutely|totally|completely|never|best|worst|ever|must|always|highly)\b",
    re.IGNORECASE,
)
_HANGUL = re.compile("[가-힣ㄱ-ㅣ]+")
_REPEATED = re.compile(r"(\S)\1{2,}")


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What reads one language.

    Args:
        language: Which.
        linear: Sums over pieces.
        nets: Nets over words and letters.
        mix: Weight of each part's logit, linear ones first, ``(parts,)``.
        bias: Added.
        strength: Weights of ``cues``, ``(6,)``.
    """

    language: Language
    linear: tuple[Linear, ...]
    nets: tuple[Net, ...]
    mix: NDArray[np.float64]
    bias: float
    strength: NDArray[np.float64]

    def part_logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The logit of each part, ``(parts, texts)``; texts as ``normalised`` gives them."""
        read = letters(texts)
        with one_thread():
            return np.stack([*(part.logits(read) for part in self.linear), *(net.logits(read) for net in self.nets)])

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Log odds that what is said is positive, ``(texts,)``, calibrated on held-out texts."""
        if not texts:
            return np.empty(0)
        mixed: NDArray[np.float64] = self.mix @ self.part_logits(texts) + self.bias
        return mixed


def cues(texts: Sequence[str], polarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """What tells how strongly something is said, ``(texts, 6)``: one, polarity, exclamation marks, strong words, repeats, capitals."""
    made = np.ones((len(texts), 6))
    made[:, 1] = np.abs(polarity)
    for i, text in enumerate(texts):
        letters_ = max(sum(map(str.isalpha, text[:400])), 1) if text.isascii() else 0
        made[i, 2] = min(text.count("!"), 5)
        made[i, 3] = min(len(_STRONG.findall(text)), 4)
        made[i, 4] = min(len(_REPEATED.findall(text)), 3)
        made[i, 5] = sum(map(str.isupper, text[:400])) / letters_ if letters_ > 3 else 0.0
    made[:, 2:5] = np.log1p(made[:, 2:5])
    return made


def save(model: Model, path: Path) -> None:
    """Write a model: arrays as they are, numbers as JSON."""
    arrays: dict[str, Any] = {"mix": model.mix, "strength": model.strength}
    facts: dict[str, Any] = {"version": VERSION, "language": model.language, "bias": model.bias, "linear": [], "nets": []}
    for i, part in enumerate(model.linear):
        arrays[f"linear{i}_weights"] = part.weights
        facts["linear"].append({"recipe": part.recipe, "step": part.step, "bias": part.bias})
    for i, net in enumerate(model.nets):
        arrays |= {f"net{i}_vectors": net.vectors, f"net{i}_out": net.out}
        for j, (filters, bias) in enumerate(zip(net.filters, net.biases, strict=True)):
            arrays |= {f"net{i}_filters{j}": filters.astype(np.float16), f"net{i}_bias{j}": bias}
        if net.gru is not None:
            arrays |= {f"net{i}_gru_{name}": getattr(net.gru, name).astype(np.float16) for name in Gru.__struct_fields__}
        told = {"reads": net.reads, "step": net.step, "stride": net.stride, "constant": net.constant}
        facts["nets"].append(told | {"widths": len(net.filters), "gru": net.gru is not None})
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)


def read(path: Path) -> Model:
    """Read a model that ``save`` wrote.

    Raises:
        InputError: It is of another version.
    """
    with np.load(path, allow_pickle=False) as held:
        facts = json.loads(held["facts"].tobytes())
        if facts.get("version") != VERSION:
            what = f"weights of version {facts.get('version', 1)}, not {VERSION}"
            raise InputError("bad_weights", [Problem(path=str(path), code="other_version", what=what, mend="make emotion")])
        return Model(
            language=facts["language"],
            linear=tuple(Linear(weights=held[f"linear{i}_weights"], **of) for i, of in enumerate(facts["linear"])),
            nets=tuple(_net(held, f"net{i}", of) for i, of in enumerate(facts["nets"])),
            mix=held["mix"],
            bias=facts["bias"],
            strength=held["strength"],
        )


def _net(held: Mapping[str, Any], name: str, of: Mapping[str, Any]) -> Net:
    return Net(
        reads=of["reads"],
        vectors=held[f"{name}_vectors"],
        step=of["step"],
        filters=tuple(held[f"{name}_filters{j}"].astype(np.float32) for j in range(of["widths"])),
        biases=tuple(held[f"{name}_bias{j}"] for j in range(of["widths"])),
        stride=of["stride"],
        gru=Gru(**{each: held[f"{name}_gru_{each}"].astype(np.float32) for each in Gru.__struct_fields__}) if of["gru"] else None,
        out=held[f"{name}_out"],
        constant=of["constant"],
    )


@functools.cache
def model_of(language: Language) -> Model:
    """The shipped model of a language; read once a process, at first use."""
    return read(WEIGHTS / f"{language}.npz")


def language_of(text: str) -> Language:
    """Which model reads a text: ``ko`` where Hangul makes up at least a fifth of the letters, else ``en``.

    Example:
        >>> language_of("app이 자꾸 튕겨요"), language_of("so good ㅋㅋ great app for kids")
        ('ko', 'en')
    """
    if text.isascii():
        return "en"
    hangul = sum(map(len, _HANGUL.findall(text)))
    return "ko" if hangul and hangul * 5 >= sum(map(str.isalpha, text)) else "en"


def prepared(texts: Sequence[str]) -> list[str]:
    """Texts as the models read them."""
    return [normalised(text) for text in texts]
