"""What is said to a call, altered: some messages, and the answer, which comes last."""

import json
from collections.abc import Callable
from typing import Any

from wiretape.replay.fault import Lines
from wiretape.replay.http.messages import encoded


def rewritten(lines: Lines, change: Callable[[bytes], bytes]) -> Lines:
    """Write the answer otherwise; where nothing is said, nothing is."""
    return (*lines[:-1], change(lines[-1])) if lines else ()


def answered(lines: Lines, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Lines:
    """Answer something else; an answer that is no JSON object any more stays as it is."""

    def changed(line: bytes) -> bytes:
        try:
            said = json.loads(line)
        except ValueError:
            return line
        return encoded(change(said)) if isinstance(said, dict) else line

    return rewritten(lines, changed)
