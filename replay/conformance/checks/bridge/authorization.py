"""The authorization endpoint towards clients: whom it answers, and how they know their answer."""

from wiretape.recorder.log.urls import query
from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.client import client, expected
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.verdict import Verdict, judged, met, untestable

_KNOWN, _UNKNOWN, _TYPE, _STATE, _SCOPES = (
    "known client",
    "unknown client",
    "response type",
    "state",
    "scopes",
)
_GIVEN = "a state/with+all & that=needs%20quoting~"
_PLAIN = "plain"


async def play(stage: Stage) -> None:
    """Authorize as nobody knows who, for no code, with an odd state, and for all that is listed."""
    async with client(stage) as user:
        server = await user.discover()
        expected(await user.register(), "registration")
        stage.step(_KNOWN)
        await user.authorize()
        stage.step(_UNKNOWN)
        await user.authorize(client_id="nobody-has-this-client-id")
        stage.step(_TYPE)
        await user.authorize(response_type="token")
        stage.step(_PLAIN)
        verifier = "a-verifier-that-everybody-can-read-as-it-is-the-challenge"
        await user.authorize(code_challenge=verifier, code_challenge_method="plain")
        stage.step(_STATE)
        await user.browse(await user.authorize(state=_GIVEN))
        stage.step(_SCOPES)
        listed = server.get("scopes_supported")
        asked = " ".join(map(str, listed)) if isinstance(listed, list) else None
        await user.browse(await user.authorize(scope=asked))


def _unknown_client(evidence: Evidence) -> Verdict:
    wrong, right = evidence.at(_UNKNOWN).down, evidence.at(_KNOWN).down
    return refusals.turned_away(wrong, right, "a request of a client that nobody knows")


def _response_type(evidence: Evidence) -> Verdict:
    """An error may be in the fragment, where a token would have been (RFC 6749, 4.2.2.1)."""
    for turn in oauth_turns(evidence.at(_TYPE).down, "authorization"):
        led = turn.location or ""
        told = (query(f"?{led.partition('#')[2]}") | query(led)).get("error")
        good = turn.status == 400 or told in {"unsupported_response_type", "unauthorized_client"}
        seen = f"response_type=token was answered {turn.status}, {told or 'no error code'}"
        return beside(judged(good, seen, turn), _led_on(evidence), "a right request")
    return untestable("authorization with another response type was not asked for")


def _plain(evidence: Evidence) -> Verdict:
    for turn in oauth_turns(evidence.at(_PLAIN).down, "authorization"):
        good = turn.status == 400 or "error=invalid_request" in (turn.location or "")
        seen = f"a challenge by plain was answered {turn.status}"
        return beside(judged(good, seen, turn), _led_on(evidence), "one by S256")
    return untestable("authorization with a plain challenge was not asked for")


def _led_on(evidence: Evidence) -> list[Turn]:
    return grants.led_on(evidence.at(_KNOWN).down)


def _state(evidence: Evidence) -> Verdict:
    """Judge that the state comes back as it was given; both are shown as equal pseudonyms."""
    at = evidence.at(_STATE).down
    for asked in oauth_turns(at, "authorization"):
        given = asked.query.get("state")
        for turn in _answers(at):
            back = query(turn.location or "").get("state")
            seen = "the state came back " + ("unchanged" if back == given else f"as {back}")
            return judged(back == given, seen, asked, turn)
    return untestable("no code was obtained with a state")


def _issuer(evidence: Evidence) -> Verdict:
    for document in oauth_turns(evidence.down, "server metadata"):
        if document.status != 200:
            continue
        if document.fields.get("authorization_response_iss_parameter_supported") is not True:
            return met("the metadata does not promise iss", document)
        for turn in _answers(evidence.at(_STATE).down):
            told = query(turn.location or "").get("iss")
            good = told == document.fields.get("issuer")
            return judged(good, f"the answer to the client names the issuer {told}", document, turn)
    return untestable("no code was obtained, or no metadata was found")


def _scopes(evidence: Evidence) -> Verdict:
    for turn in _answers(evidence.at(_SCOPES).down):
        told = query(turn.location or "")
        good = "code" in told
        seen = "a request for all scopes that are listed led to "
        return judged(good, seen + ("a code" if good else str(told.get("error"))), turn)
    return untestable("a request for the scopes that are listed was not answered")


def _answers(turns: tuple[Turn, ...]) -> list[Turn]:
    """Give the turns that lead back to a client (RFC 6749, 4.1.2)."""
    callbacks = {turn.query.get("redirect_uri") for turn in oauth_turns(turns, "authorization")}
    return [turn for turn in turns if (turn.location or "").partition("?")[0] in callbacks]


FAMILY = Family(
    title="Authorization towards clients",
    play=play,
    checks=(
        Check(
            id="authorization.unknown-client",
            title="A client that is not registered is refused without a redirect",
            severity="MUST",
            source=rfc(6749, "4.1.2.1"),
            remedy="Show an error on a page: it is not known where the user may be sent.",
            judge=_unknown_client,
        ),
        Check(
            id="authorization.response-type",
            title="Only codes are given",
            severity="MUST",
            source=rfc(6749, "4.1.2.1"),
            remedy="Answer error=unsupported_response_type for anything but response_type=code.",
            judge=_response_type,
        ),
        Check(
            id="authorization.state",
            title="A client gets its state back as it was",
            severity="MUST",
            source=rfc(6749, "4.1.2"),
            remedy="Keep the client's state as it came, and encode it anew in the redirect.",
            judge=_state,
        ),
        Check(
            id="authorization.issuer",
            title="The answer to a client names the issuer, if that is promised",
            severity="MUST",
            source=rfc(9207, "2"),
            remedy="Add iss, equal to the metadata's issuer, to codes and to errors.",
            judge=_issuer,
        ),
        Check(
            id="authorization.scopes",
            title="The scopes that are listed can be asked for",
            severity="SHOULD",
            source=rfc(8414, "2"),
            remedy="List in scopes_supported what clients may ask for, and no more.",
            judge=_scopes,
        ),
        Check(
            id="pkce.plain",
            title="A challenge that is the verifier itself is refused",
            severity="SHOULD",
            source=rfc(9700, "2.1.1"),
            remedy="Take S256 only: who sees the request of plain has the verifier.",
            judge=_plain,
        ),
    ),
)
