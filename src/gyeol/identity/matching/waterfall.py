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


_WIDTH, _ROW, _LABEL, _RIGHT = 960, 44, 400, 90
_FOR, _AGAINST, _SUM = "#1b7f5c", "#b3403a", "#3b4a63"
_FONT = 'font-family="system-ui, sans-serif" font-size="14"'
_WORDS = {
    "ko": ("같은 사람일 가중치", "시작: 아무 두 기록", "합계", "비트", "알 수 없음"),
    "en": ("Weight that the two are one", "start: any two records", "sum", "bits", "unknown"),
}


def picture(shown: Waterfall, lang: str = "en") -> str:
    """An SVG document: one bar a field, each from where the last one ended. Values and signs are written; colour alone says nothing."""
    title, start, total, bits, _ = _WORDS[lang]
    bars: list[tuple[str, str, float, float, str]] = [(start, "", 0.0, shown.prior, _SUM)]
    level = shown.prior
    for step in shown.steps:
        said = step.ko if lang == "ko" else step.en
        bars.append(
            (f"{step.field}: {said}", f"{step.left} · {step.right}", level, level + step.bits, _FOR if step.bits >= 0 else _AGAINST)
        )
        level += step.bits
    bars.append((total, f"p = {shown.probability:.4f}", 0.0, level, _SUM))
    least, most = min(0.0, *(min(b[2], b[3]) for b in bars)), max(0.0, *(max(b[2], b[3]) for b in bars))
    scale = (_WIDTH - _LABEL - _RIGHT) / max(most - least, 1.0)

    def x(value: float) -> float:
        return _LABEL + (value - least) * scale

    height = _ROW * (len(bars) + 1) + 20
    said = f"{title}: {shown.a} · {shown.b} = {shown.weight:+.1f} {bits}"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(said)}" {_FONT}>',
        f"<title>{escape(said)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="600">{escape(said)}</text>',
        f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{_ROW}" y2="{height - 12}" stroke="#9aa3b2"/>',
    ]
    for row, (label, values, begin, end, colour) in enumerate(bars, start=1):
        y = row * _ROW + 8
        left, width = x(min(begin, end)), max(abs(end - begin) * scale, 1.0)
        out += [
            f'<text x="16" y="{y + 12}" font-weight="500">{escape(_short(label, 52))}</text>',
            f'<text x="16" y="{y + 28}" font-size="12" fill="#5a6472">{escape(_short(values, 58))}</text>',
            f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="22" fill="{colour}"/>',
            f'<text x="{left + width + 6:.1f}" y="{y + 16}">{end - begin:+.1f}</text>',
        ]
    return "\n".join([*out, "</svg>", ""])


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
