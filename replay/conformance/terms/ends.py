"""How a call ends if the service fails: with a clean error, or otherwise.

Clean is an answer that a client understands: an error of JSON-RPC, a tool's error, or a status with
JSON; not 401, by which it would ask its user to authorize again.
"""

from collections.abc import Callable

from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.terms.due import due
from wiretape.replay.conformance.terms.talks import Talk, talks
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable


def ends_clean(step: str, method: str, text: str = "") -> Callable[[Evidence], Verdict]:
    """Judge that the step's call of a method ended clean: the one that has `text`, if any."""

    def judge(evidence: Evidence) -> Verdict:
        said = [talk for talk in talks(evidence.down, method) if talk.turn.step == step]
        for talk in said:
            if text and not talk.says(text):
                continue
            there = [
                each
                for each in talks(evidence.up, method)
                if each.turn.step == step and (not text or each.says(text))
            ]
            if talk.result is not None and not there and method != "tools/call":
                return met(f"{method} was answered without the service", talk.turn)
            why = unclean(
                talk, due(evidence), answered=any(each.result is not None for each in there)
            )
            turns = talk.turn, *(each.turn for each in there)
            how = "with a clean error" if talk.result is None else "all the same"
            return (
                unmet(f"{method}: {why}", *turns) if why else met(f"{method} ended {how}", *turns)
            )
        return untestable(f"{method} was not called while {step}")

    return judge


def unclean(talk: Talk, limit: float, *, answered: bool) -> str | None:
    """Say what is wrong with the end of a call that is due in `limit` seconds; None if nothing.

    `answered` tells whether the service gave a result after all.
    """
    turn, seconds = talk.turn, talk.turn.seconds
    if seconds is None or turn.status is None or (talk.told is None and not turn.exchange.complete):
        return f"no answer in {limit:g} s"
    if seconds > limit:
        return f"the answer took {seconds:.1f} s"
    if turn.status == 401:
        return "401, as if the token were bad"
    return None if talk.failure is not None else _without_error(talk, answered=answered)


def _without_error(talk: Talk, *, answered: bool) -> str | None:
    if talk.result is not None:
        failed = isinstance(talk.result, dict) and talk.result.get("isError") is True
        return None if answered or failed else "a result that the service did not give"
    if (talk.turn.status or 0) < 400:
        return f"{talk.turn.status} without an answer"
    return None if talk.turn.fields else f"{talk.turn.status} without JSON"
