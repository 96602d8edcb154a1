"""What VS Code stumbles over at a server."""

from dataclasses import replace as changed

from mutants.mistake import mistake, replace
from mutants.server.altering import altering, status
from wiretape.replay.http import cors
from wiretape.replay.http.messages import Ask, Reply, json_reply
from wiretape.replay.oauth import token
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.parameters import of_body
from wiretape.replay.oauth.tokens import Grant, Lineages


@mistake(
    fails="persona.vscode.connects", also=("persona.vscode.browser", "persona.vscode.other-slash")
)
def the_order_in_accept_counts() -> None:
    """`Accept` has to name both types in the order in which the specification does."""

    def alter(ask: Ask, reply: Reply) -> Reply:
        disordered = ask.headers.get("accept", "").startswith("text/event-stream, ")
        return Reply(406) if disordered and reply.status == 200 else reply

    altering("mcp", alter)


@mistake(
    fails="persona.vscode.refreshes",
    also=("persona.vscode.re-registers", "persona.typescript.refreshes"),
)
def a_fetch_without_an_origin_may_not_refresh() -> None:
    """A refresh is refused that says how it was fetched, but not by which page: Node's does."""

    def alter(ask: Ask, reply: Reply) -> Reply:
        fetched = "sec-fetch-mode" in ask.headers and "origin" not in ask.headers
        refreshing = of_body(ask).get("grant_type") == "refresh_token"
        return json_reply(400, {"error": "invalid_request"}) if fetched and refreshing else reply

    altering("token", alter)


@mistake(fails="persona.vscode.re-authorizes")
def any_refresh_token_is_good() -> None:
    """Who has a refresh token that was not issued is given tokens all the same."""
    spend = Lineages.spend

    def careless(self: Lineages, shown: str, client_id: str, now: float) -> Grant | None:
        held = (known.grant for _, known in self.held() if known.grant.client_id == client_id)
        return spend(self, shown, client_id, now) or next(held, None)

    replace(Lineages, "spend", careless)


@mistake(fails="persona.vscode.re-registers")
def an_unknown_client_has_an_invalid_grant() -> None:
    """A refresh by an unknown client is answered `invalid_grant`: it never registers again."""
    authenticated = token.authenticated

    def careless(*said: object) -> object:
        try:
            return authenticated(*said)
        except OAuthError as error:
            raise OAuthError("invalid_grant", "Client not found") from error

    replace(token, "authenticated", careless)


@mistake(fails="persona.vscode.replaces-token")
def a_bad_token_breaks_its_session() -> None:
    """A token that is refused within a session is an internal error."""

    def alter(ask: Ask, reply: Reply) -> Reply:
        within = {"authorization", "mcp-session-id"} <= ask.headers.keys()
        return changed(reply, status=500) if within and reply.status == 401 else reply

    altering("mcp", alter)


@mistake(
    fails="persona.vscode.survives-session-loss",
    also=(
        "persona.vscode.re-authorizes",
        "persona.vscode.re-registers",
        "persona.vscode.replaces-token",
    ),
)
def a_lost_session_is_an_internal_error() -> None:
    """A session that is gone is answered 500, after which VS Code gives up."""
    altering("mcp", status(500, of=404))


@mistake(fails="persona.vscode.other-slash")
def the_other_slash_leads_nowhere() -> None:
    """The other spelling is not found."""
    altering("other", status(404, of=307))


@mistake(fails="persona.vscode.browser")
def pages_may_not_say_their_version() -> None:
    """Nothing may be asked for with MCP-Protocol-Version, as VS Code does on the web."""
    preflight = cors.preflight

    def careless(*said: object) -> Reply:
        reply = preflight(*said)
        allowed = reply.header("access-control-allow-headers") or ""
        names = [each for each in allowed.split(", ") if each != "mcp-protocol-version"]
        return reply.setting("access-control-allow-headers", ", ".join(names))

    replace(cors, "preflight", careless)
