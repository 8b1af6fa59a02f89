"""What events say of themselves: the device, and where somebody came from."""

from __future__ import annotations

import pytest

from gyeol.context.seen import device_of, referrer_of

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"
GALAXY = "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
GALAXY_TAB = "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
TV = "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.1 TV Safari/537.36"


@pytest.mark.parametrize(("type", "agent", "device"), [
    (None, IPHONE, "mobile"), (None, GALAXY, "mobile"), (None, GALAXY_TAB, "tablet"), (None, WINDOWS, "desktop"), (None, TV, "tv"),
    (None, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", None), (None, "analytics-python/2.3", None),
    ("ios", None, "mobile"), ("Tablet", IPHONE, "tablet"), ("kiosk", None, "kiosk"), (" ", WINDOWS, "desktop"), (None, None, None),
])  # fmt: skip
def test_the_device(type: str | None, agent: str | None, device: str | None) -> None:
    assert device_of(type, agent) == device


@pytest.mark.parametrize(("source", "referrer", "page", "told"), [
    ("Newsletter", "https://www.google.com/", "https://shop.kr/a", "newsletter"),
    (None, "https://www.google.com/search?q=latte", "https://shop.kr/a", "google.com"),
    (None, "android-app://com.kakao.talk/", None, "com.kakao.talk"),
    (None, "https://shop.kr/menu", "https://www.shop.kr/cart", None), (None, "https://m.shop.kr/", "https://shop.kr/", None),
    (None, "https://myshop.kr/", "https://shop.kr/", "myshop.kr"),
    (None, "", "https://shop.kr/", None), (None, "http://[", None, None), (None, None, None, None), (" ", "no address", None, None),
])  # fmt: skip
def test_where_somebody_came_from(source: str | None, referrer: str | None, page: str | None, told: str | None) -> None:
    assert referrer_of(source, referrer, page) == told
