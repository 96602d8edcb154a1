"""Redirects: what is lost on the way (RFC 9110, section 15.4).

A redirect is judged if only the subject has one that loses something, whatever its path.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import Judgement, Pair, Rule
from wiretape.analysis.comparison.values import member
from wiretape.analysis.finding import Finding

_KEEP_THE_METHOD = (307, 308)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _judge(_: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    yield from _alone(subject, pair)


def _alone(subject: Finding, pair: Pair) -> Iterator[Judgement]:
    known = {
        fault
        for id_, finding in pair.others.reference.items()
        if id_.startswith("redirect.")
        for fault in _faults(finding.value)
    }
    for fault in _faults(subject.value):
        if fault not in known:
            yield _FAULTS[fault]


def _faults(value: JsonValue) -> Iterator[str]:
    if member(value, "scheme_downgrade") is True and not _on_this_machine(member(value, "to")):
        yield "downgrade"
    if member(value, "method_changed") is True:
        yield "client" if member(value, "status") in _KEEP_THE_METHOD else "method"
    authorization = member(value, "authorization")
    if isinstance(authorization, str) and authorization in _FAULTS:
        yield authorization


def _on_this_machine(url: JsonValue) -> bool:
    try:
        return urlsplit(str(url)).hostname in _LOOPBACK
    except ValueError:
        return False


_FAULTS = {
    "downgrade": Judgement(
        id="redirect.downgrade",
        severity="breaking",
        title="A redirect leads from https to http",
        why="The SDKs do not follow it; what follows sends the token in the clear.",
        remedy="Let the server behind the proxy know the scheme (`x-forwarded-proto: https`, "
        "`uvicorn --proxy-headers`), or answer at the URL that is asked for.",
        requirement="RFC 9110, section 15.4; RFC 6750, section 5.3",
        clients=("Python SDK", "TypeScript SDK", "VS Code"),
    ),
    "method": Judgement(
        id="redirect.method",
        severity="breaking",
        title="A redirect makes a GET of a POST",
        why="The message that was posted is lost, and the GET is refused.",
        remedy="Redirect with 307 or 308 instead of 301 or 302; or answer at the URL that is "
        "asked for.",
        requirement="RFC 9110, sections 15.4.2 and 15.4.8",
        clients=("VS Code", "Python SDK"),
    ),
    "client": Judgement(
        id="redirect.method-by-client",
        severity="risky",
        title="A client makes a GET of what it posted when it is redirected",
        why="The status tells it to keep the method; with the GET the message is lost all the "
        "same.",
        remedy="Answer at the URL that is asked for, or configure that URL in the client.",
        requirement="RFC 9110, sections 15.4.8 and 15.4.9",
    ),
    "dropped": Judgement(
        id="redirect.authorization-dropped",
        severity="risky",
        title="A redirect leads to where the token is not sent",
        why="Clients do not send their token to another origin, and are refused there.",
        remedy="Answer at the URL that is asked for.",
        requirement="WHATWG Fetch, HTTP-redirect fetch",
    ),
    "leaked": Judgement(
        id="redirect.authorization-leaked",
        severity="risky",
        title="A redirect takes the token to another origin",
        why="Whoever serves that origin gets the token.",
        remedy="Do not redirect to another origin.",
        requirement="RFC 9700, section 4.12; WHATWG Fetch, HTTP-redirect fetch",
    ),
}

RULE = Rule(
    title="Redirects",
    gives=(
        "redirect.authorization-dropped",
        "redirect.authorization-leaked",
        "redirect.downgrade",
        "redirect.method",
        "redirect.method-by-client",
    ),
    judges=("redirect./*",),
    judge=_judge,
    alone=_alone,
    tolerates=("redirect.chains",),
)
