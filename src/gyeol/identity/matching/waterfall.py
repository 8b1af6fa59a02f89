"""Why two records are one or two: a starting weight, then what every field adds or takes away; as text and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Step:
    """What one field says.

    Args:
        field: Headers of its columns.
        ko, en: The level of likeness that was found.
        left, right: The two values, in the matcher's spelling; empty where there is none.
        bits: log2 of how much likelier this level is among records that are one; rarity of the value counted in.
    """

    field: str
    ko: str
    en: str
    left: str
    right: str
    bits: float


@dataclass(frozen=True)
class Waterfall:
    """From the prior to the weight.

    Args:
        a, b: Ids of the two records.
        prior: log2 odds that two records taken at random are one.
        steps: By field, in the order of the fields.
        at_least: Weight above which records belong together.
    """

    a: str
    b: str
    prior: float
    steps: tuple[Step, ...]
    at_least: float

    @property
    def weight(self) -> float:
        """log2 odds that the two are one."""
        return self.prior + sum((step.bits for step in self.steps), 0.0)

    @property
    def probability(self) -> float:
        """The same as a probability."""
        return float(1 / (1 + 2.0 ** -max(min(self.weight, 60.0), -60.0)))


_WIDTH, _ROW, _LABEL, _RIGHT = 1000, 56, 420, 80
_TEXT = _LABEL - 40
"""Labels are shortened to so many pixels, so that none runs into the bars."""
_FOR, _AGAINST, _SUM, _NOTHING = "#1b7f5c", "#b3403a", "#3b4a63", "#8a929e"
_FONT = "font-family=\"system-ui, 'Apple SD Gothic Neo', 'Noto Sans KR', 'Noto Sans CJK KR', 'Malgun Gothic', sans-serif\" font-size=\"14\""
_WORDS = {
    "ko": ("같은 사람일 가중치", "시작: 아무 두 기록", "합계", "비트", "기준"),
    "en": ("Weight that the two are one", "start: any two records", "sum", "bits", "threshold"),
}
_WIDE, _NARROW = 1.0, 0.56
"""Width of a Hangul syllable and of a Latin letter, in parts of the font's size."""


def picture(shown: Waterfall, lang: str = "en") -> str:
    """An SVG document: one bar a field, each from where the last one ended. Values and signs are written; colour alone says nothing."""
    title, start, total, bits, threshold = _WORDS[lang]
    bars: list[tuple[str, str, float, float, str]] = [(start, "", 0.0, shown.prior, _SUM)]
    level = shown.prior
    for step in shown.steps:
        said = step.ko if lang == "ko" else step.en
        tone = _FOR if step.bits > 0 else _AGAINST if step.bits < 0 else _NOTHING
        bars.append((f"{step.field}: {said}", f"{step.left or '–'} · {step.right or '–'}", level, level + step.bits, tone))
        level += step.bits
    bars.append((total, f"p = {shown.probability:.4f}", 0.0, level, _SUM))
    ends = [shown.at_least, *(end for _, _, *both, _ in bars for end in both)]
    least, most = min(0.0, *ends), max(0.0, *ends)
    scale = (_WIDTH - _LABEL - _RIGHT) / max(most - least, 1.0)

    def x(value: float) -> float:
        return _LABEL + (value - least) * scale

    height = _ROW * len(bars) + 76
    said = f"{title}: {shown.a} · {shown.b} = {shown.weight:+.1f} {bits}"
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(said)}" {_FONT}>',
        f"<title>{escape(said)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="600">{escape(_short(said, _WIDTH - 40, 16))}</text>',
        f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="46" y2="{height - 28}" stroke="#9aa3b2"/>',
    ]
    if shown.at_least:
        at = x(shown.at_least)
        out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="46" y2="{height - 28}" stroke="#5a6472" stroke-dasharray="4 4"/>')
        label = f"{threshold} {shown.at_least:+.1f}"
        out.append(f'<text x="{at:.1f}" y="{height - 10}" text-anchor="middle" font-size="12" fill="#5a6472">{escape(label)}</text>')
    for row, (label, values, begin, end, tone) in enumerate(bars):
        out += _bar(46 + row * _ROW, label, values, (x(begin), x(end)), tone, end - begin)
        if row < len(bars) - 1:  # from where a bar ends to where the next one begins
            at, bottom = x(end), 46 + row * _ROW + 28
            line = f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{bottom}" y2="{bottom + _ROW - 22}" stroke="#9aa3b2" stroke-dasharray="2 3"/>'
            out.append(line)
    return "\n".join([*out, "</svg>", ""])


def _bar(y: int, label: str, values: str, ends: tuple[float, float], tone: str, bits: float) -> list[str]:
    """One line of the picture, from ``y`` on; ``ends`` in pixels."""
    left, width = min(ends), max(abs(ends[1] - ends[0]), 1.5)
    return [
        f'<text x="16" y="{y + 18}" font-weight="500">{escape(_short(label, _TEXT, 14))}</text>',
        f'<text x="16" y="{y + 36}" font-size="12" fill="#5a6472">{escape(_short(values, _TEXT, 12))}</text>',
        f'<rect x="{left:.1f}" y="{y + 6}" width="{width:.1f}" height="22" rx="2" fill="{tone}"/>',
        f'<text x="{left + width + 6:.1f}" y="{y + 22}">{f"{bits:+.1f}" if round(bits, 1) else "0.0"}</text>',
    ]


def _short(text: str, most: float, size: int) -> str:
    """A text that fits into so many pixels at a font size."""
    wide = 0.0
    for i, character in enumerate(text):
        wide += size * (_WIDE if ord(character) >= 0x1100 else _NARROW)
        if wide > most:
            return text[: max(i - 1, 0)].rstrip() + "…"
    return text
