"""The set-ups that ``docs/compatibility.md`` prints, to be run as they stand there."""

from __future__ import annotations

import re

from tests.sdks.matrix import FLAG_SDKS, PAGE, SDKS

ADDRESS, KEY, USER = "https://events.example.com", "YOUR_WRITE_KEY", "user-1"


def setups() -> dict[str, str]:
    """The code block under each SDK's heading, by the SDK's name in tests."""
    blocks = dict(re.findall(r"^### `([^`]+)`\n.*?^```\w+\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    return {sdk: blocks[package] for sdk, package in {**SDKS, **FLAG_SDKS}.items() if package in blocks}


def set_up(sdk: str, url: str, key: str, user: str) -> str:
    """The set-up with the address, the key and the user that a reader would put in."""
    printed = setups()[sdk]
    assert all(part in printed for part in (ADDRESS, KEY, USER))
    return printed.replace(ADDRESS, url).replace(KEY, key).replace(USER, user)
