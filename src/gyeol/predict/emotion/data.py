"""What the models learn from: only what its licence allows to learn from for weights that are given away (docs/emotion.md)."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.kernel.errors import InputError, Problem

VADER = "vaderSentiment-0.5.zip"
VADER_SHA256 = "5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a"
NAVER = Path("data") / "sentiment" / "naver_movie_reviews_dev.parquet"
STARS = {1: 0.02, 2: 0.04, 3: 0.06, 4: 0.12, 5: 0.25, 6: 0.4, 7: 0.6, 8: 0.8, 9: 0.94, 10: 0.98}
"""How probably a reader would call a review of so many points positive: few points either way are said less clearly than many."""
FOLDS = 20
HELD_OUT, CALIBRATION, OWN, OWN_REVIEWS, OWN_HELD = 0, 1, -1, -2, -3
NEVER_LEARNT = (HELD_OUT, CALIBRATION, OWN_HELD)
"""Folds that no part learns from."""
REVIEW_STARS = {1: 0.03, 2: 0.12, 3: 0.5, 4: 0.88, 5: 0.97}
"""The same for the five stars of our own reviews."""
REVIEW_WEIGHT = 2.0
"""Of one of our own reviews, of a stranger's film review 1: more costs accuracy on films, less on shops."""
TALK_WEIGHT = 6.0
"""Of what is said to a help desk: nothing else teaches that a question is neither praise nor blame."""
EVERY = 10
"""Each line of a file of our own reviews whose number this divides is kept from the parts."""
_HERE = Path(__file__).parent
_DENIED = ("not", "not very", "never", "isn't", "not a bit")


class Examples(msgspec.Struct, frozen=True, kw_only=True):
    """Texts with what they say.

    Args:
        texts: As people wrote them.
        target: How probably positive, ``(n,) float32``, 0 to 1.
        weight: ``(n,) float32``.
        fold: Which twentieth; examples of one film or one source together; OWN and
            OWN_REVIEWS: ours, always learnt from; OWN_HELD: ours, never.
        sign: 1 positive, 0 negative, -1 neither, ``(n,) int8``: what accuracy is counted on.
        strength: How strongly it is said, 0 to 1; NaN where nobody knows.
    """

    texts: list[str]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]
    fold: NDArray[np.int16]
    sign: NDArray[np.int8]
    strength: NDArray[np.float32]


def fold_of(name: str) -> int:
    """The twentieth that a film or a text belongs to."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little") % FOLDS


def korean(shared: Path) -> Examples:
    """Naver film reviews (CC0), folds by film; and reviews and phrases of our own.

    Args:
        shared: The folder of shared data, GYEOL_SHARED.
    """
    return _joined(naver(shared), reviews("ko"), _phrases("phrases_ko.txt", 1.5), _emoji())


def naver(shared: Path) -> Examples:
    """Naver film reviews alone."""
    import pyarrow.parquet as pq

    path = shared / NAVER
    if not path.is_file():
        raise InputError("bad_table", [Problem(path=str(path), code="no_file", what="there is no such file", mend="set GYEOL_SHARED")])
    table = pq.read_table(path, columns=["movie_id", "rating", "review", "label"]).to_pydict()
    ratings = np.array(table["rating"])
    return Examples(
        texts=[text or "" for text in table["review"]],
        target=np.array([STARS[rating] for rating in table["rating"]], np.float32),
        weight=np.ones(len(ratings), np.float32),
        fold=np.array([fold_of(movie) for movie in table["movie_id"]], np.int16),
        sign=np.array(table["label"], np.int8),
        strength=(np.abs(ratings - 5.5) / 4.5).astype(np.float32),
    )


def reviews(language: str, of: str = "*") -> Examples:
    """Reviews of shops, apps, places and service, and what is said to a help desk, written for this project:
    ``reviews/<language>_<name>.tsv``, stars, a tab, the text.

    Args:
        language: ``ko`` or ``en``.
        of: The name of one file, as a pattern; ``talk`` holds help desks, half of it neither glad nor angry (three stars).
    """
    stars: list[int] = []
    texts: list[str] = []
    held: list[bool] = []
    weights: list[float] = []
    for path in sorted((_HERE / "reviews").glob(f"{language}_{of}.tsv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines()):
            given, _, text = line.partition("\t")
            stars.append(int(given))
            texts.append(text)
            held.append(number % EVERY == EVERY - 1)
            weights.append(TALK_WEIGHT if path.stem.endswith("_talk") else REVIEW_WEIGHT)
    given_ = np.array(stars)
    return Examples(
        texts=texts,
        target=np.array([REVIEW_STARS[star] for star in stars], np.float32),
        weight=np.array(weights, np.float32),
        fold=np.where(held, OWN_HELD, OWN_REVIEWS).astype(np.int16),
        sign=np.where(given_ > 3, 1, np.where(given_ < 3, 0, -1)).astype(np.int8),
        strength=np.full(len(texts), np.nan, np.float32),
    )


def english(vader: Path) -> Examples:
    """Texts and words rated by people for VADER (MIT), and reviews and phrases of our own.

    Args:
        vader: The source archive of vaderSentiment 0.5.

    Raises:
        InputError: It is another file.
    """
    return _joined(rated(vader), _words(vader), reviews("en"), _phrases("phrases_en.txt", 2.0), _emoji())


def rated(vader: Path) -> Examples:
    """The four sets of texts that twenty people each rated from -4 to 4: films, products, news, tweets."""
    texts: list[str] = []
    scores: list[float] = []
    outer = _archive(vader)
    with tarfile.open(fileobj=io.BytesIO(outer.read(_inside(outer, ".tar.gz")))) as inner:
        for name in ("movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets", "tweets"):
            file = inner.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt")
            for line in io.TextIOWrapper(file, "latin-1") if file is not None else ():
                parts = line.rstrip("\n").split("\t")
                if len(parts) == 3:
                    texts.append(parts[2])
                    scores.append(float(parts[1]))
    score = np.array(scores)
    sign = np.where(score > 0.5, 1, np.where(score < -0.5, 0, -1)).astype(np.int8)
    return Examples(
        texts=texts,
        target=_probability(score),
        weight=np.ones(len(texts), np.float32),
        # Tenths, for there are fewer texts.
        fold=np.array([fold_of(text) // 2 for text in texts], np.int16),
        sign=sign,
        strength=np.minimum(np.abs(score) / 3.5, 1).astype(np.float32),
    )


def _words(vader: Path) -> Examples:
    """The words of VADER's lexicon, alone and each denied in one way, found by its hash."""
    outer = _archive(vader)
    lines = outer.read(_inside(outer, "vader_sentiment_lexicon.txt")).decode("latin-1").splitlines()
    found: list[tuple[str, float, float]] = []
    for line in lines:
        word, value = line.split("\t")[:2]
        found.append((word, float(value), 0.5))
        if abs(float(value)) > 1 and re.fullmatch("[a-z]+", word):
            found.append((f"{_DENIED[fold_of(word) % len(_DENIED)]} {word}", -0.5 * float(value), 0.2))
    return _made([(text, float(_probability(np.array([value]))[0]), weight) for text, value, weight in found])


def _phrases(name: str, weight: float) -> Examples:
    return _made([(text, _own(value), weight) for value, text in phrases(_HERE / name)])


def _emoji() -> Examples:
    found = []
    value = 0.0
    for line in (_HERE / "emoji.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            value = float(line[1 : line.index("]")])
            for sign in line[line.index("]") + 1 :].split():
                found += [(text, _own(value), 3.0) for text in (sign, f"{sign}{sign}", f"{sign} {sign}")]
    return _made(found)


def _own(value: float) -> float:
    return 0.5 + 0.47 * value


def phrases(path: Path) -> Iterator[tuple[float, str]]:
    """Value and text of each phrase in a file of phrases; ``A > B`` joins each of A with each of B."""
    value = 0.0
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            value = float(line[1 : line.index("]")])
        elif line and not line.startswith("#"):
            left, joined, right = line.partition(" > ")
            for first in left.split(" | "):
                for second in right.split(" | ") if joined else [""]:
                    yield value, f"{first.strip()} {second.strip()}".strip()


def _made(found: Sequence[tuple[str, float, float]]) -> Examples:
    n = len(found)
    return Examples(
        texts=[text for text, _, _ in found],
        target=np.array([target for _, target, _ in found], np.float32),
        weight=np.array([weight for _, _, weight in found], np.float32),
        fold=np.full(n, OWN, np.int16),
        sign=np.full(n, -1, np.int8),
        strength=np.full(n, np.nan, np.float32),
    )


def _joined(*of: Examples) -> Examples:
    return Examples(
        texts=[text for part in of for text in part.texts],
        target=np.concatenate([part.target for part in of]),
        weight=np.concatenate([part.weight for part in of]),
        fold=np.concatenate([part.fold for part in of]),
        sign=np.concatenate([part.sign for part in of]),
        strength=np.concatenate([part.strength for part in of]),
    )


def _probability(score: NDArray[np.float64]) -> NDArray[np.float32]:
    return (1 / (1 + np.exp(-1.3 * score))).astype(np.float32)


def _archive(path: Path) -> zipfile.ZipFile:
    return archive(path, VADER, VADER_SHA256, "pip download --no-deps --no-binary :all: vaderSentiment==0.5")


def archive(path: Path, name: str, sha256: str, mend: str) -> zipfile.ZipFile:
    """An archive that is known to the last byte.

    Args:
        path: Where it is.
        name: What it is called.
        sha256: Its digest.
        mend: The command that fetches it.

    Raises:
        InputError: It is another file.
    """
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise InputError("bad_table", [Problem(path=str(path), code="no_file", what=f"this is not {name}", mend=mend)])
    return zipfile.ZipFile(path)


def _inside(archive: zipfile.ZipFile, ending: str) -> str:
    return next(name for name in archive.namelist() if name.endswith(ending))
