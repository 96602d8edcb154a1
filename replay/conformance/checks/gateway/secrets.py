"""Secrets where they do not belong: with users, in URLs, in the log.

In a recording equal secrets have equal pseudonyms.
"""

from urllib.parse import quote, unquote

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.behind import let_expire, registered, text_tool
from wiretape.replay.conformance.driving.person import known_users, person
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_IN_LOG, _SEARCHED = "in the log", "looked for in the log"
_LONG = 12
"""Characters that a text has at least to be looked for: a shorter one may be there by chance."""


async def play(stage: Stage) -> None:
    """Do what users do, and what goes wrong; then look for secrets in the target's log."""
    tool, argument = text_tool(stage)
    (name,) = known_users(stage, 1)
    async with person(stage, name) as ada:
        await ada.connect()
        await ada.tools()
        let_expire(stage)
        await ada.call(tool, **{argument: "x"})
        for fault in ("unavailable:status=400", "malformed-json", "unauthorized"):
            stage.arm(fault)
            await ada.call(tool, **{argument: "x"})
            stage.disarm()
        told = await ada.consent(await ada.begin())
        stage.arm("token-error")
        await ada.finish(told)
        stage.disarm()
        await ada.connect()
        let_expire(stage)
        for fault in ("token-html", "invalid-grant"):
            stage.arm(fault)
            await ada.call(tool, **{argument: "x"})
            stage.disarm()
        await ada.connect()
        await ada.disconnect()
    _look(stage)


def _look(stage: Stage) -> None:
    if not stage.target.restartable:  # what it logs is not seen here
        return
    state = stage.service.service.world.state
    known = {token: "a token" for token, _ in state.lineages.held()}
    known |= dict.fromkeys(state.codes, "a code")
    known |= {each.secret: "the client's secret" for each in registered(stage) if each.secret}
    log = unquote(stage.target.log.read_text("utf-8", "replace"))
    stage.note(_SEARCHED, f"{len(known)} secrets in {len(log)} characters")
    for what in sorted({known[each] for each in known if len(each) >= _LONG and each in log}):
        stage.note(_IN_LOG, what)


def _secret(evidence: Evidence) -> set[str]:
    """Give the tokens that were issued upstream, and the client's secret."""
    kinds = ("access_token", "refresh_token")
    tokens = {grants.token(turn, kind) for turn in grants.issued(evidence.up) for kind in kinds}
    sent = {turn.parameters.get("client_secret") for turn in grants.requests(evidence.up)}
    return {each for each in tokens | sent if each is not None and len(each) >= _LONG}


def _within(secret: set[str], *texts: str) -> bool:
    return any(each in text or quote(each, "") in text for text in texts for each in secret)


def _answers(evidence: Evidence) -> Verdict:
    secret = _secret(evidence)
    if not secret or not evidence.down:
        return untestable("no tokens were issued, or no user was answered")
    for turn in evidence.down:
        response = turn.exchange.response
        headers = [] if response is None else [value for _, value in response.headers]
        if _within(secret, turn.text, *headers):
            return unmet(f"a secret is in an answer to a user, {turn.status}", turn)
    return met(f"{len(evidence.down)} answers to users have none of {len(secret)} secrets")


def _urls(evidence: Evidence) -> Verdict:
    secret = _secret(evidence)
    if not secret:
        return untestable("no tokens were issued")
    for turn in evidence.turns:
        if _within(secret, turn.url, turn.location or ""):
            return unmet("a secret is in a URL", turn)
    return met(f"{len(evidence.turns)} URLs have none of {len(secret)} secrets")


def _log(evidence: Evidence) -> Verdict:
    found = evidence.noted(_IN_LOG)
    for searched in evidence.noted(_SEARCHED):
        return judged(not found, f"of {searched} there is " + (", ".join(found) or "none"))
    return untestable("nobody looked at the log")


FAMILY = Family(
    title="Secrets where they do not belong",
    play=play,
    checks=(
        Check(
            id="secrets.answers",
            title="No token of the service, and not the client's secret, is told to users",
            severity="MUST",
            source=rfc(6749, "10.3"),
            remedy="Write answers by hand, errors, too, with nothing of what passed upstream.",
            judge=_answers,
            anywhere=True,
        ),
        Check(
            id="secrets.urls",
            title="No token and no secret is in a URL",
            severity="MUST",
            source=rfc(9700, "4.3.2"),
            remedy="Send tokens in the Authorization header, secrets in bodies.",
            judge=_urls,
            anywhere=True,
        ),
        Check(
            id="secrets.log",
            title="No token, code or secret is in the gateway's log",
            severity="MUST",
            source=rfc(6750, "5.3"),
            remedy="Log methods, paths and statuses; no queries, bodies, or headers.",
            judge=_log,
        ),
    ),
)
