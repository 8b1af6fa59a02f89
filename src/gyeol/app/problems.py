"""What is wrong now, told so that it can be mended: worst first."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gyeol.app.watch_answers import ProblemAnswer

Found = tuple[str, tuple[str, str], tuple[str, str]]
"""(code, what is wrong, how to mend it), each in Korean and English."""
LONGEST_BACKLOG_MS = 5_000
"""An event that waits longer is late for the decision at hand."""
LEAST_FREE_BYTES = 1_000_000_000
"""Below it a busy day may fill the disk before somebody looks."""
OF_THE_CORE = ("not_taking", "not_acting", "backlog", "disk_low", "snapshot_failed")
OF_THE_SIDE = ("lake_stuck", "facts_missing", "events_rejected")
"""The codes there are, by the process that sees the problem first."""


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What problems are read from; what is left out is taken to be well.

    Args:
        refusing: Why no events are taken at all.
        acting: Whether state.db takes what the engine did.
        free_bytes: Of the data folder's disk.
        snapshot_problem: Why the last snapshot failed.
        lake_problem: Why the lake does not move on.
        fact_problem: Why a provider of facts gives none.
        rejected: Events of the last hour.
    """

    refusing: str = ""
    acting: bool = True
    backlog_age_ms: int = 0
    free_bytes: int = LEAST_FREE_BYTES
    snapshot_problem: str = ""
    lake_problem: str = ""
    fact_problem: str = ""
    rejected: int = 0


def problems(signs: Signs) -> list[ProblemAnswer]:
    """The problems there are; none when all is well."""
    return [
        ProblemAnswer(code=code, text={"ko": text[0], "en": text[1]}, mend={"ko": mend[0], "en": mend[1]})
        for code, text, mend in (*_of_the_core(signs), *_of_the_machine(signs), *_of_the_side(signs))
    ]


def _of_the_core(signs: Signs) -> Iterator[Found]:
    if signs.refusing:
        yield (
            "not_taking",
            (
                f"지금은 이벤트와 결정 요청을 받지 못합니다: {signs.refusing}",
                f"Neither events nor requests for decisions are taken: {signs.refusing}",
            ),
            (
                "메시지에 적힌 원인을 해결하면 스스로 이어 갑니다. 보내는 쪽은 다시 시도하므로 잃는 것은 없습니다.",
                "Mend what it says and it goes on by itself. Whoever sends tries again, so nothing is lost.",
            ),
        )
    if not signs.acting:
        yield (
            "not_acting",
            (
                "이벤트는 받고 있지만 처리 결과를 저장하지 못해 메시지가 나가지 않습니다.",
                "Events are taken, but what they cause cannot be kept: no messages leave.",
            ),
            (
                "state.db가 있는 디스크의 여유 공간과 권한을 확인하세요. `gyeol doctor`가 자세히 알려 줍니다.",
                "Look at the space and permissions of state.db's disk; `gyeol doctor` says more.",
            ),
        )
    if signs.backlog_age_ms > LONGEST_BACKLOG_MS:
        seconds = signs.backlog_age_ms // 1000
        yield (
            "backlog",
            (f"처리를 기다리는 이벤트가 {seconds:,}초째 밀려 있습니다.", f"Events have been waiting for {seconds:,} s."),
            (
                "보내는 속도를 늦추거나, 같은 컴퓨터에서 도는 다른 작업을 멈추세요.",
                "Send more slowly, or stop what else runs on this machine.",
            ),
        )


def _of_the_machine(signs: Signs) -> Iterator[Found]:
    if signs.free_bytes < LEAST_FREE_BYTES:
        left = f"{signs.free_bytes // 1_000_000:,} MB"
        yield (
            "disk_low",
            (f"데이터 폴더의 디스크에 {left}만 남았습니다.", f"The data folder's disk has {left} left."),
            (
                "공간을 비우거나 더 큰 디스크로 옮기세요. 가득 차면 이벤트를 더 받지 못합니다.",
                "Free some space or move to a larger disk: when it is full nothing more is taken.",
            ),
        )
    if signs.snapshot_problem:
        yield (
            "snapshot_failed",
            (
                f"마지막 스냅숏을 쓰지 못했습니다: {signs.snapshot_problem}",
                f"The last snapshot could not be written: {signs.snapshot_problem}",
            ),
            (
                "잃은 것은 없지만 다음 시작이 오래 걸립니다. 디스크와 메모리의 여유를 확인하세요.",
                "Nothing is lost, but the next start takes longer. Look at the space on the disk and in memory.",
            ),
        )


def _of_the_side(signs: Signs) -> Iterator[Found]:
    if signs.lake_problem:
        yield (
            "lake_stuck",
            (
                f"분석용 저장소에 기록하지 못해 지표가 멈춰 있습니다: {signs.lake_problem}",
                f"The lake does not move on, so figures stand still: {signs.lake_problem}",
            ),
            (
                "메시지에 적힌 원인을 해결하면 밀린 기록부터 이어집니다. 이벤트와 결정에는 영향이 없습니다.",
                "Mend what it says and it goes on where it stopped. Events and decisions are not affected.",
            ),
        )
    if signs.fact_problem:
        yield (
            "facts_missing",
            (
                f"날씨 같은 사실을 받아 오지 못하고 있습니다: {signs.fact_problem}",
                f"Facts such as the weather do not come in: {signs.fact_problem}",
            ),
            (
                "메시지에 적힌 원인을 확인하세요. 스스로 다시 시도하며, 그동안 유효 시간이 지난 사실은 '모름'으로 다뤄집니다.",
                "Look at what it says. It is tried again by itself; meanwhile facts past their time are unknown.",
            ),
        )
    if signs.rejected:
        verb = "event of the last hour was" if signs.rejected == 1 else "events of the last hour were"
        yield (
            "events_rejected",
            (f"최근 한 시간 동안 이벤트 {signs.rejected:,}건이 거부되었습니다.", f"{signs.rejected:,} {verb} rejected."),
            (
                "데이터 화면에서 이유를 보고, 고쳐서 다시 처리하세요.",
                "See why on the Data screen, correct them and process them again.",
            ),
        )
