"""Registration of clients: what they register as, they are; also after the bridge was restarted."""

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.behind import let_expire
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_POST = "client_secret_post"
_METADATA, _CONFIDENTIAL, _SECRET = "odd metadata", "with a secret", "a wrong secret"
_BEFORE, _AFTER = "before", "after a restart"


async def play(stage: Stage) -> None:
    """Register oddly, and with a secret; then log in, restart the bridge, refresh, authorize."""
    async with client(stage) as user:
        await user.discover()
        stage.step(_METADATA)
        await user.register(redirect_uris="not a list")
        stage.step(_CONFIDENTIAL)
        await user.register(token_endpoint_auth_method=_POST)
        if "client_secret" in user.registered:
            code = await user.code()
            stage.step(_SECRET)
            await user.exchange(code, client_secret="not-" + str(user.registered["client_secret"]))
        stage.step(_BEFORE)
        await user.login()
        if not stage.target.restartable:
            raise StuckError("the bridge was not started here, and is not restarted")
        await stage.target.restart()
        stage.step(_AFTER)
        let_expire(stage)
        await user.refresh()
        await user.exchange(await user.code())


def _answer(evidence: Evidence) -> Verdict:
    for turn in oauth_turns(evidence.down, "registration"):
        if turn.status not in {200, 201}:
            continue
        told = turn.fields
        asked = turn.asked if isinstance(turn.asked, dict) else {}
        lacks = "client_id" not in told or told.get("redirect_uris") != asked.get("redirect_uris")
        good = turn.status == 201 and not lacks
        seen = f"registration was answered {turn.status} with {', '.join(told) or 'no JSON'}"
        return judged(good, seen, turn)
    return untestable("no client was registered")


def _refused(evidence: Evidence) -> Verdict:
    for turn in evidence.at(_METADATA).down:
        known = {"invalid_redirect_uri", "invalid_client_metadata"}
        good = turn.status == 400 and grants.error(turn) in known
        seen = f"a registration with {_METADATA} was {grants.told(turn)}"
        return beside(judged(good, seen, turn), _registered(evidence), "any other")
    return untestable(f"there was no registration with {_METADATA}")


def _authenticated(evidence: Evidence) -> Verdict:
    for turn in evidence.at(_CONFIDENTIAL).down:
        if turn.oauth == "registration" and "client_secret" not in turn.fields:
            none = met("clients that prove themselves by a secret are not registered", turn)
            return beside(none, _registered(evidence), "any other")
    return refusals.refused(evidence, _SECRET, f"the exchange with {_SECRET}", "invalid_client")


def _registered(evidence: Evidence) -> list[Turn]:
    return [turn for turn in oauth_turns(evidence.down, "registration") if turn.member("client_id")]


def _kept(evidence: Evidence) -> Verdict:
    for turn in grants.exchanges(evidence.at(_AFTER).down):
        asked = oauth_turns(evidence.at(_AFTER).down, "authorization")
        seen = "a client from before a restart obtained a code; its exchange was "
        return judged(turn.status == 200, seen + grants.told(turn), *asked, turn)
    asked = oauth_turns(evidence.at(_AFTER).down, "authorization")
    if asked and asked[0].status is not None and asked[0].status >= 400:
        return unmet(f"a client from before a restart was {grants.told(asked[0])}", asked[0])
    return untestable("nobody authorized after a restart")


def _refreshes(evidence: Evidence) -> Verdict:
    for turn in grants.refreshes(evidence.at(_AFTER).down):
        seen = f"a refresh with a token from before a restart was {grants.told(turn)}"
        return judged(turn.status == 200, seen, turn)
    return untestable("there was no refresh after a restart")


def _upstream(evidence: Evidence) -> Verdict:
    """Judge that the bridge is upstream who it was: tokens are bound to who they were issued to."""
    before = oauth_turns(evidence.at(_BEFORE).up, "authorization")
    after = [turn for turn in evidence.at(_AFTER).up if turn.oauth in {"authorization", "token"}]
    anew = oauth_turns(evidence.at(_AFTER).up, "registration")
    if not before or not after:
        return untestable("nothing was asked for upstream before and after a restart")
    if anew:
        return unmet("the bridge registered upstream again after a restart", *anew)
    ids = {grants.client_id(turn) for turn in (*before, *after)}
    seen = f"before and after a restart the bridge is {len(ids)} client{'s' * (len(ids) > 1)}"
    return judged(len(ids) == 1, f"{seen} upstream", *before, *after)


FAMILY = Family(
    title="Registration, and what outlives a restart",
    play=play,
    checks=(
        Check(
            id="registration.answer",
            title="A registration is answered 201 with what was registered",
            severity="MUST",
            source=rfc(7591, "3.2.1"),
            remedy="Answer 201 with client_id and all metadata, as it was registered.",
            judge=_answer,
            anywhere=True,
        ),
        Check(
            id="registration.refused",
            title="A registration that makes no sense is refused with an error code",
            severity="MUST",
            source=rfc(7591, "3.2.2"),
            remedy="Answer 400 with invalid_redirect_uri or invalid_client_metadata.",
            judge=_refused,
        ),
        Check(
            id="registration.secret",
            title="A client that was given a secret has to show it",
            severity="MUST",
            source=rfc(6749, "3.2.1"),
            remedy="Compare the secret at the token endpoint; else answer invalid_client.",
            judge=_authenticated,
        ),
        Check(
            id="registration.kept",
            title="A client is registered still after a restart",
            severity="seed",
            source=Source("learnt in production: the client id that was registered is to be kept"),
            remedy="Store registrations where they outlive the process.",
            judge=_kept,
        ),
        Check(
            id="refresh.kept",
            title="A refresh works with a token from before a restart",
            severity="seed",
            source=Source("learnt in production: users had to log in again after a restart"),
            remedy="Store grants, and the keys of tokens, where they outlive the process.",
            judge=_refreshes,
        ),
        Check(
            id="upstream.registration-kept",
            title="After a restart the bridge is the same client upstream",
            severity="seed",
            source=Source("learnt in production: the client id that was registered is to be kept"),
            remedy="Store the bridge's own registration, and look for it before registering.",
            judge=_upstream,
        ),
    ),
)
