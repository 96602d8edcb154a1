"""What real SDKs stumble over at a server, which take less than the specification lets them."""

import json
from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from mutants.mistake import mistake, replace
from mutants.server.altering import altering
from wiretape.replay.http.messages import Ask, Reply, json_reply
from wiretape.replay.mcp import rpc
from wiretape.replay.mcp.rpc import Message
from wiretape.replay.mcp.streamable import Streamable
from wiretape.replay.oauth import token
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.parameters import of_body
from wiretape.replay.oauth.state import Client, State
from wiretape.replay.visit import Visit


def _altering_refreshes(alter: Callable[[Reply], Reply]) -> None:
    """Answer a refresh that is fine otherwise."""

    def altered(ask: Ask, reply: Reply) -> Reply:
        fine = reply.status == 200 and of_body(ask).get("grant_type") == "refresh_token"
        return alter(reply) if fine else reply

    altering("token", altered)


@mistake(fails="persona.mcp-2.connects", also=("same.discovery",))
def the_issuer_is_somewhere_else() -> None:
    """The metadata names another issuer than that where it is found; mcp 2 refuses it."""

    def alter(_: Ask, reply: Reply) -> Reply:
        told = reply.told | {"issuer": "https://issuer.example"}
        return changed(reply, body=json.dumps(told).encode())

    altering("server-metadata", alter)


@mistake(fails="persona.mcp-1.connects", also=("same.protocol", "same.tools"))
def the_newest_revision_is_spoken() -> None:
    """Clients are told a revision of MCP that they did not offer; mcp 1 does not know it."""
    opening = rpc._opening
    replace(rpc, "_opening", lambda _, profile: opening("2026-07-28", profile))


@mistake(fails="persona.typescript.connects", also=("same.registration",))
def a_registration_is_answered_briefly() -> None:
    """A registration is answered with the client's id only; the SDK wants its redirect URIs."""

    def alter(_: Ask, reply: Reply) -> Reply:
        told = {"client_id": reply.told.get("client_id")}
        return changed(reply, body=json.dumps(told).encode()) if reply.status == 201 else reply

    altering("registration", alter)


@mistake(fails="persona.mcp-2.refreshes")
def a_refresh_is_answered_201() -> None:
    """New tokens are answered 201, which to mcp is no success."""
    _altering_refreshes(lambda reply: changed(reply, status=201))


@mistake(fails="persona.mcp-1.refreshes")
def a_refresh_is_answered_202() -> None:
    """New tokens are answered 202, which to mcp is no success."""
    _altering_refreshes(lambda reply: changed(reply, status=202))


@mistake(fails="persona.typescript.refreshes", also=("persona.vscode.refreshes",))
def a_refreshed_token_has_no_type() -> None:
    """The answer to a refresh lacks `token_type`, which the TypeScript SDK wants each time."""

    def alter(reply: Reply) -> Reply:
        told = {name: value for name, value in reply.told.items() if name != "token_type"}
        return changed(reply, body=json.dumps(told).encode())

    _altering_refreshes(alter)


@mistake(fails="persona.mcp-2.comes-back", also=("same.tools",))
def a_grant_ends_with_its_session() -> None:
    """When a client ends a session its grant is over: next time the user is asked again."""
    delete = Streamable._delete

    def careless(self: Streamable, visit: Visit) -> Reply:
        reply = delete(self, visit)
        if visit.grant is not None:
            visit.grant.revoke()
        return reply

    replace(Streamable, "_delete", careless)


@mistake(fails="persona.mcp-1.comes-back", also=("same.tools",))
def a_client_leaves_for_good() -> None:
    """As `a-grant-ends-with-its-session`: mcp 1 ends its sessions, too."""
    a_grant_ends_with_its_session.make()


@mistake(fails="persona.typescript.comes-back", also=("persona.vscode.survives-session-loss",))
def a_grant_is_good_for_one_session() -> None:
    """Who has begun a session begins no other, as those who do not end theirs would."""
    begun = Streamable._begun

    def careless(self: Streamable, visit: Visit, message: Message) -> Reply:
        known = {session.grant for session in self._world.sessions.open.values()}
        if visit.grant is not None and visit.grant.number in known:
            return json_reply(401, {"error": "invalid_token"})
        return begun(self, visit, message)

    replace(Streamable, "_begun", careless)


@mistake(fails="persona.mcp-2.re-authorizes", also=("persona.vscode.re-authorizes",))
def a_client_is_gone_with_its_grant() -> None:
    """Who brings a refresh token that is not good is not known any more, either."""
    refreshed = token._refreshed

    def careless(given: Any, client: Client, resource: Any, state: State, now: float) -> Any:
        try:
            return refreshed(given, client, resource, state, now)
        except OAuthError:
            del state.clients[client.id]
            raise

    replace(token, "_refreshed", careless)


@mistake(fails="persona.mcp-1.re-authorizes", also=("persona.vscode.re-authorizes",))
def a_client_is_gone_for_good() -> None:
    """As `a-client-is-gone-with-its-grant`: nor does mcp 1 register again."""
    a_client_is_gone_with_its_grant.make()


@mistake(fails="persona.typescript.re-authorizes")
def an_old_grant_is_an_invalid_request() -> None:
    """A refresh token that is not good is answered `invalid_request`: the SDK gives up."""
    refreshed = token._refreshed

    def careless(*said: Any) -> Any:
        try:
            return refreshed(*said)
        except OAuthError as error:
            raise OAuthError("invalid_request", error.description) from error

    replace(token, "_refreshed", careless)
