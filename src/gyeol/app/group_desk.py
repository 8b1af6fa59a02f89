"""The desk's operations on groups of people."""

from __future__ import annotations

from gyeol.app.core_api import AudienceRequest, Core
from gyeol.app.core_groups import GroupReply, GroupsReply, GroupsRequest
from gyeol.kernel.errors import InternalError


class GroupDesk:
    """Part of ``Desk``: households, accounts, and whatever else people are grouped by.

    Args:
        core: The core.
    """

    _core: Core

    def groups(self, kind: str | None = None, audience: str | None = None, limit: int = 50, cursor: str | None = None) -> GroupsReply:
        """Kinds of groups, or the groups of a kind. Raises NotFoundError, InputError."""
        return self._groups(GroupsRequest(kind=kind, audience=audience, limit=max(1, min(limit, 1_000)), cursor=cursor))

    def group(self, kind: str, id: str) -> GroupReply:
        """One group by id or by what names it. Raises NotFoundError."""
        one = self._groups(GroupsRequest(kind=kind, id=id)).one
        if one is None:
            raise InternalError("no_answer", "the core answered another question")
        return one

    def _groups(self, request: GroupsRequest) -> GroupsReply:
        reply = self._core.audience(AudienceRequest(groups=request)).groups
        if reply is None:
            raise InternalError("no_answer", "the core answered another question")
        return reply
