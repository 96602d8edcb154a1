"""Fifty users at once, with several calls each: each with their own tokens, sites, sessions."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.behind import profile, text_tool
from wiretape.replay.conformance.driving.person import Person, known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms.endpoint import mentions, params, service_turns
from wiretape.replay.conformance.terms.tenants import tenants
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable
from wiretape.replay.oauth.sites import site_of

_CALLS = "calls"
_USER, _HEADER = "a user and their site", "the header that names a site"
_MANY, _EACH = 50, 3
_FEWER = 10
_TRIES = 3
"""How often a user connects, or calls again with fewer at once, if the machine is too slow."""


async def play(stage: Stage) -> None:
    """Connect many users; then all call at once, time and again, and are told what is theirs."""
    names = known_users(stage, 2, _MANY)
    header = profile(stage).transport.site.header
    if header is not None:
        stage.note(_HEADER, header)
    tool = text_tool(stage)
    fewer = asyncio.Semaphore(_FEWER)
    async with AsyncExitStack() as stack:
        users = [await stack.enter_async_context(person(stage, name)) for name in names]
        for user in users:
            stage.note(_USER, f"{user.name} {site_of(user.name)}")
            stage.arm("tool-error", user=user.name, text=_answer(user.name))
        await asyncio.gather(*(_connect(user, fewer) for user in users))
        stage.step(_CALLS)
        await asyncio.gather(*(_call(user, tool, fewer) for user in users))


async def _connect(user: Person, fewer: asyncio.Semaphore) -> None:
    async with fewer:
        for _ in range(_TRIES - 1):
            with suppress(StuckError):
                await user.connect()
                return
        await user.connect()


async def _call(user: Person, tool: tuple[str, str], fewer: asyncio.Semaphore) -> None:
    """Call a few times; whatever fails is called again."""
    name, argument = tool
    for number in range(_EACH):
        said = {argument: _question(user.name, number)}
        if (await user.call(name, **said)).status_code < 500:
            continue
        async with fewer:
            for _ in range(_TRIES):
                if (await user.call(name, **said)).status_code < 500:
                    break


def _question(user: str, number: int) -> str:
    return f"{_asks(user)} by call {number}"


def _asks(user: str) -> str:
    return f"what {user} asks"


def _answer(user: str) -> str:
    return f"what {user} is told"


def _users(evidence: Evidence) -> dict[str, str]:
    """Give the users' sites by their names."""
    pairs = (each.rpartition(" ") for each in evidence.noted(_USER))
    return {name: site for name, _, site in pairs}


def _asked(evidence: Evidence) -> Iterator[tuple[str, str, Turn]]:
    """Give the calls upstream, with who asks, and what: that tells whose it is."""
    asked = {_question(name, each): name for name in _users(evidence) for each in range(_EACH)}
    for turn in calls(evidence.up, "tools/call"):
        arguments = params(turn).get("arguments")
        for said in arguments.values() if isinstance(arguments, dict) else ():
            if isinstance(said, str) and said in asked:
                yield asked[said], said, turn


def _all_called(seen: set[str], users: dict[str, str], what: str) -> Verdict:
    """Say that what is right of the calls is right of all that were to be made."""
    if len(seen) < len(users) * _EACH or not users:
        return untestable(f"of {len(users) * _EACH} calls {len(seen)} reached the service")
    return met(f"{len(seen)} calls of {len(users)} users {what}")


def _tokens(evidence: Evidence) -> Verdict:
    """Judge by the sites that each token opens: those tell whose it is."""
    known, users = tenants(evidence.up), _users(evidence)
    seen = set()
    for name, asked, turn in _asked(evidence):
        opened = known.sites.get(known.of(turn) or 0, frozenset())
        if known.of(turn) is None or users[name] not in opened:
            return unmet(f"a call of {name} was made with another user's token", turn)
        seen.add(asked)
    return _all_called(seen, users, "are made with their own tokens")


def _sites(evidence: Evidence) -> Verdict:
    users, header = _users(evidence), next(iter(evidence.noted(_HEADER)), None)
    if header is None:
        return untestable("the service has no header that names a site")
    seen = set()
    for name, asked, turn in _asked(evidence):
        if turn.sent.get(header) != users[name]:
            return unmet(f"a call of {name} names {turn.sent.get(header) or 'no site'}", turn)
        seen.add(asked)
    return _all_called(seen, users, "name their own sites")


def _sessions(evidence: Evidence) -> Verdict:
    known = tenants(evidence.up)
    owner: dict[str, int | None] = {}
    shown: dict[str, Turn] = {}
    for turn in service_turns(evidence):
        session = turn.sent.get("mcp-session-id")
        if session is None or turn.bearer is None:
            continue
        if owner.setdefault(session, known.of(turn)) != known.of(turn):
            return unmet("a session is used with the tokens of two users", shown[session], turn)
        shown.setdefault(session, turn)
    if not owner:
        return untestable("the service was asked in no session")
    return met(f"{len(owner)} sessions are used by one user each")


def _answers(evidence: Evidence) -> Verdict:
    """Judge what each is told who asks downstream: nothing that is another's."""
    users, turns = _users(evidence), evidence.at(_CALLS).down
    told = 0
    for turn in turns:
        asks = next((name for name in users if mentions(turn, _asks(name))), None)
        for name in users:
            if _answer(name) not in turn.text:
                continue
            if name != asks:
                return unmet(f"{asks or 'somebody'} is told what {name} is told", turn)
            told += 1
    if told < len(users) * _EACH or not users:
        return untestable(f"of {len(turns)} calls {told} were answered with what the tool said")
    return met(f"{told} calls are answered with what is their user's")


FAMILY = Family(
    title="Many users at once",
    play=play,
    seconds=120,
    checks=(
        Check(
            id="users.tokens",
            title="Each user's calls are made with that user's token",
            severity="MUST",
            source=rfc(6749, "10.3"),
            remedy="Give each request its own headers; keep no token in what users share.",
            judge=_tokens,
        ),
        Check(
            id="users.sites",
            title="Each user's calls name that user's site",
            severity="seed",
            source=Source("learnt in production: one cloud id was configured for all users"),
            remedy="Store the site with the tokens, and send both together.",
            judge=_sites,
        ),
        Check(
            id="users.sessions",
            title="No two users share a session",
            severity="MUST",
            source=Source(
                "MCP 2025-06-18, basic/security_best_practices, session-hijacking",
                "https://modelcontextprotocol.io/specification/2025-06-18/basic/"
                "security_best_practices#session-hijacking",
            ),
            remedy="Keep sessions by user, or one for each request.",
            judge=_sessions,
        ),
        Check(
            id="users.answers",
            title="Each user is told what is theirs",
            severity="MUST",
            source=rfc(6749, "10.3"),
            remedy="Keep answers by user and request; share no cache among users.",
            judge=_answers,
        ),
    ),
)
