"""The callback: only whoever was sent upstream can come back from there, once."""

from functools import partial

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.person import Person, known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.verdict import Verdict, judged, unmet, untestable

_WITHIN = "within"
_FORGED, _NONE, _REPLAYED, _STOLEN = (
    "with a state that is not the gateway's",
    "without a state",
    "for the second time",
    "of another user",
)
_DENIED, _SPENT = "that says access_denied", "with a code that was used"
_SAID = ("denied", "declin", "refus", "reject", "cancel", "not allow", "consent", "not authori")
"""How a user is told that they said no; in small letters."""


async def play(stage: Stage) -> None:
    """Come back with wrong states, with none, twice, as somebody else, and after saying no."""
    one, other = known_users(stage, 2)
    async with person(stage, one) as ada, person(stage, other) as bob:
        for step, forged in {_FORGED: {"state": "c3RhdGUgdGhhdCBub2JvZHkgaGFz"}, _NONE: {}}.items():
            told = await _told(stage, ada)
            told.pop("state", None)
            stage.step(step)
            await ada.finish(told | forged)
        told = await _told(stage, ada)
        await ada.finish(told)
        stage.step(_REPLAYED)
        await ada.finish(told)
        spent = (await _told(stage, ada)) | {"code": told["code"]}
        stage.step(_SPENT)
        await ada.finish(spent)
        told = await _told(stage, ada)
        stage.step(_STOLEN)
        await bob.finish(told)
        stage.arm("access-denied")
        told = await _told(stage, ada)
        stage.step(_DENIED)
        await ada.finish(told)


async def _told(stage: Stage, user: Person) -> dict[str, str]:
    stage.step(_WITHIN)
    return await user.consent(await user.begin())


def _come_back(evidence: Evidence, step: str) -> Turn | None:
    """Give the callback of a step."""
    found = (turn for turn in evidence.at(step).down if turn.oauth == "callback" or turn.query)
    return next(found, None)


def _refused(step: str, evidence: Evidence) -> Verdict:
    """Judge that a way back leads to no tokens, and is told to be wrong."""
    turn = _come_back(evidence, step)
    if turn is None:
        return untestable(f"nobody came back {step}")
    asked = grants.requests(evidence.at(step).up)
    seen = f"a callback {step} was answered {turn.status}"
    if asked:
        return unmet(f"{seen}, and its code was exchanged", turn, *asked)
    verdict = judged((turn.status or 500) < 500, f"{seen}, and its code was not exchanged", turn)
    return beside(verdict, grants.issued(evidence.up), "a right one")


def _spent(evidence: Evidence) -> Verdict:
    turn = _come_back(evidence, _SPENT)
    if turn is None or turn.status is None:
        return untestable(f"nobody came back {_SPENT}")
    asked = grants.requests(evidence.at(_SPENT).up)
    if any(each.status == 200 for each in asked):
        return untestable("the service took a code twice")
    led = turn.location or ""
    good = turn.status in range(400, 600) and turn.status != 500
    good = good or (turn.status in range(300, 400) and ("error" in led or "fail" in led))
    verdict = judged(good, f"a callback {_SPENT} was answered {turn.status}", turn, *asked)
    return beside(verdict, grants.issued(evidence.up), "a right one")


def _denied(evidence: Evidence) -> Verdict:
    turn = _come_back(evidence, _DENIED)
    if turn is None or turn.status is None:
        return untestable(f"nobody came back {_DENIED}")
    asked = grants.requests(evidence.at(_DENIED).up)
    seen = f"a callback {_DENIED} was answered {turn.status}"
    if asked:
        return unmet(f"{seen}, and something was exchanged", turn, *asked)
    words = f"{turn.text} {turn.location}".lower().replace("_", " ")
    if turn.status >= 500:
        return unmet(seen, turn)
    said = any(word in words for word in _SAID)
    return judged(said, f"{seen}, which {'says' if said else 'does not say'} so", turn)


FAMILY = Family(
    title="The callback",
    play=play,
    checks=(
        Check(
            id="callback.forged-state",
            title="A callback with a wrong state is refused, its code not exchanged",
            severity="MUST",
            source=rfc(6749, "10.12"),
            remedy="Look the state up before anything else; refuse what is not there.",
            judge=partial(_refused, _FORGED),
        ),
        Check(
            id="callback.missing-state",
            title="A callback without a state is refused, its code not exchanged",
            severity="MUST",
            source=rfc(6749, "10.12"),
            remedy="Refuse a callback that has no state.",
            judge=partial(_refused, _NONE),
        ),
        Check(
            id="callback.replayed-state",
            title="A state is good once",
            severity="MUST",
            source=rfc(9700, "4.7.1"),
            remedy="Forget a state when it comes back, in one step.",
            judge=partial(_refused, _REPLAYED),
        ),
        Check(
            id="callback.others-state",
            title="A state is good for the user who was sent upstream with it",
            severity="MUST",
            source=rfc(6749, "10.12"),
            remedy="Keep with a state whose it is, and compare with who comes back.",
            judge=partial(_refused, _STOLEN),
        ),
        Check(
            id="callback.spent-code",
            title="A code that the service refuses connects nobody, and is told",
            severity="MUST",
            source=rfc(6749, "4.1.2"),
            remedy="Look at the token endpoint's answer; tell the user to begin again.",
            judge=_spent,
        ),
        Check(
            id="callback.denied",
            title="A user who does not consent is told so",
            severity="SHOULD",
            source=rfc(6749, "4.1.2.1"),
            remedy="Look for error in the callback, and answer with a page of yours, no 5xx.",
            judge=_denied,
        ),
    ),
)
