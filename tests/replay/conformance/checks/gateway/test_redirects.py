"""What may become of a POST that is redirected."""

import pytest

from play import call, initialize, initialized
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.gateway.redirects import FAMILY
from wiretape.replay.conformance.evidence import Sides
from wiretape.replay.conformance.reading import Whole, sorted_out
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("redirects."): check.judge for check in FAMILY.checks}
MCP = f"{SERVICE}/mcp"
TOKEN = {"authorization": "Bearer a-token"}


class Wide(Trial):
    """All that does not go to the target goes to the service, wherever that is."""

    @property
    def whole(self) -> Whole:
        return sorted_out(self.lines, Sides(frozenset({TARGET})))


def redirected(
    status: int = 307,
    to: str = "/mcp/",
    *,
    method: str | None = "POST",
    token: bool = True,
    same: bool = True,
    served: int = 200,
) -> Trial:
    """A POST that is redirected; without a `method` nobody goes where it leads."""
    trial = Wide()
    trial.step("to the same origin")
    down = trial.request("GET", f"{TARGET}/tools")
    trial.answer(trial.post(MCP, initialize(1), TOKEN), status=status, headers={"location": to})
    if method is not None:
        url = f"{SERVICE}{to}" if to.startswith("/") else to
        said = (initialize(1) if same else call(2, "ping")) if method == "POST" else None
        sent = TOKEN if token else {}
        trial.answer(trial.request(method, url, json=said, headers=sent), initialized(1))
    trial.answer(down, {}, status=served)
    return trial


ELSEWHERE, PLAIN = "https://elsewhere.example/mcp", "http://service.example/mcp"


@pytest.mark.parametrize(
    ("check", "trial", "outcome"),
    [
        ("same-origin", redirected(), "pass"),
        ("same-origin", redirected(308, f"{SERVICE}/mcp/"), "pass"),
        ("same-origin", redirected(method=None, served=502), "fail"),
        ("same-origin", redirected(method="GET"), "fail"),
        ("same-origin", redirected(same=False), "fail"),
        ("same-origin", redirected(served=502), "fail"),
        ("same-origin", redirected(to=ELSEWHERE, method=None), "untestable"),
        ("method", redirected(301, method=None), "pass"),
        ("method", redirected(301), "pass"),
        ("method", redirected(302, method="GET"), "fail"),
        ("method", redirected(307, method="GET"), "fail"),
        ("method", redirected(307), "untestable"),
        ("token", redirected(to=ELSEWHERE, method=None), "pass"),
        ("token", redirected(to=ELSEWHERE, token=False), "pass"),
        ("token", redirected(to=ELSEWHERE), "fail"),
        ("token", redirected(to=PLAIN), "untestable"),
        ("token", redirected(), "untestable"),
        ("downgrade", redirected(to=PLAIN, method=None), "pass"),
        ("downgrade", redirected(to=PLAIN, token=False), "pass"),
        ("downgrade", redirected(302, PLAIN, method="GET"), "fail"),
        ("downgrade", redirected(to=PLAIN), "fail"),
        ("downgrade", redirected(to=ELSEWHERE), "untestable"),
    ],
)
def test_where_a_post_may_go(check: str, trial: Trial, outcome: Outcome) -> None:
    assert JUDGES[check](trial.evidence).outcome == outcome


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_stream_that_is_redirected_at_the_same_time_is_no_post(method: str) -> None:
    trial = Trial()
    trial.step("to the same origin")
    down = trial.request("GET", f"{TARGET}/tools")
    stream, post = trial.request("GET", MCP), trial.post(MCP, initialize(1), TOKEN)
    for each in (stream, post):
        trial.answer(each, status=307, headers={"location": "/mcp/"})
    trial.answer(trial.request("GET", f"{MCP}/", cause=stream), {})
    said = initialize(1) if method == "POST" else None
    cause = post if method == "POST" else None
    trial.answer(trial.request(method, f"{MCP}/", json=said, cause=cause), initialized(1))
    trial.answer(down, {})
    wanted = {"POST": ("pass", "untestable"), "GET": ("fail", "fail")}[method]
    evidence = trial.evidence
    assert tuple(JUDGES[check](evidence).outcome for check in ("same-origin", "method")) == wanted
