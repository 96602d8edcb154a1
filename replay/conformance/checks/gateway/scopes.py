"""The scopes that users are sent upstream for: those that there are, and that the tools need."""

from urllib.parse import urlsplit

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.behind import profile
from wiretape.replay.conformance.driving.person import known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.scopes import documented, needed, opens
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable
from wiretape.replay.oauth.scopes import listed, usual

_KNOWN, _TOLD = "scopes of the service", "what tells all of its scopes"
_METADATA, _DOCUMENTATION = "its metadata", "Atlassian's documentation"
_NEEDED = "what its tools do"


async def play(stage: Stage) -> None:
    """Send a user upstream."""
    known = profile(stage)
    stage.note(_KNOWN, " ".join(sorted(listed(known) | usual(known))))
    if listed(known):
        stage.note(_TOLD, _METADATA)
    elif urlsplit(known.endpoints.authorization or "").hostname == "auth.atlassian.com":
        stage.note(_TOLD, _DOCUMENTATION)
        for access, product in needed(known.tools.tool):
            stage.note(_NEEDED, f"{access} {product}")
    (name,) = known_users(stage, 1)
    async with person(stage, name) as ada:
        await ada.consent(await ada.begin())


def _asked(evidence: Evidence) -> list[tuple[Turn, list[str]]]:
    """Give what users are sent upstream for, scopes as RFC 6749, 3.3, has them."""
    asked = [turn for turn in oauth_turns(evidence.up, "authorization") if "scope" in turn.query]
    return [(turn, turn.query["scope"].split(" ")) for turn in asked]


def _known(evidence: Evidence) -> Verdict:
    """Judge each scope by what is known of the service's; some list none, and tell it nowhere."""
    known = {scope for each in evidence.noted(_KNOWN) for scope in each.split()}
    told, asked = evidence.noted(_TOLD), _asked(evidence)
    for turn, scopes in asked:
        for scope in scopes:
            if scope in known or (_DOCUMENTATION in told and documented(scope)):
                continue
            if not told:
                return untestable(f"nothing tells whether the service knows {scope}", turn)
            return unmet(f"a user is sent upstream for {scope!r}, which is not in {told[0]}", turn)
    if not asked or not known:
        return untestable("nobody was sent upstream for a scope")
    turn, scopes = asked[0]
    return met(f"the service knows {' '.join(scopes)}", turn)


def _needed(evidence: Evidence) -> Verdict:
    """Judge whether tokens let the service's tools at what these read and write."""
    wanted, asked = evidence.noted(_NEEDED), _asked(evidence)
    for turn, scopes in asked if wanted else ():
        for what in wanted:
            access, _, product = what.partition(" ")
            if not any(opens(scope, access, product) for scope in scopes):
                return unmet(f"there are tools that {what}, and no scope that lets them", turn)
        return met(f"there is a scope to {', to '.join(wanted)}", turn)
    return untestable("nobody was sent upstream, or it is not known what the tools need")


FAMILY = Family(
    title="Scopes that are asked for",
    play=play,
    checks=(
        Check(
            id="authorize.scopes",
            title="Each scope that is asked for is one of the service's",
            severity="MUST",
            source=rfc(6749, "4.1.2.1"),
            remedy="Spell scopes as the service documents them, with one space between them.",
            judge=_known,
        ),
        Check(
            id="authorize.scopes-needed",
            title="Scopes are asked for that the service's tools need",
            severity="SHOULD",
            source=Source(
                "Atlassian, OAuth 2.0 (3LO) apps",
                "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
            ),
            remedy="Ask for a scope to read, and one to write, each product that tools are about.",
            judge=_needed,
        ),
    ),
)
