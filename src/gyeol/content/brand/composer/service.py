"""A writer behind the OpenAI API: it is told the guide, the facts and the blocks, nothing of people; its text is checked like all else.

Source: the widely copied ``POST {base}/chat/completions``; only fields that every such server knows are used.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import httpx
import msgspec

from gyeol.content.brand.composer.blocks import usable
from gyeol.content.brand.composer.brief import Brief, Draft, Refused
from gyeol.content.brand.composer.checking import checked
from gyeol.content.brand.composer.writing import SHAPES, Shape
from gyeol.content.brand.model import SLOTS, Writer
from gyeol.content.equality import facts_of
from gyeol.kernel.errors import BackendTimeoutError, BackendUnavailableError, ConfigError
from gyeol.kernel.reason import Reason

MOST_BYTES = 262_144
"""Of an answer: far more than any message."""
_FENCE = "```"
_USER = re.compile(r"//[^/@]*@")


class _Said(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Said


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class ServiceComposer:
    """Has a service write.

    Args:
        writer: Where it is, from the guide.
        environment: Environment variables, for ``env:NAME``.
        monotonic: Seconds that only grow, for the time-out of the whole answer.

    Raises:
        ConfigError: ``writer_unset``: an environment variable that the guide names is not set.
    """

    def __init__(self, writer: Writer, environment: Mapping[str, str], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._writer, self._monotonic = writer, monotonic
        self._url = _setting(writer.url, environment, "writer.url").rstrip("/") + "/chat/completions"
        self._key = _setting(writer.key, environment, "writer.key").strip() if writer.key else ""
        if not (self._key.isascii() and self._key.isprintable()):
            raise ConfigError("writer_refused", "The key of the writer holds what no key may. Check brand.writer.key.")

    @property
    def name(self) -> str:
        """The model's name."""
        return self._writer.model

    def compose(self, brief: Brief) -> Draft | Refused:
        """One variant, checked.

        Raises:
            BackendTimeoutError: ``writer_timeout``: no whole answer within ``timeout_s``.
            BackendUnavailableError: ``writer_unreachable``, ``writer_failed``.
            ConfigError: ``writer_refused``: it does not accept the key.
        """
        body = msgspec.json.encode(request_of(brief, self._writer))
        try:
            answer = self._ask(body)
        except httpx.TimeoutException:
            raise self._too_slow() from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # An address may hold a password, and errors of the library may repeat headers.
            what = f"The writer cannot be reached at {_USER.sub('//', self._url)} ({type(error).__name__}). Check brand.writer.url."
            raise BackendUnavailableError("writer_unreachable", what) from None
        fields = _fields(answer, _field_names(brief))
        if fields is None:
            return Refused(
                reason=Reason(code="writer_unreadable", params={"answer": answer[:200].decode("utf-8", "replace")}), by=self.name
            )
        return checked(brief, fields, self.name)

    def _ask(self, body: bytes) -> bytes:
        limit = self._writer.timeout_s
        until = self._monotonic() + limit
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {self._key}"} if self._key else {})
        parts: list[bytes] = []
        with httpx.Client(timeout=limit) as client, client.stream("POST", self._url, content=body, headers=headers) as reply:
            if reply.status_code in (401, 403):
                raise ConfigError("writer_refused", f"The writer refuses the key (status {reply.status_code}). Check brand.writer.key.")
            if reply.status_code != 200:
                raise BackendUnavailableError("writer_failed", f"The writer answered with status {reply.status_code}. Ask again later.")
            for part in reply.iter_bytes():
                parts.append(part)
                if self._monotonic() > until:
                    raise self._too_slow()
                if sum(map(len, parts)) > MOST_BYTES:
                    break
        return b"".join(parts)

    def _too_slow(self) -> BackendTimeoutError:
        limit = self._writer.timeout_s
        return BackendTimeoutError(
            "writer_timeout", f"The writer gave no whole answer within {limit:g} s. Ask again, or raise brand.writer.timeout_s."
        )


def request_of(brief: Brief, writer: Writer) -> dict[str, object]:
    """What the service is told: the guide, the facts as they are written, the blocks. Nothing of people."""
    guide = brief.guide
    facts = facts_of(brief.content, brief.language, brief.catalogue)
    told = {
        "brand": guide.name,
        "message": brief.content.message.get(brief.language, next(iter(brief.content.message.values()), "")),
        "channel": brief.channel,
        "language": brief.language,
        "tone": brief.tone,
        "message_class": brief.message_class,
        "facts": {f"facts.{name}": text for name, text in facts.items()},
        "required_facts": [f"facts.{name}" for name, fact in brief.content.facts.items() if fact.required],
        "guide": {
            "voice": guide.voice.about.get(brief.language, ""),
            "words_we_like": guide.voice.words.get(brief.language, []),
            "banned_words": [one.word for one in guide.banned if not one.languages or brief.language in one.languages],
            "korean_speech_level": guide.level(brief.channel, brief.tone),
            "length": [
                {"fields": rule.fields, "most": rule.most, "unit": rule.unit}
                for rule in guide.length
                if not rule.channels or brief.channel in rule.channels
            ],
        },
        "approved_sentences": {slot: [block.text for block in usable(brief, slot)] for slot in SLOTS},
        "fields": list(_field_names(brief)),
    }
    return {
        "model": writer.model,
        "temperature": 0.7,
        "seed": brief.seed,
        "messages": [
            {"role": "system", "content": _ORDERS},
            {"role": "user", "content": msgspec.json.encode(told).decode()},
        ],
    }


_ORDERS = (
    "You write one short marketing message. Answer with one JSON object that has exactly the keys named in 'fields', each a text. "
    "Say facts only as Liquid placeholders, for example {{ facts.price }}; never write a number, price, date, code or product name "
    "yourself, and use no other placeholder. Say every fact of 'required_facts'. Korean ends every sentence in 'korean_speech_level' "
    "(haeyo = 해요체, hapsyo = 합쇼체). Use no banned word, no label such as (광고), and keep to the lengths."
)


def _field_names(brief: Brief) -> tuple[str, ...]:
    return (*SHAPES.get(brief.channel, Shape()).heads, "body")


def _fields(answer: bytes, names: tuple[str, ...]) -> dict[str, str] | None:
    """The fields of an answer; None when it is none."""
    try:
        completion = msgspec.json.decode(answer, type=_Completion)
        text = completion.choices[0].message.content
        told = msgspec.json.decode(_unfenced(text).encode(), type=dict[str, str])
    except (msgspec.DecodeError, msgspec.ValidationError, IndexError, RecursionError):
        return None
    return {name: told[name] for name in names if told.get(name, "").strip()} if told.get("body", "").strip() else None


def _unfenced(text: str) -> str:
    """A text without the fence that models like to put around JSON; in one pass, whatever stands there."""
    text = text.strip()
    if len(text) < 2 * len(_FENCE) or not (text.startswith(_FENCE) and text.endswith(_FENCE)):
        return text
    return text[len(_FENCE) : -len(_FENCE)].removeprefix("json")


def _setting(text: str, environment: Mapping[str, str], what: str) -> str:
    if not text.startswith("env:"):
        return text
    name = text[4:]
    if not environment.get(name):
        raise ConfigError("writer_unset", f"brand.{what} names the environment variable {name}, which is not set. Set it.", name=name)
    return environment[name]
