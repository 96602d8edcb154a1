"""Pages that nobody has heard of: of another origin, or led to the endpoint by a name of their own.

Which origins are valid is the bridge's to say. One that any page may call, because nothing is
authorized by cookies or by being on this machine, says so by CORS; what CORS does not allow, it has
to refuse. Of a page that is led here by DNS (rebinding) the browser takes the answer for one of the
page's own origin, and asks no CORS: there the refusal is all that protects.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.relaying import REBOUND
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.browsing import hidden
from wiretape.replay.conformance.terms.endpoint import endpoint_turns
from wiretape.replay.conformance.verdict import Verdict, judged, met, untestable

_PAGE, _REBOUND = "a page of another origin", "a page by a name of its own"
_FOREIGN = "https://foreign.example"


async def play(stage: Stage) -> None:
    """Call as such pages would, with a token and a session that are good."""
    async with client(stage) as user:
        await user.login()
        await user.begin()
        rebound = urlsplit(user.url)
        name = REBOUND if rebound.port is None else f"{REBOUND}:{rebound.port}"
        for step, at, page in (
            (_PAGE, user.url, _FOREIGN),
            (_REBOUND, rebound._replace(netloc=name).geturl(), f"{rebound.scheme}://{name}"),
        ):
            stage.step(step)
            ping = {"jsonrpc": "2.0", "id": 5, "method": "ping"}
            await user.http.post(at, json=ping, headers=user.headers | {"origin": page})


def _refused(step: str) -> Callable[[Evidence], Verdict]:
    """Judge that such a page is refused, or that CORS allows it."""

    def judge(evidence: Evidence) -> Verdict:
        for turn in endpoint_turns(evidence, step):
            seen = f"{step}, {turn.sent.get('origin')}, was answered {turn.status}"
            if hidden(turn) is None:
                return met(f"{seen}, and CORS allows it", turn)
            refused = turn.status in range(400, 500)
            return judged(refused, f"{seen}, and CORS does not allow it", turn)
        return untestable(f"nobody called as {step}")

    return judge


_WARNING = spec("2025-06-18", "basic/transports", "security-warning")

FAMILY = Family(
    title="Pages that nobody has heard of",
    play=play,
    checks=(
        Check(
            id="request.origin",
            title="A page of another origin is refused, or allowed on purpose",
            severity="SHOULD",
            source=_WARNING,
            remedy="Answer 403 to an Origin that is not allowed; or allow it in CORS, too, if "
            "nothing is authorized by cookies or by being on this machine.",
            judge=_refused(_PAGE),
        ),
        Check(
            id="request.rebinding",
            title="A page that DNS leads here by its own name is refused, or allowed on purpose",
            severity="SHOULD",
            source=_WARNING,
            remedy="Compare Origin with origins that are configured, not with Host: both are the "
            "page's. Refuse a Host that is not the bridge's.",
            judge=_refused(_REBOUND),
        ),
    ),
)
