"""A writer behind the OpenAI API, on a real socket: what it is told, what of its texts is refused, and what a slow or broken one is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gyeol.content.brand.composer.brief import Brief, Draft, Refused
from gyeol.content.brand.composer.service import ServiceComposer
from gyeol.content.brand.guide import guide_of
from gyeol.content.brand.model import BrandDefinition, Writer
from gyeol.content.equality import Catalogue
from gyeol.content.model import ContentDefinition, FactDefinition, ProductDefinition
from gyeol.kernel.errors import BackendTimeoutError, BackendUnavailableError, ConfigError

GOOD = "{{ facts.drink | josa: '을/를' }} {{ facts.price }}에 드려요."


class Server:
    """Answers whatever ``says`` holds; keeps what it was asked."""

    def __init__(self) -> None:
        self.says: str = ""
        self.status = 200
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.waits = threading.Event()
        self.slow = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.asked.append(json.loads(body))
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                outer.paths.append(self.path)
                if outer.slow:
                    outer.waits.wait(60)
                reply = outer.says.encode()
                self.send_response(outer.status)
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/v1"

    def fields(self, **fields: str) -> None:
        self.says = json.dumps({"choices": [{"message": {"role": "assistant", "content": json.dumps(fields)}}]})

    def close(self) -> None:
        self.waits.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def brief() -> Brief:
    facts = {
        "drink": FactDefinition(type="product", value="C03", required=True),
        "price": FactDefinition(type="price", value=2_250, required=True),
    }
    catalogue = Catalogue([ProductDefinition(sku="C03", name={"ko": "아이스 라떼"}), ProductDefinition(sku="C04", name={"ko": "콜드브루"})])
    content = ContentDefinition(name="iced", variants=[], facts=facts, message={"ko": "시원한 한 잔"})
    guide = guide_of(BrandDefinition(name="결카페"))
    return Brief(content=content, catalogue=catalogue, guide=guide, channel="push", tone="warm", language="ko", label="(광고)")


def composed(server: Server, timeout_s: float = 5.0) -> Draft | Refused:
    writer = Writer(url=server.url, model="a-model", key="env:WRITER_KEY", timeout_s=timeout_s)
    return ServiceComposer(writer, {"WRITER_KEY": "secret-key"}).compose(brief())


def test_a_good_text_becomes_a_draft(server: Server) -> None:
    server.fields(title="시원한 오늘", body=GOOD)
    made = composed(server)
    assert isinstance(made, Draft) and made.by == "a-model" and made.variant.fields == {"title": "시원한 오늘", "body": GOOD}
    assert server.paths == ["/v1/chat/completions"] and server.headers[0]["authorization"] == "Bearer secret-key"


def test_a_text_in_a_fence_is_read_too(server: Server) -> None:
    fenced = "```json\n" + json.dumps({"title": "시원한 오늘", "body": GOOD}) + "\n```"
    server.says = json.dumps({"choices": [{"message": {"content": fenced}}]})
    assert isinstance(composed(server), Draft)


def test_it_is_told_guide_facts_and_blocks_and_nothing_else(server: Server) -> None:
    server.fields(title="시원한 오늘", body=GOOD)
    composed(server)
    (asked,) = server.asked
    assert set(asked) == {"model", "temperature", "seed", "messages"}
    told = json.loads(asked["messages"][1]["content"])
    said = {"brand", "message", "channel", "language", "tone", "message_class", "facts", "required_facts", "guide"}
    assert set(told) == said | {"approved_sentences", "fields"}
    assert told["facts"] == {"facts.drink": "아이스 라떼", "facts.price": "2,250원"}
    assert "secret-key" not in json.dumps(asked)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (f"대박! {GOOD}", "banned_word"),
        ("{{ facts.drink }} {{ facts.price }}에 드립니다.", "speech_level"),
        ("{{ facts.drink }} {{ facts.price }}에 가져가.", "speech_level"),
        (f"원래 4,500원짜리예요. {GOOD}", "fact_invented"),
        (f"콜드브루도 있어요. {GOOD}", "fact_invented"),
        ("{{ facts.drink }} 2,250원에 드려요. {{ facts.price }}", "fact_written_out"),
        ("시원한 음료를 드려요.", "fact_missing"),
        (f"{{{{ email }}}}님! {GOOD}", "template_bad"),
        (f"(광 고) {GOOD}", "label_disguised"),
        (f"{GOOD} http://bit.example/x", "link_scheme"),
    ],
)
def test_a_bad_text_is_refused_with_reasons(server: Server, body: str, code: str) -> None:
    server.fields(title="시원한 오늘", body=body)
    made = composed(server)
    assert isinstance(made, Refused) and made.reason.code == "breaks_guide"
    assert code in [finding.code for finding in made.findings] and made.fields["body"] == body


@pytest.mark.parametrize("says", ["", "no json", "{}", '{"choices": []}', '{"choices": [{"message": {"content": "Sure! Here it is"}}]}'])
def test_what_is_no_answer_is_refused(server: Server, says: str) -> None:
    server.says = says
    made = composed(server)
    assert isinstance(made, Refused) and made.reason.code == "writer_unreadable"


def test_a_slow_writer_is_told_as_slow(server: Server) -> None:
    server.slow = True
    with pytest.raises(BackendTimeoutError, match=r"within 0\.2 s"):
        composed(server, timeout_s=0.2)


@pytest.mark.parametrize(
    ("status", "error", "code"), [(500, BackendUnavailableError, "writer_failed"), (401, ConfigError, "writer_refused")]
)
def test_a_writer_that_fails(server: Server, status: int, error: type[Exception], code: str) -> None:
    server.status = status
    with pytest.raises(error) as told:
        composed(server)
    assert getattr(told.value, "code", "") == code


def test_a_writer_that_is_not_there(server: Server) -> None:
    server.close()
    with pytest.raises(BackendUnavailableError, match="cannot be reached"):
        composed(server)


def test_a_key_that_is_not_set() -> None:
    with pytest.raises(ConfigError, match="WRITER_KEY"):
        ServiceComposer(Writer(url="http://127.0.0.1:1", model="m", key="env:WRITER_KEY"), {})


def test_no_error_tells_the_key_or_a_password(server: Server) -> None:
    for url, key in (
        ("http://me:hidden-word@127.0.0.1:9/v1", "hidden-word"),
        (server.url, "hidden-\nword"),
        (server.url, "hidden-word-열쇠"),
    ):
        with pytest.raises((BackendUnavailableError, ConfigError)) as caught:
            ServiceComposer(Writer(url=url, model="m", key="env:K"), {"K": key}).compose(brief())
        assert "hidden" not in str(caught.value) and "hidden" not in repr(caught.value)


@pytest.mark.parametrize("content", ["```json" + " " * 60_000 + "x", '{"body":' * 9_000])
def test_no_answer_keeps_the_process_busy_or_breaks_it(server: Server, content: str) -> None:
    server.says = json.dumps({"choices": [{"message": {"content": content}}]}) if content[0] == "`" else content + "1" + "}" * 9_000
    before = time.process_time()
    made = composed(server)
    assert isinstance(made, Refused) and made.reason.code == "writer_unreadable"
    assert time.process_time() - before < 5


def test_a_fact_that_a_filter_bends_is_refused_and_a_redirect_is_no_answer(server: Server) -> None:
    server.fields(title="여름", body="{{ facts.drink }} {{ facts.price | replace: '2', '1' }}에 드려요.")
    made = composed(server)
    assert isinstance(made, Refused) and any(finding.code == "fact_invented" for finding in made.findings)
    server.fields(title="여름", body=GOOD)
    server.status = 302
    with pytest.raises(BackendUnavailableError):
        composed(server)
