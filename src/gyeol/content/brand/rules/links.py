"""Where links lead: https, and only to domains of the guide; in texts, in the attributes of markup, and in the field ``link``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import Looked

_LINK = re.compile(r"(?:https?|ftp)://[^\s<>\"'“”‘’)]+|\b(?:javascript|data|vbscript):[^\s\"'<>]+|\bwww\.[^\s<>\"'“”‘’)]+", re.IGNORECASE)
_UNSAFE = ("javascript", "data", "vbscript", "ftp")


def check(of: Looked) -> Iterator[Finding]:
    """``link_scheme``, ``link_domain``; addresses that a placeholder begins are not known yet."""
    domains = [domain.lower().lstrip(".") for domain in of.guide.links.domains]
    for field in of.fields:
        if "." not in field.text and ":" not in field.text:
            continue
        for found in _LINK.finditer(field.text):
            link, start = found[0].rstrip(".,;:!?"), found.start()
            end = start + len(link)
            address = link if "://" in link or not link.lower().startswith("www.") else f"https://{link}"
            scheme, host = _parts(address)
            if scheme in _UNSAFE or (scheme == "http" and of.guide.links.https):
                mend = f"https://{link[7:]}" if scheme == "http" else None
                yield field.found("link_scheme", start, end, "error", mend, link=link, scheme=scheme)
            if domains and host and "{" not in host and not any(host == one or host.endswith(f".{one}") for one in domains):
                yield field.found("link_domain", start, end, "error", None, link=link, domain=host, domains=domains)


def _parts(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        return parts.scheme.lower(), (parts.hostname or "").lower()
    except ValueError:
        return address.partition(":")[0].lower(), ""
