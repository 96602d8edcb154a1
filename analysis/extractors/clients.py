"""Clients: who asked, by `User-Agent` and `clientInfo`, and which transports worked for them."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Role, Scene
from wiretape.analysis.seen import Seen
from wiretape.analysis.turns import Turn
from wiretape.analysis.usual import places
from wiretape.recorder.log.asks import CLIENT_INFO
from wiretape.recorder.log.raw import fields, text

_SESSIONLESS = "2026-07-28"
_SHORT = 200
_TRANSPORTS: dict[Role, str] = {"mcp": "streamable", "sse": "sse", "message": "sse"}


def _exchange(seen: Seen) -> Iterator[Fact]:
    status = seen.status
    served = status is not None and 200 <= status < 300 and seen.is_mcp
    sessionless = served and (seen.sent.get("mcp-protocol-version") or "") >= _SESSIONLESS
    yield Fact(("asked", seen.client, seen.route, served, sessionless), point=seen.asked, keep=1)


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
    agents: dict[str, set[str]] = {}
    for (agent, *_), _tally in facts.of("asked"):
        agents.setdefault(scene.client(agent), set()).add(agent)
    for client, known_as in sorted(agents.items()):
        asked = [(key, tally) for key, tally in facts.of("asked") if key[0] in known_as]
        infos = [
            (key[1:], tally)
            for answered in (True, False)
            for key, tally in facts.of("info", answered)
            if key[0] in known_as
        ]
        yield _client(client, known_as, asked, infos, scene)


def _client(
    client: str,
    agents: Iterable[str],
    asked: list[tuple[tuple[str, str, bool, bool], Tally]],
    infos: list[tuple[tuple[str, str], Tally]],
    scene: Scene,
) -> Finding:
    transports = {
        "sessionless" if sessionless else _TRANSPORTS[scene.role(route)]
        for (_, route, served, sessionless), _tally in asked
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
