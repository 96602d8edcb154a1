"""Users are kept apart: each call goes with its own user's token, session and answer."""

import asyncio

from wiretape.recorder.log.grants import grants
from wiretape.replay.conformance.check import Check, Family, Source, spec
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.driving.tools import Tool, callable_tool
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.talks import Talk, talks
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable

_LOGIN, _CALLS, _CALL = "login of ", "calls of all users", "tools/call"
_NAMES = ("one", "two")
"""What users are called here, whatever the service calls them: recordings conceal names."""

_ROUNDS = 4
_AT_ONCE = 4


async def play(stage: Stage) -> None:
    """Let users call in turns, then all at once; the service tells each whose answer it is."""
    users = stage.config.upstream.users
    async with client(stage, users[0]) as one, client(stage, users[-1]) as two:
        everybody = {_NAMES[0]: one, _NAMES[1]: two}
        for name, user in everybody.items():
            stage.step(_LOGIN + name)
            await user.login()
            await user.begin()
        tool = await callable_tool(one)
        stage.step(_CALLS)
        for name, known_as in zip(_NAMES, (users[0], users[-1]), strict=True):
            stage.arm(f"tool-error:text=for {name}", user=known_as)
        for number in range(_ROUNDS):
            for name, user in everybody.items():
                await _called(user, tool, f"{name} {number}")
        await asyncio.gather(
            *(
                _called(user, tool, f"{name} {_ROUNDS + number}")
                for number in range(_AT_ONCE)
                for name, user in everybody.items()
            )
        )


async def _called(user: Client, tool: Tool, text: str) -> None:
    await user.tool(tool.name, **tool.arguments(text))


def _tokens(evidence: Evidence) -> Verdict:
    owners = _owners(evidence)
    there = _named(evidence.up)
    for name, talk in there:
        owner = owners.get(talk.turn.bearer or "")
        if owner != name:
            whose = f"the token of {owner}" if owner else "a token of nobody's login"
            return unmet(f"a call of {name} came to the service with {whose}", talk.turn)
    if len({name for name, _ in there}) < 2 or len({*owners.values()}) < 2:
        return untestable("no two users' calls came to the service")
    return met(f"{len(there)} calls came with their own user's token", *_turns(there))


def _answers(evidence: Evidence) -> Verdict:
    made = _named(evidence.down)
    for name, talk in made:
        if f"for {name}" not in talk.turn.text:
            other = next((each for each, _ in made if f"for {each}" in talk.turn.text), None)
            what = f"what is for {other}" if other else f"{talk.turn.status}, without their answer"
            return unmet(f"a call of {name} was answered {what}", talk.turn)
    if len({name for name, _ in made}) < 2:
        return untestable("no two users called")
    return met(f"{len(made)} calls were answered to their own user", *_turns(made))


def _sessions(evidence: Evidence) -> Verdict:
    used: dict[str, tuple[str, Turn]] = {}
    for name, talk in _named(evidence.up):
        id_ = talk.turn.sent.get("mcp-session-id") or next(iter(talk.turn.query.values()), None)
        if id_ is None:
            continue
        first, turn = used.setdefault(id_, (name, talk.turn))
        if first != name:
            return unmet(f"{first} and {name} share a session with the service", turn, talk.turn)
    if len({name for name, _ in used.values()}) < 2:
        return untestable("no two users had sessions with the service")
    return met("each user has sessions of their own", *(turn for _, turn in used.values()))


def _owners(evidence: Evidence) -> dict[str, str]:
    """Give whose each access token of the service is: the first came in its user's login."""
    steps = {id(turn.exchange): turn.step or "" for turn in evidence.up}
    return {
        issue.access_token: steps[id(grant.issues[0].exchange)].removeprefix(_LOGIN)
        for grant in grants(turn.exchange for turn in evidence.up)
        for issue in grant.issues
    }


def _named(turns: tuple[Turn, ...]) -> list[tuple[str, Talk]]:
    """Give the calls with the names of who made them, which their arguments tell."""
    found = []
    for talk in talks(turns, _CALL):
        given = talk.params.get("arguments")
        text = next(iter(given.values()), "") if isinstance(given, dict) else ""
        if talk.turn.step == _CALLS and isinstance(text, str) and " " in text:
            found.append((text.rpartition(" ")[0], talk))
    return found


def _turns(named: list[tuple[str, Talk]]) -> list[Turn]:
    return [talk.turn for _, talk in named]


_LEARNT = Source("learnt in production: many users behind one service, each with their own token")

FAMILY = Family(
    title="Users apart",
    play=play,
    checks=(
        Check(
            id="users.tokens",
            title="Each call comes to the service with its own user's token",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "access-token-privilege-restriction"),
            remedy="Find the service's token by the token of the request, for each request; keep "
            "it in no client, session or variable that several users share.",
            judge=_tokens,
        ),
        Check(
            id="users.answers",
            title="Each call is answered with what the service answered to it",
            severity="MUST",
            source=_LEARNT,
            remedy="Match answers by session and id: ids of several clients are the same.",
            judge=_answers,
        ),
        Check(
            id="users.sessions",
            title="No two users share a session with the service",
            severity="MUST",
            source=spec("2025-06-18", "basic/security_best_practices", "session-hijacking"),
            remedy="Begin a session with the service for each session of a client.",
            judge=_sessions,
        ),
    ),
)
