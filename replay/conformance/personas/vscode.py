"""VS Code: does it connect, stay connected, and come back without asking the user in vain?"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.ending import end_grant
from wiretape.replay.conformance.driving.vscode.account import LOOPBACK, WEB, Account
from wiretape.replay.conformance.driving.vscode.editor import Editor
from wiretape.replay.conformance.driving.vscode.fetching import Page, by_node
from wiretape.replay.conformance.driving.vscode.rules import Streamable
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms.going_on import went_on
from wiretape.replay.conformance.terms.grants import issued
from wiretape.replay.conformance.terms.renewals import asked_again
from wiretape.replay.conformance.terms.talks import answered
from wiretape.replay.conformance.verdict import Verdict, unmet, untestable

_WHO = "VS Code"
_SITE = "https://vscode.dev"
_CONNECTS, _REFRESHES, _ENDED = "connects", "refreshes", "the grant is over"
_CLIENT, _TOKEN, _SESSION = "the client is unknown", "the token is refused", "the session is gone"
_SLASH, _BROWSER = "the other slash", "in a browser"


async def play(stage: Stage) -> None:
    """Live with a server as VS Code does; what goes wrong in one scene is not in the next."""
    async with stage.http() as http, stage.http() as browser:
        desk = Desk(stage, http, browser)
        for scene in (_live, _end_grant, _forget_client, _refuse_token, _lose_session):
            await desk.play(scene)
        await desk.play(_connect_otherwise, url=_respelt(stage.target.url))
        await desk.play(_connect_on_the_web, site=_SITE)


@dataclass(frozen=True)
class Desk:
    """Where VS Code is played: what it sends goes by `http`, what its user does by `browser`."""

    stage: Stage
    http: httpx.AsyncClient
    browser: httpx.AsyncClient

    async def play(
        self,
        scene: Callable[[Stage, Editor], Awaitable[None]],
        url: str | None = None,
        site: str | None = None,
    ) -> None:
        """Play a scene with a VS Code that knows nothing yet; notes where it gets stuck.

        It is on the desktop, or on the web at this origin.
        """
        fetch = by_node(self.http) if site is None else Page(self.http, site)
        account = Account(fetch, self.browser, LOOPBACK if site is None else WEB)
        configured = self.stage.config.server
        editor = Editor(url or self.stage.target.url, fetch, account, configured)
        try:
            await scene(self.stage, editor)
        except StuckError as error:
            self.stage.note("stuck", self.stage.taken.recorder.redactor.text(str(error)))
        finally:
            await editor.stop()


async def _live(stage: Stage, editor: Editor) -> None:
    await _connect(stage, editor, _CONNECTS)
    editor.account.age()
    stage.step(_REFRESHES)
    await editor.call()


async def _end_grant(stage: Stage, editor: Editor) -> None:
    await _connect(stage, editor)
    editor.account.age()
    stage.step(_ENDED)
    if end_grant(stage):
        editor.account.spoil("refresh_token")
    try:
        await editor.call()
    finally:
        stage.disarm()


async def _forget_client(stage: Stage, editor: Editor) -> None:
    await _connect(stage, editor)
    editor.account.age()
    for kept in editor.account.kept.values():
        kept.client = {"client_id": kept.client["client_id"][::-1]}
    stage.step(_CLIENT)
    await editor.call()


async def _refuse_token(stage: Stage, editor: Editor) -> None:
    await _connect(stage, editor)
    editor.account.spoil("access_token")
    stage.step(_TOKEN)
    await editor.call()


async def _lose_session(stage: Stage, editor: Editor) -> None:
    await _connect(stage, editor)
    connection = editor.connection
    if connection is None or not isinstance(connection.mode, Streamable):
        return
    if connection.mode.session is not None:
        connection.mode = Streamable(connection.mode.session[::-1])
        stage.step(_SESSION)
        await editor.call()


async def _connect_otherwise(stage: Stage, editor: Editor) -> None:
    await _connect(stage, editor, _SLASH)


async def _connect_on_the_web(stage: Stage, editor: Editor) -> None:
    await _connect(stage, editor, _BROWSER)


async def _connect(stage: Stage, editor: Editor, step: str = "prepares") -> None:
    stage.step(step)
    await editor.start()
    await editor.call()


def _respelt(url: str) -> str:
    return url[:-1] if url.endswith("/") else f"{url}/"


def _connecting(evidence: Evidence) -> Verdict:
    at = evidence.at(_CONNECTS)
    asked = oauth_turns(at.down, "registration")
    if answered(at.down, "tools/call") and len(asked) > 1:
        said = f"VS Code registered {len(asked)} times, and asked the user each time"
        return unmet(said, *asked)
    return _called(at, "it connected")


def _refreshing(evidence: Evidence) -> Verdict:
    at = evidence.at(_REFRESHES)
    issued = oauth_turns(evidence.at(_CONNECTS).down, "token")
    if not any("expires_in" in turn.fields for turn in issued):
        return untestable("VS Code had no token that is over some day")
    asked = oauth_turns(at.down, "authorization")
    if asked:
        return unmet("VS Code had to ask the user again when its token was nearly over", *asked)
    return _called(at, "it refreshed, and went on")


def _asking_again(evidence: Evidence) -> Verdict:
    return asked_again(evidence.at(_ENDED), _WHO)


def _registering_again(evidence: Evidence) -> Verdict:
    at = evidence.at(_CLIENT)
    if at.down and not oauth_turns(evidence.down, "registration"):
        return untestable("VS Code did not register")
    told = [turn for turn in oauth_turns(at.down, "token") if "error" in turn.fields]
    errors = ", ".join(str(turn.fields["error"]) for turn in told) or "no error"
    return _called(at, f"it was told {errors}, and went on", *told)


def _replacing(evidence: Evidence) -> Verdict:
    at = evidence.at(_TOKEN)
    if at.down and not issued(evidence.down):
        return untestable("VS Code needed no token, so that none could be refused")
    return _called(at, "it got itself another token, and went on", *at.down[:1])


def _beginning_again(evidence: Evidence) -> Verdict:
    at = evidence.at(_SESSION)
    if not at.down and any(answered(evidence.down, "tools/call")):
        return untestable("VS Code was in no session that could be lost")
    asked = oauth_turns(at.down, "authorization")
    if asked:
        return unmet("VS Code had to ask the user again when its session was gone", *asked)
    return _called(at, "it began another session, and went on", *at.down[:1])


def _at_other_slash(evidence: Evidence) -> Verdict:
    at = evidence.at(_SLASH)
    return _called(at, "it connected to the other spelling as well", *at.down[:1])


def _on_the_web(evidence: Evidence) -> Verdict:
    at = evidence.at(_BROWSER)
    return _called(at, f"it connected from a page of {_SITE}")


def _called(at: Evidence, good: str, *shown: Turn) -> Verdict:
    return went_on(at, _WHO, good, *shown)


def _source(file: str, what: str) -> Source:
    return Source(
        f"VS Code, {what}", f"https://github.com/microsoft/vscode/blob/main/src/vs/{file}"
    )


_HANDLE = "workbench/api/common/extHostMcp.ts"
_AUTH = "workbench/api/common/extHostAuthentication.ts"

FAMILY = Family(
    title="VS Code as a client",
    play=play,
    checks=(
        Check(
            id="persona.vscode.connects",
            title="VS Code connects, lists tools and calls one, and asks the user once",
            severity="MUST",
            source=_source(_HANDLE, "McpHTTPHandle"),
            remedy="Answer its first POST, which has no token, with 401: it takes any other 4xx "
            "for a server of HTTP+SSE. Follow the lines to the first answer it could not use.",
            judge=_connecting,
        ),
        Check(
            id="persona.vscode.refreshes",
            title="VS Code refreshes without asking the user",
            severity="MUST",
            source=_source(_AUTH, "DynamicAuthProvider.getSessions"),
            remedy="Issue a refresh token with every access token that expires, and take it.",
            judge=_refreshing,
        ),
        Check(
            id="persona.vscode.re-authorizes",
            title="VS Code asks the user again when the service has ended the grant",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Answer the refresh with 400 invalid_grant, and let the same client authorize.",
            judge=_asking_again,
        ),
        Check(
            id="persona.vscode.re-registers",
            title="VS Code registers again when its registration is not known any more",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Answer an unknown client_id with invalid_client: VS Code registers again for "
            "no other error.",
            judge=_registering_again,
        ),
        Check(
            id="persona.vscode.replaces-token",
            title="VS Code gets itself another token when its token is refused",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "token-handling"),
            remedy="Answer a bad token with 401: VS Code gives up at any other status.",
            judge=_replacing,
        ),
        Check(
            id="persona.vscode.survives-session-loss",
            title="VS Code begins another session when its session is gone",
            severity="MUST",
            source=spec("2025-06-18", "basic/transports", "session-management"),
            remedy="Answer an unknown Mcp-Session-Id with 404: VS Code begins anew for 400 and "
            "404 only.",
            judge=_beginning_again,
        ),
        Check(
            id="persona.vscode.other-slash",
            title="VS Code connects with and without a slash at the end of the URL",
            severity="seed",
            source=Source("learnt in production: a redirect turned POST into GET"),
            remedy="Serve both spellings, or redirect with 307 or 308: VS Code turns POST into GET "
            "after 301 and 302.",
            judge=_at_other_slash,
        ),
        Check(
            id="persona.vscode.browser",
            title="VS Code connects from a page, as on vscode.dev",
            severity="seed",
            source=Source("learnt in production: pages could not read Mcp-Session-Id"),
            remedy="Answer preflights on all routes, allow the headers authorization, "
            "content-type, mcp-protocol-version and mcp-session-id; expose mcp-session-id.",
            judge=_on_the_web,
        ),
    ),
    seconds=60,
)
