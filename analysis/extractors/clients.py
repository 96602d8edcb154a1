"""Clients: who asked, by `User-Agent` and `clientInfo`, and which transports worked for them."""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.analysis.concluding.usual import places
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Role, Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.asks import CLIENT_INFO
from wiretape.recorder.log.raw import fields, text

_SESSIONLESS = "2026-07-28"
_SHORT = 200
_TRANSPORTS: dict[Role, str] = {"mcp": "streamable", "sse": "sse", "message": "sse"}


def _exchange(seen: Seen) -> Iterator[Fact]:
    status = seen.status
    served = status is not None and 200 <= status < 300 and seen.is_mcp
    sessionless = served and (seen.sent.get("mcp-protocol-version") or "") >= _SESSIONLESS
    if sessionless:
        over = "sessionless"
    else:
        over = "sse" if seen.stream and seen.stream.first_name == "endpoint" else ""
    yield Fact(("asked", seen.client, seen.route, served, over), point=seen.asked, keep=1)


def _turn(turn: Turn) -> Iterator[Fact]:
    if turn.by != "client":
        return
    if turn.method == "initialize":
        info = fields(turn.params).get("clientInfo")
    elif (turn.revision or "") >= _SESSIONLESS:
        info = fields(fields(turn.params).get("_meta")).get(CLIENT_INFO)
    else:
        return
    told = fields(info)
    if name := text(told.get("name")):
        version = text(told.get("version")) or ""
        answered = turn.outcome == "result"
        key = ("info", answered, turn.client, name[:_SHORT], version[:_SHORT])
        yield Fact(key, point=turn.asked, keep=1)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    asked: dict[str, list[tuple[tuple[str, str, bool, str], Tally]]] = {}
    for key, tally in facts.of("asked"):
        asked.setdefault(scene.client(key[0]), []).append((key, tally))
    infos: dict[str, list[tuple[tuple[str, str], Tally]]] = {}
    for answered in (True, False):
        for (agent, *info), tally in facts.of("info", answered):
            infos.setdefault(scene.client(agent), []).append(((info[0], info[1]), tally))
    for client, each in sorted(asked.items()):
        yield _client(client, each, infos.get(client, []), scene)


def _client(
    client: str,
    asked: list[tuple[tuple[str, str, bool, str], Tally]],
    infos: list[tuple[tuple[str, str], Tally]],
    scene: Scene,
) -> Finding:
    agents = {agent for (agent, *_), _tally in asked}
    transports = {
        over or _TRANSPORTS[scene.role(route)]
        for (_, route, served, over), _tally in asked
        if served and scene.role(route) in _TRANSPORTS
    }
    names = dict.fromkeys(info for info, _ in infos)
    also: list[JsonValue] = [f"{name} {version}".strip() for name, version in [*names][1:]]
    count = sum(tally.count for _, tally in asked)
    name, version = infos[0][0] if infos else (None, None)
    return Finding(
        id=f"clients.{client}",
        title=f"The client {client}" if any(agents) or infos else "A client without User-Agent",
        value={
            "user_agents": [*sorted(filter(None, agents))],
            "name": name,
            "version": version or None,
            "also": also,
            "transports": [*sorted(transports)],
            "exchanges": count,
        },
        count=count,
        evidence=places(tally for _, tally in [*asked, *infos]),
    )


EXTRACTOR: Extractor = Extractor(
    title="Clients",
    wants=frozenset({"any"}),
    exchange=_exchange,
    turn=_turn,
    repeats="kind",
    conclude=_findings,
)
