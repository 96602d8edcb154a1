"""Redirect URIs: users are sent to those that were registered, exactly, and nowhere else."""

from functools import partial

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.client import client, expected
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import refusals
from wiretape.replay.conformance.verdict import Verdict

_REGISTERED, _REGISTERED_ELSEWHERE = "as registered", "as registered elsewhere"
_ELSEWHERE = "https://client.example/callback"


async def play(stage: Stage) -> None:
    """Ask for codes to be sent to other hosts, ports and paths than were registered."""
    async with client(stage) as user:
        await user.discover()
        expected(await user.register(), "registration")
        stage.step(_REGISTERED)
        await user.authorize()
        for step, uri in {
            "another host": "http://127.0.0.1.client.example:9/callback",
            "another path": f"{user.callback}/elsewhere",
            "another query": f"{user.callback}?next=elsewhere",
        }.items():
            stage.step(step)
            await user.authorize(redirect_uri=uri)
        stage.step("registration elsewhere")
        expected(await user.register(redirect_uris=[_ELSEWHERE]), "registration")
        stage.step(_REGISTERED_ELSEWHERE)
        await user.authorize(redirect_uri=_ELSEWHERE)
        stage.step("another port")
        await user.authorize(redirect_uri=_ELSEWHERE.replace("example", "example:8443"))


def _refused(step: str, evidence: Evidence, *, right: str = _REGISTERED) -> Verdict:
    wrong, usual = evidence.at(step).down, evidence.at(right).down
    return refusals.turned_away(wrong, usual, f"a request with {step}")


FAMILY = Family(
    title="Redirect URIs of clients",
    play=play,
    checks=(
        Check(
            id="redirect.host",
            title="Users are not sent to a host that was not registered",
            severity="MUST",
            source=rfc(9700, "4.1.3"),
            remedy="Compare redirect URIs as whole strings; show an error, redirect nowhere.",
            judge=partial(_refused, "another host"),
        ),
        Check(
            id="redirect.path",
            title="Users are not sent to a path that was not registered",
            severity="MUST",
            source=rfc(9700, "4.1.3"),
            remedy="Compare redirect URIs as whole strings, not by how they begin.",
            judge=partial(_refused, "another path"),
        ),
        Check(
            id="redirect.query",
            title="Users are not sent to a URI with a query that was not registered",
            severity="MUST",
            source=rfc(9700, "4.1.3"),
            remedy="Compare redirect URIs as whole strings, with their query.",
            judge=partial(_refused, "another query"),
        ),
        Check(
            id="redirect.port",
            title="Users are not sent to a port that was not registered, but on loopback",
            severity="MUST",
            source=rfc(9700, "4.1.3"),
            remedy="Let the port vary for loopback addresses only (RFC 8252, 7.3).",
            judge=partial(_refused, "another port", right=_REGISTERED_ELSEWHERE),
        ),
    ),
)
