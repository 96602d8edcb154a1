"""Secrets where they do not belong: with users, in URLs, in the log."""

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.behind import issued, let_expire, text_tool
from wiretape.replay.conformance.driving.person import known_users, person
from wiretape.replay.conformance.driving.searching import search_log
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.secrets import LONG, in_log, told, within
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable


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
    search_log(stage, issued(stage))


def _secret(evidence: Evidence) -> set[str]:
    """Give the tokens that were issued upstream, and the client's secret."""
    kinds = ("access_token", "refresh_token")
    tokens = {grants.token(turn, kind) for turn in grants.issued(evidence.up) for kind in kinds}
    sent = {turn.parameters.get("client_secret") for turn in grants.requests(evidence.up)}
    return {each for each in tokens | sent if each is not None and len(each) >= LONG}


def _answers(evidence: Evidence) -> Verdict:
    secret = _secret(evidence)
    if not secret or not evidence.down:
        return untestable("no tokens were issued, or no user was answered")
    for turn in evidence.down:
        if within(secret, *told(turn)):
            return unmet(f"a secret is in an answer to a user, {turn.status}", turn)
    return met(f"{len(evidence.down)} answers to users have none of {len(secret)} secrets")


def _urls(evidence: Evidence) -> Verdict:
    secret = _secret(evidence)
    if not secret:
        return untestable("no tokens were issued")
    for turn in evidence.turns:
        if within(secret, turn.url, turn.location or ""):
            return unmet("a secret is in a URL", turn)
    return met(f"{len(evidence.turns)} URLs have none of {len(secret)} secrets")


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
            judge=in_log,
        ),
    ),
)
