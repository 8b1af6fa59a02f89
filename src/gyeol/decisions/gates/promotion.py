"""What the gates that stop promotion share."""

from __future__ import annotations

from gyeol.decisions.gates.gate import Question


def promotes(question: Question) -> bool:
    """Whether the decision is about promotion: a transactional message is none."""
    message = question.request.message
    return message is None or message.message_class != "transactional"


def known(question: Question, name: str) -> object:
    """A fact of the Moment; None where it is not known, or where nothing defines it."""
    try:
        return question.request.person.value(name)
    except KeyError:
        return None
