"""What the token endpoint answers, to good requests and to bad ones."""

from collections.abc import Callable
from functools import partial

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_GRANT, _CLIENT, _TOKEN = (
    "an unknown grant type",
    "an unknown client",
    "an unknown refresh token",
)


async def play(stage: Stage) -> None:
    """Log in and refresh; then ask for tokens with each thing wrong in turn."""
    async with client(stage) as user:
        await user.login()
        await user.refresh()
        stage.step(_GRANT)
        await user.token(grant_type="urn:wiretape:no-such-grant")
        stage.step(_CLIENT)
        await user.refresh(client_id="nobody-has-this-client-id")
        stage.step(_TOKEN)
        await user.refresh(refresh_token="-".join(["nobody", "issued", "this"]))


def _no_store(evidence: Evidence) -> Verdict:
    def wrong(turn: Turn) -> str | None:
        said = turn.given.get("cache-control") or "no Cache-Control"
        return None if "no-store" in said.lower() else said

    return _each(evidence, wrong, "Cache-Control: no-store")


def _type(evidence: Evidence) -> Verdict:
    def wrong(turn: Turn) -> str | None:
        said = turn.fields.get("token_type")
        return None if str(said).lower() == "bearer" else f"token_type {said}"

    return _each(evidence, wrong, "token_type Bearer")


def _expires_in(evidence: Evidence) -> Verdict:
    def wrong(turn: Turn) -> str | None:
        said = turn.fields.get("expires_in")
        return None if type(said) is int and said > 0 else f"expires_in {said}"

    return _each(evidence, wrong, "expires_in in seconds")


def _refresh_token(evidence: Evidence) -> Verdict:
    def wrong(turn: Turn) -> str | None:
        return None if grants.token(turn, "refresh_token") else "no refresh_token"

    if not any(grants.token(turn, "refresh_token") for turn in grants.issued(evidence.up)):
        return untestable("the service behind issued no refresh token")
    return _each(evidence, wrong, "a refresh token")


def _each(evidence: Evidence, wrong: Callable[[Turn], str | None], what: str) -> Verdict:
    """Judge all answers with tokens; `wrong` says what one has instead."""
    answers = grants.issued(evidence.down)
    for turn in answers:
        instead = wrong(turn)
        if instead is not None:
            return unmet(f"tokens were issued with {instead}", turn)
    if not answers:
        return untestable("no tokens were issued to clients")
    return met(f"tokens are issued with {what}", *answers)


def _refused(step: str, errors: tuple[str, ...], evidence: Evidence) -> Verdict:
    return refusals.refused(evidence, step, f"a request with {step}", *errors)


def _grant_type(evidence: Evidence) -> Verdict:
    for turn in evidence.at(_GRANT).down:
        good = turn.status == 400 and grants.error(turn) == "unsupported_grant_type"
        seen = f"a request with {_GRANT} was {grants.told(turn)}"
        return beside(
            judged(good, seen, turn), grants.issued(evidence.down), "one with a known type"
        )
    return untestable(f"there was no request with {_GRANT}")


def _json(evidence: Evidence) -> Verdict:
    """Judge all refusals (RFC 6749, 5.2)."""
    failed = [
        turn
        for turn in grants.requests(evidence.down)
        if turn.status is not None and 400 <= turn.status < 500
    ]
    for turn in failed:
        kind = (turn.given.get("content-type") or "no content type").partition(";")[0]
        if kind.lower() != "application/json" or not isinstance(turn.fields.get("error"), str):
            return unmet(f"a refusal came as {kind}, with {grants.error(turn)}", turn)
    if not failed:
        return untestable("no request for tokens was refused")
    return met("refusals are JSON with an error code", *failed)


FAMILY = Family(
    title="Answers of the token endpoint",
    play=play,
    checks=(
        Check(
            id="token.no-store",
            title="Tokens are not to be cached",
            severity="MUST",
            source=rfc(6749, "5.1"),
            remedy="Answer with Cache-Control: no-store.",
            judge=_no_store,
            anywhere=True,
        ),
        Check(
            id="token.type",
            title="Tokens are of the type Bearer",
            severity="MUST",
            source=rfc(6749, "5.1"),
            remedy="Answer with token_type Bearer, which is required.",
            judge=_type,
            anywhere=True,
        ),
        Check(
            id="token.expires-in",
            title="The answer tells for how long a token is good",
            severity="SHOULD",
            source=rfc(6749, "5.1"),
            remedy="Answer with expires_in, a number of seconds: clients refresh by it.",
            judge=_expires_in,
            anywhere=True,
        ),
        Check(
            id="token.refresh-token",
            title="Clients get a refresh token if the bridge has one",
            severity="seed",
            source=Source("learnt in production: users had to log in again after 55 minutes"),
            remedy="Issue a refresh token of the bridge's own for the service's.",
            judge=_refresh_token,
            anywhere=True,
        ),
        Check(
            id="token.grant-type",
            title="An unknown grant type is refused as that",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Answer 400 with unsupported_grant_type.",
            judge=_grant_type,
        ),
        Check(
            id="token.unknown-client",
            title="A client that is not registered gets no tokens",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Answer 401 with invalid_client: clients then register anew.",
            judge=partial(_refused, _CLIENT, ("invalid_client",)),
        ),
        Check(
            id="token.unknown-token",
            title="A refresh token that is not known is refused with invalid_grant",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Answer 400 with invalid_grant: clients then authorize again.",
            judge=partial(_refused, _TOKEN, ("invalid_grant",)),
        ),
        Check(
            id="token.json-errors",
            title="Refusals are JSON with an error code",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Answer application/json with error, in every case.",
            judge=_json,
            anywhere=True,
        ),
    ),
)
