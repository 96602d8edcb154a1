"""Whoever comes without a good token is told so, in a way from which clients find where to go."""

from collections.abc import Iterable

from wiretape.recorder.wire import challenge
from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.endpoint import endpoint_turns, media_type
from wiretape.replay.conformance.terms.refusals import beside, served
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_EARLY, _BAD = "no token", "a token that is none"
_PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


async def play(stage: Stage) -> None:
    """Come without a token, as a client and as a browser does, with one that is none, with one."""
    async with client(stage) as user:
        stage.step(_EARLY)
        await user.get()
        await user.get(accept="text/html,*/*;q=0.8")
        refused = await user.say(_PING)
        stage.step(_BAD)
        bad = {"authorization": "Bearer not-a-token-of-anybody"}
        await user.get(**bad)
        await user.say(_PING, **bad)
        stage.step("metadata")
        await user.discover()
        for offer in _bearers(refused.headers.get_list("www-authenticate")):
            if (at := offer.get("resource_metadata")) is not None:
                await user.http.get(at)
        stage.step("a good token")
        await user.login()
        await user.begin()


def _early_get(evidence: Evidence) -> Verdict:
    """405 and 406 say that nobody is given a stream so; 401 says that some are."""
    return _refusals({401, 405, 406}, _early(evidence, "GET"), "GET without a token", evidence)


def _early_post(evidence: Evidence) -> Verdict:
    return _refusals({401}, _early(evidence, "POST"), "POST without a token", evidence)


def _bad_token(evidence: Evidence) -> Verdict:
    turns = [turn for turn in endpoint_turns(evidence, _BAD) if turn.method == "POST"]
    return _refusals({401}, turns, "POST with a token that is none", evidence)


def _refusals(statuses: set[int], turns: list[Turn], what: str, evidence: Evidence) -> Verdict:
    for turn in turns:
        if turn.status not in statuses:
            led = "" if turn.location is None else ", a redirect"
            return unmet(f"{what} was answered {turn.status}{led}", turn)
    if not turns:
        return untestable(f"there was no {what}")
    verdict = met(f"{what} was answered {turns[0].status}", *turns)
    return beside(verdict, served(evidence), "a call with a good token")


def _early(evidence: Evidence, method: str) -> list[Turn]:
    return [
        turn
        for turn in endpoint_turns(evidence)
        if turn.method == method and "authorization" not in turn.sent
    ]


def _get_body(evidence: Evidence) -> Verdict:
    turns = _early(evidence, "GET")
    refused = [turn for turn in turns if turn.status == 401]
    if turns and not refused:
        verdict = met(f"GET without a token was answered {turns[0].status}, for another reason")
        return beside(verdict, served(evidence), "a call with a good token")
    return _json_bodies(refused, "GET")


def _post_body(evidence: Evidence) -> Verdict:
    return _json_bodies([turn for turn in _refused(evidence) if turn.method == "POST"], "POST")


def _json_bodies(refused: list[Turn], method: str) -> Verdict:
    for turn in refused:
        if media_type(turn) != "application/json":
            kind = media_type(turn) or "no content type"
            return unmet(f"a 401 to {method} came with {kind}", turn)
        if "error" not in turn.fields:
            return unmet(f"the body of a 401 to {method} says no error", turn)
    if not refused:
        return untestable(f"no {method} was answered 401")
    return met(f"each 401 to {method} says in JSON what is wrong", *refused)


def _scheme(evidence: Evidence) -> Verdict:
    refused = _refused(evidence)
    for turn in refused:
        if not _bearers(turn.given.all("www-authenticate")):
            there = "www-authenticate" in turn.given
            said = "no Bearer that can be read" if there else "no WWW-Authenticate"
            return unmet(f"a 401 to {turn.method} has {said}", turn)
    if not refused:
        return untestable("nothing was answered 401")
    return met("each 401 offers Bearer", *refused)


def _invalid_token(evidence: Evidence) -> Verdict:
    refused = [turn for turn in _refused(evidence) if turn.bearer is not None]
    for turn in refused:
        errors = {offer.get("error") for offer in _bearers(turn.given.all("www-authenticate"))}
        if errors != {"invalid_token"}:
            told = ", ".join(sorted(error or "none" for error in errors)) or "none"
            return unmet(f"a token was refused with this error in the challenge: {told}", turn)
    if not refused:
        return untestable("no token was refused")
    return met("a token that is refused is called invalid_token", *refused)


def _metadata(evidence: Evidence) -> Verdict:
    refused = _refused(evidence)
    if not refused:
        return untestable("nothing was answered 401")
    linked = {
        at
        for turn in refused
        for offer in _bearers(turn.given.all("www-authenticate"))
        if (at := offer.get("resource_metadata")) is not None
    }
    resource = oauth_turns(evidence.down, "resource metadata")
    if linked:
        found = [turn for turn in evidence.down if turn.url in linked and turn.status is not None]
        if not found:
            return untestable("nobody followed resource_metadata", refused[0])
        good = all(turn.status == 200 and _names_servers(turn) for turn in found)
        said = "names" if good else "does not name"
        return judged(good, f"what resource_metadata leads to {said} who issues tokens", *found)
    told = [
        turn
        for turn in (*resource, *oauth_turns(evidence.down, "server metadata"))
        if turn.status == 200 and (_names_servers(turn) or "token_endpoint" in turn.fields)
    ]
    if told:
        return met("who issues tokens is told at a well-known place", told[0])
    return unmet("neither the challenge nor a well-known place tells who issues tokens", refused[0])


def _names_servers(turn: Turn) -> bool:
    return bool(turn.fields.get("authorization_servers"))


def _refused(evidence: Evidence) -> list[Turn]:
    return [turn for turn in endpoint_turns(evidence) if turn.status == 401]


def _bearers(values: Iterable[str]) -> list[challenge.Challenge]:
    """Give the Bearer challenges of an answer; none if that cannot be read."""
    try:
        return [each for each in challenge.parse(values) if each.scheme.lower() == "bearer"]
    except challenge.ChallengeError:
        return []


_AUTHORIZATION = "basic/authorization"

FAMILY = Family(
    title="Challenges",
    play=play,
    checks=(
        Check(
            id="challenge.get",
            title="GET without a token is refused with 401, not with a page or a redirect",
            severity="MUST",
            source=spec("2025-06-18", _AUTHORIZATION, "error-handling"),
            remedy="Answer 401 before anything else; a login page is for /authorize only.",
            judge=_early_get,
            anywhere=True,
        ),
        Check(
            id="challenge.post",
            title="POST without a token is refused with 401",
            severity="MUST",
            source=spec("2025-06-18", _AUTHORIZATION, "error-handling"),
            remedy="Answer 401 before the body is looked at: clients authorize when they see it.",
            judge=_early_post,
            anywhere=True,
        ),
        Check(
            id="challenge.bad-token",
            title="A token that is none is refused with 401",
            severity="MUST",
            source=spec("2025-06-18", _AUTHORIZATION, "token-handling"),
            remedy="Verify every token; answer 401, not 400, 403 or 500, to one that is not good.",
            judge=_bad_token,
        ),
        Check(
            id="challenge.get-body",
            title="A 401 to GET says in JSON what is wrong",
            severity="seed",
            source=Source("learnt in production: an early 401 to GET had no body"),
            remedy='Answer {"error": "invalid_token", "error_description": …} as application/json.',
            judge=_get_body,
            anywhere=True,
        ),
        Check(
            id="challenge.post-body",
            title="A 401 to POST says in JSON what is wrong",
            severity="SHOULD",
            source=Source("learnt in production: clients show users what a 401 says"),
            remedy="Answer JSON with a member error, as application/json.",
            judge=_post_body,
            anywhere=True,
        ),
        Check(
            id="challenge.scheme",
            title="Each 401 comes with a Bearer challenge that can be read",
            severity="MUST",
            source=rfc(6750, "3"),
            remedy='Send WWW-Authenticate: Bearer …, with commas between name="value".',
            judge=_scheme,
            anywhere=True,
        ),
        Check(
            id="challenge.invalid-token",
            title="The challenge to a bad token has error=invalid_token",
            severity="SHOULD",
            source=rfc(6750, "3.1"),
            remedy='Add error="invalid_token": by it clients know that they are to refresh.',
            judge=_invalid_token,
            anywhere=True,
        ),
        Check(
            id="challenge.metadata",
            title="From a 401 a client finds who issues tokens",
            severity="MUST",
            source=rfc(9728, "5.1"),
            remedy="Put resource_metadata into the challenge, and serve the document there.",
            judge=_metadata,
        ),
    ),
)
