"""Answers come in another order than calls (JSON-RPC 2.0 has none)."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, calls


class _Options(Options):
    seconds: float = Field(1, gt=0, description="how long every other answer waits")


def _late(strike: Strike[_Options]) -> float:
    waits = not strike.memory.get("waits", False)
    strike.memory["waits"] = waits
    return strike.options.seconds if waits else 0


FAULT = Fault(
    about="answers",
    title="every other answer waits, so that the answer to the next call overtakes it",
    finds="clients that match answers to calls by their order, not by id",
    options=_Options,
    concerns=calls,
    only=lambda reply: reply.status == 200,
    late=_late,
)
