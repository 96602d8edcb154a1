"""What a play knows of the service behind the target, and has happen there."""

from collections.abc import Mapping

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import members
from wiretape.replay.conformance.driving.browser import landed
from wiretape.replay.conformance.driving.client import Client, expected
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.oauth.state import Client as Registered
from wiretape.replay.oauth.tokens import Access


def profile(stage: Stage) -> Profile:
    """Give what the service is like."""
    return stage.service.service.world.profile


def open_sessions(stage: Stage) -> Mapping[str, Session]:
    """Give the sessions that are open at the service, by their ids, now and later on."""
    return stage.service.service.world.sessions.open


def issued(stage: Stage) -> dict[str, str]:
    """Give the secrets that the service has issued, by what they are."""
    state = stage.service.service.world.state
    tokens = {token: "a token of the service" for token, _ in state.lineages.held()}
    codes = dict.fromkeys(state.codes, "a code of the service")
    secrets = {each.secret: "a client secret" for each in registered(stage) if each.secret}
    return tokens | codes | secrets


def is_enrolled(stage: Stage, client: Registered) -> bool:
    """Tell whether a client was known to the service from the beginning."""
    return client in stage.service.service.world.state.enrolled


def registered(stage: Stage) -> tuple[Registered, ...]:
    """Give the clients that the service has registered, of which the target is one."""
    return tuple(stage.service.service.world.state.clients.values())


def access_tokens(stage: Stage) -> list[str]:
    """Give the access tokens that the service has issued, in their order."""
    held = stage.service.service.world.state.lineages.held()
    return [token for token, known in held if isinstance(known, Access)]


def let_expire(stage: Stage) -> None:
    """Let time pass at the service until all access tokens that it has issued are over."""
    stage.advance(stage.service.service.world.state.lineages.rules.lifetime + 1)


def text_tool(stage: Stage) -> tuple[str, str]:
    """Give a tool of the service that can be called with nothing but a text, and its argument.

    Raises StuckError if it has none.
    """
    for name, tool in profile(stage).tools.tool.items():
        schema = members(tool.input)
        arguments = schema.get("properties", {})
        wanted = schema.get("required") or list(arguments)[:1]
        if len(wanted) == 1 and arguments.get(wanted[0], {}).get("type") == "string":
            return name, wanted[0]
    raise StuckError("the service behind has no tool that takes a text")


async def renewed(stage: Stage, user: Client) -> None:
    """Have tokens renewed on both sides; raises StuckError if the client gets none.

    The service's tokens are over, so a target that did not ask for new ones when its client did,
    which it need not, does when it is called.
    """
    let_expire(stage)
    before = _refreshes(stage)
    expected(await user.refresh(), "a refresh")
    if _refreshes(stage) == before:
        answer = await user.begin()
        if answer.status_code == 401:
            expected(await user.refresh(), "a refresh")


async def sent_back(stage: Stage, user: Client) -> str:
    """Authorize until the service sends the browser back to the target; gives that URL, unopened.

    Raises StuckError if the target is not registered there, which it may be once a user came by.
    """
    callbacks = {uri for client in registered(stage) for uri in client.redirect_uris}
    if not callbacks:
        raise StuckError("the target is not registered at the service behind it")
    return await landed(user.http, await user.authorize(), callbacks)


def _refreshes(stage: Stage) -> int:
    return sum(entry.operation == "refresh_token" for entry in stage.journal)
