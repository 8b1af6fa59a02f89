"""What is wrong now, told so that it can be mended: worst first."""

from __future__ import annotations

import msgspec

from gyeol.app.watch_answers import ProblemAnswer

LONGEST_BACKLOG_MS = 5_000
"""An event that waits longer is late for the decision at hand."""


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What problems are read from. ``rejected``: events of the last hour."""

    acting: bool
    backlog_age_ms: int
    lake_problem: str
    rejected: int


def problems(signs: Signs) -> list[ProblemAnswer]:
    """The problems there are; none when all is well."""
    found: list[ProblemAnswer] = []
    if not signs.acting:
        found.append(
            ProblemAnswer(
                code="not_acting",
                text={
                    "ko": "이벤트는 받고 있지만 처리 결과를 저장하지 못해 메시지가 나가지 않습니다.",
                    "en": "Events are taken, but what they cause cannot be kept: no messages leave.",
                },
                mend={
                    "ko": "state.db가 있는 디스크의 여유 공간과 권한을 확인하세요. `gyeol doctor`가 자세히 알려 줍니다.",
                    "en": "Look at the space and permissions of state.db's disk; `gyeol doctor` says more.",
                },
            )
        )
    if signs.backlog_age_ms > LONGEST_BACKLOG_MS:
        seconds = signs.backlog_age_ms // 1000
        found.append(
            ProblemAnswer(
                code="backlog",
                text={
                    "ko": f"처리를 기다리는 이벤트가 {seconds:,}초째 밀려 있습니다.",
                    "en": f"Events have been waiting for {seconds:,} s.",
                },
                mend={
                    "ko": "보내는 속도를 늦추거나, 같은 컴퓨터에서 도는 다른 작업을 멈추세요.",
                    "en": "Send more slowly, or stop what else runs on this machine.",
                },
            )
        )
    if signs.lake_problem:
        found.append(
            ProblemAnswer(
                code="lake_stuck",
                text={
                    "ko": f"분석용 저장소에 기록하지 못해 지표가 멈춰 있습니다: {signs.lake_problem}",
                    "en": f"The lake does not move on, so figures stand still: {signs.lake_problem}",
                },
                mend={
                    "ko": "메시지에 적힌 원인을 해결하면 밀린 기록부터 이어집니다. 이벤트와 결정에는 영향이 없습니다.",
                    "en": "Mend what it says and it goes on where it stopped. Events and decisions are not affected.",
                },
            )
        )
    if signs.rejected:
        found.append(
            ProblemAnswer(
                code="events_rejected",
                text={
                    "ko": f"최근 한 시간 동안 이벤트 {signs.rejected:,}건이 거부되었습니다.",
                    "en": f"{signs.rejected:,} event{'' if signs.rejected == 1 else 's'} of the last hour were rejected.",
                },
                mend={
                    "ko": "데이터 화면에서 이유를 보고, 고쳐서 다시 처리하세요.",
                    "en": "See why on the Data screen, correct them and process them again.",
                },
            )
        )
    return found
