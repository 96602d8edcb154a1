"""What a service answers to the use of something that it does not know: a tool, a method."""

from typing import NamedTuple

from pydantic import JsonValue

from wiretape.analysis.concluding.values import value
from wiretape.analysis.traffic.turns import Turn

_MESSAGE = 300
_DATA = 1024
_SHORTEST = 4
_BLANK = "{name}"


class Answered(NamedTuple):
    """How a turn was answered: with an error, or with a result that tells of one.

    `status` is the HTTP status of the answer, if it came in the response's body and is not 200.
    """

    code: int | None
    message: str | None
    data: bytes | None
    result: bytes | None
    status: int | None


def answered(turn: Turn) -> Answered:
    """Keep of a turn what tells how it was answered; what is too long is left out."""
    return Answered(
        code=turn.code,
        message=None if turn.message is None else turn.message[:_MESSAGE],
        data=_short(turn.data),
        result=_short(turn.result),
        status=turn.status if turn.over == "body" and turn.status != 200 else None,
    )


def told(answer: Answered, name: str) -> dict[str, JsonValue]:
    """Give an answer as a value, in which `{name}` stands for the name that was used.

    The code is a text, as it is where codes are counted.
    """
    parts: dict[str, JsonValue] = {
        "code": None if answer.code is None else str(answer.code),
        "message": answer.message,
        "data": value(answer.data),
        "result": value(answer.result),
        "status": answer.status,
    }
    return {part: _blank(said, name) for part, said in parts.items() if said is not None}


def _short(raw: bytes | None) -> bytes | None:
    return None if raw is None or len(bytes(raw)) > _DATA else bytes(raw)


def _blank(said: JsonValue, name: str) -> JsonValue:
    """Put the blank where the name stands; a name so short may be there by chance."""
    match said:
        case str() if len(name) >= _SHORTEST:
            return said.replace(name, _BLANK)
        case list():
            return [_blank(each, name) for each in said]
        case dict():
            return {key: _blank(each, name) for key, each in said.items()}
    return said
