"""How prices are written: commas between thousands, and won as a word or as a sign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import Looked

_PRICE = re.compile(
    r"(?P<sign>[₩￦\\$€£¥]\s?)?(?<![\d.,\w])(?P<amount>\d[\d,]*(?:\.\d+)?)(?P<word>\s?(?:원|won\b|KRW\b|포인트|points?\b|P\b))?",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?")


def check(of: Looked) -> Iterator[Finding]:
    """``number_grouping`` (1300원, 12,00원) and ``price_form`` (₩1,300 where the guide writes 1,300원)."""
    wanted = of.guide.numbers.won.get(of.language.split("-")[0].lower())
    for field in of.spoken:
        for found in _PRICE.finditer(field.plain):
            amount, sign, word = found["amount"].rstrip(","), (found["sign"] or "").strip(), (found["word"] or "").strip()
            if not sign and not word:
                continue
            whole, _, part = amount.replace(",", "").partition(".")
            right = f"{int(whole):,}" + (f".{part}" if part else "")
            start = found.start("amount")
            if of.guide.numbers.grouped and not _GROUPED.fullmatch(amount):
                yield field.found("number_grouping", start, start + len(amount), "warning", right, found=amount, right=right)
            won = sign in ("₩", "￦", "\\") or word.lower() in ("원", "won", "krw")
            if wanted and won and (wanted == "sign") != (sign in ("₩", "￦", "\\")):
                form = f"₩{right}" if wanted == "sign" else f"{right}원" if of.korean else f"{right} won"
                yield field.found("price_form", found.start(), found.end(), "warning", form, found=found[0].strip(), right=form)
