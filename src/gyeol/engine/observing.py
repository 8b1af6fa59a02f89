"""Facts that jobs bring: judged, folded and made records, one job after another."""

from __future__ import annotations

from collections.abc import Sequence

from gyeol.context.record import encode_record
from gyeol.engine.effects import Effects
from gyeol.engine.facts import FactSaid, named_facts, placed
from gyeol.engine.fold import fold_told
from gyeol.engine.jobs import Job, Observe
from gyeol.engine.state import EngineState
from gyeol.events.sections import Facts
from gyeol.kernel.errors import GyeolError


def observe(state: EngineState, jobs: Sequence[Job], first_offset: int, effects: Effects, latest_ms: int) -> list[Facts]:
    """Fold the facts of all jobs and answer them; a job with a bad fact fails as a whole.

    Args:
        state: Changed in place.
        jobs: Those that bring facts are looked at.
        first_offset: Of the first record.
        effects: Of the frame.
        latest_ms: What is observed much later than this is refused.

    Returns:
        The records of the facts that are new, a section a job: a replay looks at audiences after each one, too.
    """
    sections: list[Facts] = []
    for job in jobs:
        if not isinstance(job, Observe) or job.error is not None:
            continue
        try:
            fresh, new = named_facts(state, job.facts, latest_ms, job.source)
        except GyeolError as error:
            job.error = error
            continue
        fresh = [placed(state, record) for record in fresh]
        offset = first_offset
        if fresh:
            fold_told(state, fresh, effects)
            sections.append(Facts(list(map(encode_record, fresh))))
            first_offset += len(fresh)
        answers: list[FactSaid] = []
        for is_new in new:
            answers.append(FactSaid(status="recorded", offset=offset) if is_new else FactSaid(status="duplicate"))
            offset += is_new
        job.answer = answers
    return sections
