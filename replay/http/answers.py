"""Answers that a profile spells, made into replies."""

import json
from typing import Any

from wiretape.analysis.profile.texts import BodyText
from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.messages import Reply

_ID = "{id}"


def reply_of(answer: Answer, rpc_id: Any = None) -> Reply:
    """Give the reply that an answer describes; `rpc_id` takes the place of `{id}`."""
    headers: dict[str, str] = {}
    if answer.media_type is not None:
        headers["content-type"] = answer.media_type
    return Reply(answer.status, tuple(headers.items()), body_of(answer.body, rpc_id))


def body_of(body: BodyText | None, rpc_id: Any = None) -> bytes:
    """Give the bytes of a body; where it is JSON, the id stays what it is, a number or a text."""
    if body is None:
        return b""
    return body.replace(f'"{_ID}"', json.dumps(rpc_id)).replace(_ID, str(rpc_id)).encode()
