"""Codes: each is good once, for the client that it was issued to, with its redirect URI."""

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.client import client, expected
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_BEFORE, _AGAIN, _AFTER = "before", "again", "after"
_ELSEWHERE, _OTHERS = "elsewhere", "another's"


async def play(stage: Stage) -> None:
    """Use a code twice, use one with another redirect URI, and one of another client."""
    async with client(stage) as user:
        await user.discover()
        expected(await user.register(), "registration")
        stage.step(_ELSEWHERE)
        await user.exchange(await user.code(), redirect_uri=f"{user.callback}/elsewhere")
        stage.step("another client's code")
        code = await user.code()
        mine = user.registered
        expected(await user.register(), "registration")
        stage.step(_OTHERS)
        await user.exchange(code)
        user.registered = mine
        stage.step("once")
        code = await user.code()
        expected(await user.exchange(code), "the exchange of the code")
        stage.step(_BEFORE)
        await user.refresh()
        stage.step(_AGAIN)
        await user.exchange(code)
        stage.step(_AFTER)
        await user.refresh()


def _single_use(evidence: Evidence) -> Verdict:
    return refusals.refused(evidence, _AGAIN, "the second use of a code", "invalid_grant")


def _reuse_revokes(evidence: Evidence) -> Verdict:
    for turn in grants.refreshes(evidence.at(_AFTER).down):
        seen = f"a refresh, after its code had come twice, was {grants.told(turn)}"
        before = grants.issued(grants.refreshes(evidence.at(_BEFORE).down))
        return beside(judged(turn.status == 400, seen, turn), before, "a refresh before that")
    return untestable("there was no refresh after the code's second use")


def _redirect_uri(evidence: Evidence) -> Verdict:
    what = "the exchange with another redirect_uri"
    return refusals.refused(evidence, _ELSEWHERE, what, "invalid_grant", "invalid_request")


def _client(evidence: Evidence) -> Verdict:
    what = "the exchange of another client's code"
    return refusals.refused(evidence, _OTHERS, what, "invalid_grant", "invalid_client")


FAMILY = Family(
    title="Authorization codes",
    play=play,
    checks=(
        Check(
            id="code.single-use",
            title="A code is good once",
            severity="MUST",
            source=rfc(6749, "4.1.2"),
            remedy="Forget a code when it comes, in one step; then answer invalid_grant.",
            judge=_single_use,
        ),
        Check(
            id="code.reuse-revokes",
            title="What was issued for a code is revoked if the code comes again",
            severity="SHOULD",
            source=rfc(6749, "4.1.2"),
            remedy="Remember for a while which grant a code led to, and end it.",
            judge=_reuse_revokes,
        ),
        Check(
            id="code.redirect-uri",
            title="A code is not exchanged with another redirect URI",
            severity="MUST",
            source=rfc(6749, "4.1.3"),
            remedy="Compare redirect_uri with the authorization request's; else invalid_grant.",
            judge=_redirect_uri,
        ),
        Check(
            id="code.client",
            title="A code is not exchanged by another client",
            severity="MUST",
            source=rfc(6749, "4.1.3"),
            remedy="Keep with the code which client it is for, and compare.",
            judge=_client,
        ),
    ),
)
