"""The two bodies of a mail, as HTML and as text, with what the law wants at its foot: who sends it, and how to refuse at no cost.

Source: 정보통신망법 시행령 제61조 제3항, 별표 6 (name, e-mail address, phone and postal address of the sender; how to refuse, in Korean and
in English); CAN-SPAM Act, 15 U.S.C. § 7704(a)(3), (5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import msgspec

from gyeol.content.plain_text import text_of

_REFUSE = {
    "ko": ("이 메일을 더 받고 싶지 않으시면 여기에서 수신을 거부하실 수 있습니다. 비용은 들지 않습니다.", "무료 수신거부"),
    "en": ("If you no longer wish to receive this mail, you can refuse it here, free of charge.", "Unsubscribe"),
}
_BODY_BEGINS = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)
_WHOLE_PAGE = re.compile(r"<html\b", re.IGNORECASE)
_HIDDEN = "display:none;max-height:0;overflow:hidden;mso-hide:all"


class Foot(msgspec.Struct, frozen=True, kw_only=True):
    """What stands below a mail.

    Args:
        sender: Lines that say who sends it: name, postal address, phone, e-mail address.
        unsubscribe: Where the reader refuses; empty: nothing is said of refusing.
    """

    sender: list[str]
    unsubscribe: str = ""


def html_body(fields: Mapping[str, str], language: str, foot: Foot) -> str:
    """The HTML part.

    Args:
        fields: ``html`` (rendered and escaped already), or title, body, coupon and link, from which a plain page is made; ``preheader``.
        language: Of the fields.
        foot: See ``Foot``.
    """
    inner = fields.get("html", "").strip() or _plain_page(fields)
    hidden = f'<div style="{_HIDDEN}">{escape(fields["preheader"])}</div>' if fields.get("preheader", "").strip() else ""
    below = _html_foot(language, foot)
    if not _WHOLE_PAGE.search(inner):
        title = escape(fields.get("subject", ""))
        return (
            f'<!doctype html>\n<html lang="{escape(language)}">\n<head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{title}</title></head>\n'
            '<body style="margin:0;padding:24px;font-family:sans-serif;line-height:1.6;color:#1a1a1a">\n'
            f"{hidden}{inner}\n{below}\n</body>\n</html>\n"
        )
    begins = _BODY_BEGINS.search(inner)
    if begins is not None:
        inner = inner[: begins.end()] + hidden + inner[begins.end() :]
    ends = list(_BODY_ENDS.finditer(inner))
    return f"{inner[: ends[-1].start()]}{below}\n{inner[ends[-1].start() :]}" if ends else f"{inner}\n{below}"


def text_body(fields: Mapping[str, str], language: str, foot: Foot) -> str:
    """The text part: ``text`` as written, else the words of ``html``, else title, body, coupon and link."""
    said = fields.get("text", "").strip()
    if not said:
        html = fields.get("html", "").strip()
        said = text_of(html) if html else "\n\n".join(fields[name].strip() for name in _PLAIN if fields.get(name, "").strip())
    parts = [said]
    if foot.sender or foot.unsubscribe:
        parts.append("-- \n" + "\n".join(foot.sender))
    if foot.unsubscribe:
        parts.append("\n".join(_REFUSE[each][0] for each in _languages(language)) + f"\n{foot.unsubscribe}")
    return "\n\n".join(parts) + "\n"


_PLAIN = ("title", "body", "coupon", "link")


def _plain_page(fields: Mapping[str, str]) -> str:
    parts = []
    for name in _PLAIN:
        value = fields.get(name, "").strip()
        if not value:
            continue
        shown = escape(value)
        match name:
            case "title":
                parts.append(f'<h1 style="font-size:22px">{shown}</h1>')
            case "coupon":
                parts.append(f'<p><strong style="border:1px dashed #767676;padding:6px 12px;letter-spacing:.08em">{shown}</strong></p>')
            case "link":
                parts.append(f'<p><a href="{shown}">{shown}</a></p>')
            case _:
                parts.append("".join(f"<p>{line}</p>" for line in shown.splitlines() if line.strip()))
    return "\n".join(parts)


def _html_foot(language: str, foot: Foot) -> str:
    if not foot.sender and not foot.unsubscribe:
        return ""
    lines = [escape(line) for line in foot.sender]
    if foot.unsubscribe:
        url = escape(foot.unsubscribe)
        for each in _languages(language):
            sentence, words = _REFUSE[each]
            lines.append(f'<span lang="{each}">{sentence} <a href="{url}" style="color:#595959">{words}</a></span>')
    joined = "<br>\n".join(lines)
    return f'<hr style="border:0;border-top:1px solid #d0d0d0;margin:32px 0 12px">\n<p style="font-size:12px;color:#595959">{joined}</p>'


def _languages(language: str) -> list[str]:
    """Both languages, the reader's first: refusing must be understood by who reads either."""
    return ["en", "ko"] if language.split("-")[0] == "en" else ["ko", "en"]
