"""Which JSON-RPC calls got a result, wherever that came: in the answer, or on another stream."""

from collections.abc import Iterable

from wiretape.recorder.log import jsonrpc
from wiretape.replay.conformance.evidence import Turn


def answered(turns: Iterable[Turn], method: str) -> list[Turn]:
    """Give the turns in which a method was called that has a result in any of these turns.

    Of calls with the same id, as clients make them in several sessions, a result in the call's own
    turn counts; one on another stream counts for those that were accepted (202).
    """
    seen = tuple(turns)
    elsewhere = {each.id for turn in seen if turn.method == "GET" for each in _results(turn)}
    found = []
    for turn in seen:
        ids = {each.id for each in turn.said if isinstance(each, jsonrpc.Call)}
        own = {each.id for each in _results(turn)}
        if turn.rpc == method and (ids & own or (turn.status == 202 and ids & elsewhere)):
            found.append(turn)
    return found


def _results(turn: Turn) -> list[jsonrpc.Result]:
    return [each for each in turn.heard if isinstance(each, jsonrpc.Result)]
