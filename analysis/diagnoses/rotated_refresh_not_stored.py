"""A client renews with a refresh token that it has used before, though it was given another.

With rotation every refresh gives a new refresh token, and the old one dies (RFC 9700, section
4.14.2). Equal tokens have equal pseudonyms, so a recording shows which one was sent. Two processes
that share a token may also race, once: then the other one has the new token.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, lines
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.oauth import parameters

_KEPT = 1000
_ERRORS = frozenset({"invalid_grant", "invalid_request", "access_denied", "invalid_token"})


def _exchange(seen: Seen) -> Iterator[Fact]:
    token = parameters(seen.request.body).get("refresh_token")
    if seen.step != "token" or token is None or seen.status is None or deliberate(seen):
        return
    answer, how = parameters(seen.body), (seen.asked.place.recording, seen.request.connection)
    if new := answer.get("refresh_token"):
        if new != token:
            yield Fact(("rotated", seen.route), (seen.evidence, how, token, new), keep=_KEPT)
    elif seen.status in {400, 401, 403} and answer.get("error") in _ERRORS:
        yield Fact(("refused", seen.route), (seen.evidence, how, token), keep=_KEPT)


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (route,), rotated in facts.of("rotated"):
        refused = facts.get("refused", route)
        used = {token for *_, token, _ in rotated.values}
        # Whoever uses the new one has stored it: then two requests only raced.
        old = {
            token: (evidence, how)
            for evidence, how, token, new in rotated.values
            if new not in used
        }
        again = [
            (evidence, how, token)
            for evidence, how, token in (refused.values if refused else ())
            if token in old and old[token][0] < evidence
        ]
        if again:
            same = any(how == old[token][1] for _, how, token in again)
            repeated = any(evidence[0] > again[0][0][-1] for evidence, *_ in again)
            confidence: Confidence = "certain" if same or repeated else "likely"
            yield Diagnosis(
                id="rotated_refresh_not_stored",
                title="The client uses an old refresh token again",
                seen=f"{counted(len(again), 'refresh request')} to {route} refused, with a "
                "token for which an earlier refresh had given a new one, which is never used.",
                cause="The server rotates refresh tokens, and the client goes on with the one it "
                "had: it does not store what a refresh answers, or stores it where another "
                "process does not see it.",
                remedy="After every refresh store the refresh_token of the answer in place of the "
                "old one, in the same step as the access token; let one process refresh at a time.",
                confidence=confidence,
                evidence=lines(
                    *(old[token][0] for *_, token in again), *(each for each, *_ in again)
                ),
                source="RFC 6749, section 6; RFC 9700, section 4.14.2",
            )


DIAGNOSIS = Observer[Diagnosis](
    title="Rotated refresh token not stored",
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
