"""Where clients of HTTP+SSE post: one URL for each session."""

import re
from functools import cached_property
from urllib.parse import urlsplit

from wiretape.analysis.profile.model import Profile
from wiretape.replay.http.messages import Ask

_ID = "{id}"
_ASSUMED = "/messages?sessionId={id}"


class MessageUrl:
    """Where clients post: the form that the first event tells, and the sessions' ids in it."""

    def __init__(self, profile: Profile) -> None:
        self.form = profile.endpoints.message or _ASSUMED

    def of(self, id_: str) -> str:
        """Give the URL of a session."""
        return self.form.replace(_ID, id_)

    def matches(self, path: str) -> bool:
        """Tell whether a path is that of some session's URL."""
        return self._path.fullmatch(path) is not None

    def id(self, ask: Ask) -> str | None:
        """Give the session's id that a request's URL names."""
        in_path = self._path.fullmatch(ask.path)
        if in_path is not None and in_path.groups():
            return in_path[1]
        name = next((key for key, value in self._parameters.items() if value == _ID), None)
        return ask.parameters.get(name) if name is not None else None

    @cached_property
    def _path(self) -> re.Pattern[str]:
        head, found, tail = urlsplit(self.form).path.partition(_ID)
        return re.compile(re.escape(head) + ("([^/]+)" if found else "") + re.escape(tail))

    @cached_property
    def _parameters(self) -> dict[str, str]:
        return Ask("", "GET", "", query=urlsplit(self.form).query).parameters
