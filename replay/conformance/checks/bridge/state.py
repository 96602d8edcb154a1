"""The bridge's own state upstream: it ties what comes back to the browser that was sent away."""

from functools import partial

from wiretape.recorder.log.urls import query
from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.behind import sent_back
from wiretape.replay.conformance.driving.client import client, expected
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.terms.states import unguessable
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_FORGED, _NONE, _REPLAYED, _STOLEN = (
    "with a state that is not the bridge's",
    "without a state",
    "for the second time",
    "in another browser",
)
_WITHIN = "within"


async def play(stage: Stage) -> None:
    """Come back from the service with wrong states, with none, twice, and as somebody else."""
    async with client(stage) as user:
        await user.discover()
        expected(await user.register(), "registration")
        stage.step(_WITHIN)
        await user.code()
        for step, forged in {_FORGED: "c3RhdGUgdGhhdCBub2JvZHkgaGFzIG1hZGU", _NONE: None}.items():
            stage.step(_WITHIN)
            url = await sent_back(stage, user)
            told = query(url) | {"state": forged}
            stage.step(step)
            kept = {name: value for name, value in told.items() if value is not None}
            await user.http.get(url.partition("?")[0], params=kept)
        stage.step(_WITHIN)
        url = await sent_back(stage, user)
        await user.http.get(url)
        stage.step(_REPLAYED)
        await user.http.get(url)
        stage.step(_WITHIN)
        url = await sent_back(stage, user)
        async with client(stage) as other:
            stage.step(_STOLEN)
            await other.http.get(url)


def _own(evidence: Evidence) -> Verdict:
    given = {turn.query.get("state") for turn in oauth_turns(evidence.down, "authorization")}
    asked = oauth_turns(evidence.up, "authorization")
    for turn in asked:
        state = turn.query.get("state")
        if state is None or state in given:
            what = "no state" if state is None else "the client's own"
            return unmet(f"the state upstream is {what}", turn)
    if not asked:
        return untestable("nobody was sent upstream to authorize")
    return met("the state upstream is not the client's", *asked)


def _unguessable(evidence: Evidence) -> Verdict:
    return unguessable(oauth_turns(evidence.up, "authorization"))


def _refused(step: str, evidence: Evidence) -> Verdict:
    """Judge that a way back from the service leads no further."""
    at = evidence.at(step)
    for turn in at.down:
        if turn.oauth == "callback" or "code" in turn.query:
            spent = grants.requests(at.up)
            led = "code" in query(turn.location or "")
            seen = f"a callback {step} was answered {turn.status}"
            if spent:
                return unmet(f"{seen}, and its code was exchanged upstream", turn, *spent)
            verdict = judged(not led, f"{seen}, and led to {'a' if led else 'no'} code", turn)
            exchanged = grants.issued(grants.exchanges(evidence.up))
            return beside(verdict, exchanged, "a right one")
    return untestable(f"nobody came back {step}")


FAMILY = Family(
    title="State towards the service",
    play=play,
    checks=(
        Check(
            id="state.own",
            title="The state upstream is the bridge's own, not the client's",
            severity="MUST",
            source=rfc(6749, "10.12"),
            remedy="Make a new state for each authorization upstream; keep the client's with it.",
            judge=_own,
            anywhere=True,
        ),
        Check(
            id="state.unguessable",
            title="The state upstream cannot be guessed",
            severity="MUST",
            source=rfc(6749, "10.10"),
            remedy="Take at least 128 bits from a cryptographic source of randomness.",
            judge=_unguessable,
            anywhere=True,
        ),
        Check(
            id="state.forged",
            title="A callback with a wrong state is refused, its code not exchanged",
            severity="MUST",
            source=rfc(6749, "10.12"),
            remedy="Look the state up before anything else; refuse what is not there.",
            judge=partial(_refused, _FORGED),
        ),
        Check(
            id="state.missing",
            title="A callback without a state is refused, its code not exchanged",
            severity="MUST",
            source=rfc(6749, "10.12"),
            remedy="Refuse a callback that has no state.",
            judge=partial(_refused, _NONE),
        ),
        Check(
            id="state.single-use",
            title="A state is good once",
            severity="MUST",
            source=rfc(9700, "4.7.1"),
            remedy="Forget a state when it comes back, in one step.",
            judge=partial(_refused, _REPLAYED),
        ),
        Check(
            id="state.browser",
            title="A state is good only in the browser in which it was made",
            severity="MUST",
            source=rfc(6749, "10.12"),
            remedy="Set a cookie when the user is sent upstream, and compare it on the way back.",
            judge=partial(_refused, _STOLEN),
        ),
    ),
)
