"""What a recording's file is called."""

import re
from datetime import UTC, datetime

from wiretape.recorder.errors import UsageError

_ALLOWED = re.compile(r"[A-Za-z0-9._-]{1,200}")


def file_name(name: str, start: datetime) -> str:
    """Name the recording `name` that began at `start` (aware), such as
    `mcp-traffic-jira-2025-08-29T02-09-10-217Z.jsonl`: the start in UTC, with milliseconds.

    Raises UsageError for a name that could lead out of its folder or that a shell would not take
    as it is.
    """
    if not _ALLOWED.fullmatch(name):
        raise UsageError(
            f"a recording cannot be called {name!r}: use A-Z, a-z, 0-9, '.', '_', '-', at most 200"
        )
    moment = start.astimezone(UTC)
    return f"mcp-traffic-{name}-{moment:%Y-%m-%dT%H-%M-%S}-{moment.microsecond // 1000:03}Z.jsonl"
