"""Weather services over real HTTP: a local server speaks their forms."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from gyeol.storage.weather import FAILURES_TO_OPEN, LONGEST_PAUSE_MS, PAUSE_MS, Breaker, Kma, OpenMeteo, Weather

SEOUL, BUSAN, NEAR_SEOUL = (37.575, 126.975), (35.125, 129.025), (37.5751, 126.9751)


class Service:
    """A local server: what it was asked, and how it behaves."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status = 200
        self.wait_s = 0.0
        self.air = True
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                service.asked.append((parts.path, query))
                time.sleep(service.wait_s)
                status = service.status if parts.path != "/air" or service.air else 500
                body = service.answer(parts.path, query) if status == 200 else b"no"
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, query: dict[str, str]) -> bytes:
        if path in ("/forecast", "/air"):
            fields = {"weather_code": 71, "temperature_2m": -2.0, "pm10": 12.0}
            answers = [{"current": {"time": 1_780_000_000, **fields}} for _ in query["latitude"].split(",")]
            return json.dumps(answers if len(answers) > 1 else answers[0]).encode()
        item = {"baseDate": query["base_date"], "baseTime": query["base_time"]}
        items = [{**item, "category": "PTY", "obsrValue": "1"}, {**item, "category": "T1H", "obsrValue": query["nx"]}]
        return json.dumps({"response": {"header": {"resultCode": "00"}, "body": {"items": {"item": items}}}}).encode()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def open_meteo(service: Service, timeout_s: float = 5.0) -> OpenMeteo:
    return OpenMeteo(f"{service.url}/forecast", f"{service.url}/air", timeout_s)


def test_many_places_in_one_request_and_none_twice(service: Service) -> None:
    weather = Weather(open_meteo(service))
    first = weather.at([SEOUL, BUSAN, SEOUL], 1_000)
    assert [(r.lat, r.sky, r.pm10) for r in first.readings] == [(37.575, "snow", 12.0), (35.125, "snow", 12.0), (37.575, "snow", 12.0)]
    assert [path for path, _ in service.asked] == ["/forecast", "/air"]
    assert service.asked[0][1]["latitude"] == "37.575,35.125" and first.asked == 2
    assert weather.at([BUSAN], 2_000).asked == 0 and len(service.asked) == 2, "remembered"
    assert weather.at([BUSAN], 2_000_000).asked == 1 and len(service.asked) == 4
    many = [(33 + i / 100, 127.0) for i in range(150)]
    assert len(weather.at(many, 3_000_000).readings) == 150
    assert len(service.asked) == 8, "a hundred at once"


def test_dust_may_lack(service: Service) -> None:
    service.air = False
    asked = Weather(open_meteo(service)).at([SEOUL], 0)
    assert asked.fault is None and asked.readings[0].sky == "snow" and asked.readings[0].dust is None


def test_the_korean_service_is_asked_once_for_each_of_its_cells(service: Service) -> None:
    asked = Weather(Kma("a+key/=", f"{service.url}/kma")).at([SEOUL, NEAR_SEOUL, BUSAN], 1_780_000_000_000)
    assert asked.fault is None
    assert [r.temperature_c for r in asked.readings] == [60, 60, 97] and asked.readings[0].sky == "rain"
    assert sorted((path, query["nx"]) for path, query in service.asked) == sorted(
        (f"/kma/{operation}", nx) for operation in ("getUltraSrtNcst", "getUltraSrtFcst") for nx in ("60", "97")
    )
    assert service.asked[0][1]["serviceKey"] == "a+key/=", "encoded once"


@pytest.mark.parametrize("trouble", ["status", "slow", "gone"])
def test_a_service_that_fails_is_told_and_left_alone(service: Service, trouble: str) -> None:
    weather = Weather(open_meteo(service, timeout_s=0.1))
    assert weather.at([BUSAN], 0).fault is None
    if trouble == "status":
        service.status = 503
    elif trouble == "slow":
        service.wait_s = 0.3
    else:
        service.server.shutdown()
        service.server.server_close()
    for _ in range(FAILURES_TO_OPEN):
        asked = weather.at([SEOUL, BUSAN], 1_000)
        assert asked.fault is not None and asked.fault.startswith("open_meteo: ")
        assert [r.lat for r in asked.readings] == [35.125], "what is known is still told"
    before = len(service.asked)
    assert weather.at([SEOUL], 1_000 + PAUSE_MS - 1).resting and len(service.asked) == before
    if trouble != "gone":
        service.status, service.wait_s = 200, 0.0
        assert weather.at([SEOUL], 1_000 + PAUSE_MS).readings and weather.at([SEOUL], 1_000 + PAUSE_MS).fault is None


def test_a_breaker_rests_ever_longer_and_forgets_after_a_success() -> None:
    breaker = Breaker(2)
    breaker.failed(0)
    assert breaker.closed(0)
    breaker.failed(0)
    assert not breaker.closed(PAUSE_MS - 1) and breaker.closed(PAUSE_MS)
    breaker.failed(PAUSE_MS)
    assert not breaker.closed(3 * PAUSE_MS - 1) and breaker.closed(3 * PAUSE_MS)
    for _ in range(40):
        breaker.failed(0)
    assert breaker.closed(LONGEST_PAUSE_MS)
    breaker.succeeded()
    breaker.failed(0)
    assert breaker.closed(0)
