"""What is asked of a target with a real SDK as its client; the same of each SDK.

The driver's steps are: `connects`, `refreshes`, `asks again` and `comes back`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.ending import end_grant
from wiretape.replay.conformance.driving.sdk import driven
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.going_on import went_on
from wiretape.replay.conformance.terms.grants import issued
from wiretape.replay.conformance.terms.renewals import asked_again
from wiretape.replay.conformance.terms.talks import answered
from wiretape.replay.conformance.verdict import Verdict, unmet, untestable

_CONNECTS, _REFRESHES, _RETURNS, _ENDED = "connects", "refreshes", "comes back", "asks again"


def persona(
    name: str, who: str, url: str, driver: str, usual: Callable[[Stage], tuple[str, ...]]
) -> Family:
    """Make a persona of an SDK that is driven by the program `driver`.

    `usual` gives its command, if the settings have none; it raises StuckError if what that needs is
    missing. `url` is where the SDK's source is.
    """

    async def play(stage: Stage) -> None:
        command = stage.config.personas.commands.get(name) or usual(stage)

        def ended() -> Mapping[str, Any]:
            return {"spoil": end_grant(stage)}

        await driven(stage, driver, command, {_ENDED: ended})

    source = Source(who, url)
    return Family(
        title=f"{who} as a client",
        play=play,
        seconds=90,
        checks=(
            Check(
                id=f"persona.{name}.connects",
                title=f"{who} connects, lists tools and calls one, and asks the user once",
                severity="MUST",
                source=source,
                remedy="Follow the lines to the first answer that it could not use.",
                judge=partial(_connecting, who),
            ),
            Check(
                id=f"persona.{name}.refreshes",
                title=f"{who} refreshes without asking the user",
                severity="MUST",
                source=source,
                remedy="Issue a refresh token with every access token that expires, and take it.",
                judge=partial(_refreshing, who),
            ),
            Check(
                id=f"persona.{name}.comes-back",
                title=f"{who} comes back later with what it has kept, without asking the user",
                severity="MUST",
                source=source,
                remedy="Keep registrations and grants: they outlive sessions.",
                judge=partial(_returning, who),
            ),
            Check(
                id=f"persona.{name}.re-authorizes",
                title=f"{who} asks the user again when the service has ended the grant",
                severity="MUST",
                source=rfc(6749, "5.2"),
                remedy="Answer the refresh with 400 invalid_grant, and let the same client "
                "authorize.",
                judge=partial(_asking_again, who),
            ),
        ),
    )


def _connecting(who: str, evidence: Evidence) -> Verdict:
    at = evidence.at(_CONNECTS)
    asked = oauth_turns(at.down, "registration")
    if answered(at.down, "tools/call") and len(asked) > 1:
        return unmet(f"{who} registered {len(asked)} times", *asked)
    begun = [
        turn for turn in oauth_turns(at.down, "authorization") if "response_type" in turn.query
    ]
    if len(begun) > 1:
        return unmet(f"{who} asked the user {len(begun)} times", *begun)
    return went_on(at, who, "it connected")


def _refreshing(who: str, evidence: Evidence) -> Verdict:
    at = evidence.at(_REFRESHES)
    if at.down and not issued(evidence.at(_CONNECTS).down):
        return untestable(f"{who} needed no token, so that it has none to refresh")
    return _undisturbed(who, at)


def _returning(who: str, evidence: Evidence) -> Verdict:
    return _undisturbed(who, evidence.at(_RETURNS))


def _undisturbed(who: str, at: Evidence) -> Verdict:
    asked = oauth_turns(at.down, "authorization")
    if asked:
        return unmet(f"{who} had to ask the user again", *asked)
    return went_on(at, who, "it went on without asking the user")


def _asking_again(who: str, evidence: Evidence) -> Verdict:
    return asked_again(evidence.at(_ENDED), who)
