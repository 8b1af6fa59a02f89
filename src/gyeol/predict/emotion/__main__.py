"""``python -m gyeol.predict.emotion``: learn the shipped models anew."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np

from gyeol.context.emotion.model import LANGUAGES, WEIGHTS, prepared, save
from gyeol.predict.emotion.data import HELD_OUT, VADER, english, korean
from gyeol.predict.emotion.known import GLOVE, known_words
from gyeol.predict.emotion.train import train


def main() -> None:
    """Read the data, learn, write ``ko.npz`` and ``en.npz``, tell the accuracy on the held-out fold."""
    parser = argparse.ArgumentParser(prog="python -m gyeol.predict.emotion", description=main.__doc__)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("GYEOL_SHARED", "../shared")), help="folder with data/sentiment")
    parser.add_argument("--vader", type=Path, default=Path(VADER), help=f"{VADER}, for English")
    parser.add_argument("--glove", type=Path, default=Path(GLOVE), help=f"{GLOVE}, for English")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument("--lang", choices=LANGUAGES, action="append", help="only this language")
    asked = parser.parse_args()
    begun = time.monotonic()

    def say(what: str) -> None:
        sys.stderr.write(f"{time.monotonic() - begun:6.0f} s  {what}\n")

    for language in asked.lang or LANGUAGES:
        examples = korean(asked.shared) if language == "ko" else english(asked.vader)
        say(f"{language}: {len(examples.texts):,} texts")
        model = train(language, examples, say, known_words(asked.glove) if language == "en" else None)
        save(model, asked.out / f"{language}.npz")
        held = np.flatnonzero((examples.fold == HELD_OUT) & (examples.sign >= 0))
        right = (model.logits(prepared([examples.texts[i] for i in held])) > 0) == (examples.sign[held] == 1)
        say(f"{language}: accuracy {right.mean():.4f} on {len(held):,} held-out texts")


if __name__ == "__main__":
    main()
