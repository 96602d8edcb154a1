"""Redirects of the MCP endpoint: a slash more, a front that ends TLS, another host."""

from collections.abc import Callable
from functools import partial
from typing import Any

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.person import Person, known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_HERE, _MOVED, _ELSEWHERE = "to the same origin", "as moved", "to another origin"
_PLAIN = "from https to http, at the same host and port"
_KEEPING, _LOSING = {307, 308}, {301, 302}
_SEED = Source("learnt in production: a slash was missing; 307 to http, then 301, then GET: 400")


async def play(stage: Stage) -> None:
    """List tools while the endpoint redirects: to itself, in two ways, elsewhere, and to http."""
    here = stage.service.urls[0]
    others = [each for each in stage.service.origins.local.values() if each != origin(here)]
    led: dict[str, dict[str, Any]] = {
        _HERE: {"to": f"{here}?redirected=1"},
        _MOVED: {"to": f"{here}?moved=1", "status": 301},
    }
    if others:
        led[_ELSEWHERE] = {"to": f"{others[0]}/mcp?elsewhere=1"}
    (name,) = known_users(stage, 1)
    async with person(stage, name) as ada:
        await ada.connect()
        for step, chosen in led.items():
            stage.step(step)
            stage.arm("redirect-elsewhere", times=1, **chosen)
            await ada.tools()
            stage.disarm()
        if stage.target.restartable:
            await _to_http(stage, ada)


async def _to_http(stage: Stage, user: Person) -> None:
    """Have the gateway use https; then it is redirected to http, where all is the same."""
    async with stage.secured() as at:
        try:
            await stage.target.restart(at.url, at.authority.environment)
            stage.step(_PLAIN)
            stage.arm("redirect-elsewhere", times=1, to=f"{at.plain}?plain=1")
            await user.tools()
        finally:
            stage.disarm()
            await stage.target.restart()


def _redirected(evidence: Evidence, statuses: set[int]) -> list[Turn]:
    """Give the POSTs with JSON-RPC that the service redirected so."""
    return [turn for turn in evidence.up if turn.said and turn.status in statuses and turn.location]


def _followed(evidence: Evidence, turn: Turn) -> list[Turn]:
    """Give what was asked where a request was redirected to, after it was; not what others were."""
    at = turn.location
    after, causes = turn.lines[-1], {None, turn.exchange.request.exchange}
    later = (each for each in evidence.up if each.url == at and each.lines[0] > after)
    return [each for each in later if each.exchange.request.cause in causes]


def _kept(evidence: Evidence) -> Verdict:
    found = _redirected(evidence.at(_HERE), _KEEPING)
    for turn in found:
        if origin(turn.location or "") != origin(turn.url):
            continue
        led = _followed(evidence, turn)
        if not led:
            return unmet(f"a POST was answered {turn.status}, and not sent on", turn)
        if led[0].method != "POST" or led[0].asked != turn.asked:
            what = f"{led[0].method} with {'the same' if led[0].asked == turn.asked else 'another'}"
            return unmet(f"a POST was sent on as {what} body", turn, led[0])
        served = evidence.at(_HERE).down
        good = all(each.status in range(200, 300) for each in served)
        return judged(good, "a POST was sent on as POST, with its body", turn, led[0], *served)
    return untestable("the service redirected no POST within its origin")


def _no_get(evidence: Evidence) -> Verdict:
    found = _redirected(evidence, _KEEPING | _LOSING)
    for turn in found:
        for led in _followed(evidence, turn)[:1]:
            if led.method != "POST":
                seen = f"a POST that was answered {turn.status} was sent on as {led.method}"
                return unmet(seen, turn, led)
    if not any(turn.status in _LOSING for turn in found):
        return untestable("the service redirected no POST with 301 or 302")
    return met("no POST was sent on as GET", *found)


def _downgraded(turn: Turn) -> bool:
    """Tell whether a redirect leads from https to http."""
    return origin(turn.url).startswith("https:") and origin(turn.location or "").startswith("http:")


def _away(turn: Turn) -> bool:
    """Tell whether it leads to another origin otherwise."""
    return origin(turn.location or "") != origin(turn.url) and not _downgraded(turn)


def _token_kept(leads: Callable[[Turn], bool], where: str, evidence: Evidence) -> Verdict:
    """Judge what came where redirects of a kind led."""
    found = [turn for turn in _redirected(evidence, _KEEPING | _LOSING | {303}) if leads(turn)]
    for turn in found:
        for led in _followed(evidence, turn):
            if led.bearer is not None:
                seen = f"the token was sent on from {origin(turn.url)} to {origin(led.url)}"
                return unmet(seen, turn, led)
    if not found:
        return untestable(f"the service redirected nothing {where}")
    return met(f"no token was sent on {where}", *found)


FAMILY = Family(
    title="Redirects of the service",
    play=play,
    seconds=120,
    checks=(
        Check(
            id="redirects.same-origin",
            title="A POST that is redirected with 307 within its origin goes on as it was",
            severity="seed",
            source=_SEED,
            remedy="Follow 307 and 308 with method and body; configure the URL as it is served.",
            judge=_kept,
        ),
        Check(
            id="redirects.method",
            title="No redirect makes a GET of a POST",
            severity="seed",
            source=_SEED,
            remedy="Do not follow 301 and 302 of a POST: say so, with where they lead.",
            judge=_no_get,
            anywhere=True,
        ),
        Check(
            id="redirects.token",
            title="No redirect to another origin takes the token along",
            severity="MUST",
            source=Source(
                "RFC 9700, 4.12, and RFC 6750, 5.3",
                "https://www.rfc-editor.org/rfc/rfc9700#section-4.12",
            ),
            remedy="Send tokens to the configured origin only; do not follow redirects from it.",
            judge=partial(_token_kept, _away, "to another origin"),
            anywhere=True,
        ),
        Check(
            id="redirects.downgrade",
            title="No redirect from https to http takes the token along",
            severity="MUST",
            source=rfc(6750, "5.3"),
            remedy="Compare the scheme, too: http at the same host and port is another origin.",
            judge=partial(_token_kept, _downgraded, "from https to http"),
            anywhere=True,
        ),
    ),
)
